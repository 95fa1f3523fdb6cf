"""The simulation's driver: the same transactions on the same SQLite, in the loop's own thread.

With seams for what disks do: time passing around a transaction, and a COMMIT that fails. What it
does not cover (threads, fsync) is the business of tests/contracts and the real process.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio

from syncd.domain.errors import StoreError
from syncd.ports.driver import Answers, BoundStatement, Dialect
from syncd.runtime import sqlite_transaction


class InlineDriver:
    """Runs transactions on one file, one after the other, in the order they were asked for.

    `before_commit` may raise (StoreFull, StoreError) to make that COMMIT fail. `latency_s` is
    drawn and slept before a transaction runs, and before a write answers, so that a death can
    strike on either side of the commit.
    """

    def __init__(
        self,
        path: Path,
        *,
        before_commit: Callable[[], None] | None = None,
        latency_s: Callable[[], float] | None = None,
    ) -> None:
        # A dead process leaves the page cache behind, and the simulation kills processes, not
        # machines: fsync would cost time and prove nothing.
        # Its salts are counted: they hide nothing here, and one seed must give one file.
        salts = itertools.count()
        self._connection = sqlite_transaction.connect(
            path,
            busy_timeout_s=0.0,
            synchronous="OFF",
            chance=lambda n_bytes: next(salts).to_bytes(n_bytes, "big"),
        )
        self._before_commit = before_commit
        self._latency_s = latency_s
        self._turn = anyio.Lock(fast_acquire=True)
        self._is_closed = False

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements in one write transaction; see `ports.driver`."""
        return await self._run(
            lambda: sqlite_transaction.write(self._open, statements, self._before_commit)
        )

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements against one consistent snapshot; see `ports.driver`."""
        with anyio.CancelScope(shield=True):
            async with self._turn:
                await self._let_time_pass()
                answers = sqlite_transaction.read(self._open, statements)
        return answers

    @property
    def dialect(self) -> Dialect:
        """SQLite's; see `ports.driver`."""
        return "sqlite"

    @property
    def has_reserve(self) -> bool:
        """Its disk is as full as `before_commit` says, whatever is kept back."""
        return True

    @property
    def log_bytes(self) -> int:
        """Nobody looks at its log."""
        return 0

    async def close(self) -> None:
        """Let go of the file. Idempotent."""
        self.drop()

    def drop(self) -> None:
        """The process is gone, and the kernel closes its file. Idempotent."""
        self._is_closed = True
        self._connection.close()

    @property
    def _open(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreError("the store is closed: its driver was used after close()")
        return self._connection

    async def _run(self, transaction: Callable[[], Answers]) -> Answers:
        with anyio.CancelScope(shield=True):
            async with self._turn:
                await self._let_time_pass()
                answers = transaction()
            await self._let_time_pass()
        return answers

    async def _let_time_pass(self) -> None:
        if self._latency_s is not None:
            await asyncio.sleep(self._latency_s())  # as anyio's, without its look-ups

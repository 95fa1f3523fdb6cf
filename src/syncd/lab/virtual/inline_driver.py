"""The simulation's driver: the same transactions on the same SQLite, in the loop's own thread.

With seams for what disks do: time passing around a transaction, and a COMMIT that fails. What it
does not cover (threads, fsync) is the business of tests/contracts and the real process.

    file = OpenFile(path)                 # opened once
    driver = InlineDriver(file)           # a process after another has it
    driver.drop()                         # killed: what was committed stays
    driver = InlineDriver(file)
    file.close()                          # before somebody puts another file in its place
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


class OpenFile:
    """A store's file, opened when first asked for and kept open from one process to the next.

    A simulated day starts dozens of processes on one file: what SQLite has read of its schema and
    prepared for one serves the next. No process is killed within a transaction, so none is found
    open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._salts = itertools.count()

    def begin(self) -> sqlite3.Connection:
        """The connection, for one more process."""
        # Salts are counted, from the start in each process: they hide nothing here, and one seed
        # must give one file.
        self._salts = itertools.count()
        if self._connection is None:
            # A dead process leaves the page cache behind, and the simulation kills processes, not
            # machines: fsync would cost time and prove nothing.
            self._connection = sqlite_transaction.connect(
                self._path,
                busy_timeout_s=0.0,
                synchronous="OFF",
                chance=lambda n_bytes: next(self._salts).to_bytes(n_bytes, "big"),
            )
        assert not self._connection.in_transaction, "a process has left a transaction open"
        return self._connection

    def close(self) -> None:
        """Let go of the file; whoever asks next opens what stands there then. Idempotent."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class InlineDriver:
    """Runs transactions on one file, one after the other, in the order they were asked for.

    A path is opened for this driver alone; an `OpenFile` stays open after it.

    `before_commit` may raise (StoreFull, StoreError) to make that COMMIT fail. `latency_s` is
    drawn and slept before a transaction runs, and before a write answers, so that a death can
    strike on either side of the commit.
    """

    def __init__(
        self,
        file: Path | OpenFile,
        *,
        before_commit: Callable[[], None] | None = None,
        latency_s: Callable[[], float] | None = None,
    ) -> None:
        self._is_alone = isinstance(file, Path)
        self._file = OpenFile(file) if isinstance(file, Path) else file
        self._connection = self._file.begin()
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
        if self._is_alone:
            self._file.close()

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

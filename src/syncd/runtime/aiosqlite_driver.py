"""The real store's driver: SQLite in two threads of its own, one that writes and one that reads.

A transaction is one function run in the thread: one hop, however many statements it has. What
waits for the writer when its turn comes is committed together: one wait for the disk for all. Made
by `bootstrap`; the simulation's counterpart is `lab.virtual.inline_driver`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite
import anyio

from syncd.domain.errors import StoreError, StoreFull
from syncd.ports.driver import Answers, BoundStatement, Dialect
from syncd.runtime import sqlite_transaction, store_files
from syncd.runtime.store_files import OpenFiles

T = TypeVar("T")

# What the biggest transaction needs when the disk is full: a call's bytes (3.5 MB at most), its
# intents, and the same again in the WAL.
BALLAST_BYTES = 8 * 2**20
CHECKPOINT_EVERY_S = 15.0
"""SQLite does so by itself after 1,000 pages, which a quiet office writes in days."""
MOST_TOGETHER = 32
"""Transactions under one COMMIT; the first of them is answered no sooner than the last."""
# The ballast is laid again only where it leaves others room to breathe.
_ROOM_BEFORE_BALLAST = 4


class Ballast:
    """Reserved space beside the store, given up when the disk is full.

    So that tokens and intents already spent still reach the disk (a refreshed token only in memory
    is lost with the process).
    """

    def __init__(self, path: Path, size_bytes: int = BALLAST_BYTES) -> None:
        self._path = path
        self._size_bytes = size_bytes
        self._is_laid = False

    @property
    def is_laid(self) -> bool:
        """Whether the space is reserved now."""
        return self._is_laid

    def lay(self) -> None:
        """Reserve the space unless it is reserved, or the disk has too little left to share."""
        if self._is_laid:
            return
        try:
            if self._path.exists() and self._path.stat().st_size == self._size_bytes:
                self._is_laid = True
                return
            if shutil.disk_usage(self._path.parent).free < _ROOM_BEFORE_BALLAST * self._size_bytes:
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            file = os.open(self._path, flags, store_files.MODE)
            try:
                os.posix_fallocate(file, 0, self._size_bytes)
            finally:
                os.close(file)
            self._is_laid = True
        except OSError:
            # Tried again after the next commit; a store without ballast is still a store.
            self._remove()

    def give_up(self) -> bool:
        """Free the space; False when there was none to free."""
        if not self._is_laid:
            return False
        self._is_laid = False
        return self._remove()

    def _remove(self) -> bool:
        """What cannot be removed is left: transactions that have ended are told how they ended."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return False
        return True


@dataclass(slots=True, eq=False)
class _Waiting:
    """A transaction on its way to the writer's thread, and how it ended there."""

    statements: Sequence[BoundStatement]
    end: Answers | Exception | None = None


class AiosqliteDriver:
    """Runs transactions on one file. Open with `open_driver`, end with `close`."""

    def __init__(
        self, *, writer: _Thread, reader: _Thread, ballast: Ballast, files: OpenFiles
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._ballast = ballast
        self._files = files
        self._checkpointed_s = time.monotonic()
        self._waiting: deque[_Waiting] = deque()

    async def start(self) -> None:
        """Start both threads and lay the ballast; done by `open_driver`."""
        await self._writer.start()
        await self._reader.start()
        self._ballast.lay()

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements in one write transaction; see `ports.driver`.

        On a full disk the ballast is given up and the transaction run once more.
        """
        self._writer.check_open()
        one = _Waiting(statements)
        self._waiting.append(one)

        def transaction(connection: sqlite3.Connection) -> Answers:
            if one.end is None:
                self._commit_waiting(connection)
            if isinstance(one.end, Exception):
                raise one.end
            assert one.end is not None, "the thread takes what waits in the order it came"
            return one.end

        return await self._writer.run(transaction)

    def _commit_waiting(self, connection: sqlite3.Connection) -> None:
        """Commit what waits, the longest first; called in the writer's thread."""
        count = min(len(self._waiting), MOST_TOGETHER)
        group = [self._waiting.popleft() for _ in range(count)]
        self._end(connection, group)
        full = [one for one in group if isinstance(one.end, StoreFull)]
        if full and self._ballast.give_up():
            self._end(connection, full)
        elif any(isinstance(one.end, tuple) for one in group):
            self._ballast.lay()
            self._checkpoint(connection)

    def _end(self, connection: sqlite3.Connection, group: Sequence[_Waiting]) -> None:
        transactions = [one.statements for one in group]
        ends = sqlite_transaction.write_together(connection, transactions, self._files.check)
        for one, end in zip(group, ends, strict=True):
            one.end = end

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements against one consistent snapshot; see `ports.driver`."""
        return await self._reader.run(
            lambda connection: sqlite_transaction.read(connection, statements)
        )

    @property
    def dialect(self) -> Dialect:
        """SQLite's; see `ports.driver`."""
        return "sqlite"

    @property
    def has_reserve(self) -> bool:
        """Whether the ballast lies there; see `ports.driver`."""
        return self._ballast.is_laid

    @property
    def log_bytes(self) -> int:
        """How long the log is; see `ports.driver`."""
        return self._files.log_bytes

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        """Now and then bring the log into the file, so that the file alone is never far behind.

        And give back what retention has freed.
        """
        if time.monotonic() - self._checkpointed_s >= CHECKPOINT_EVERY_S:
            self._checkpointed_s = time.monotonic()
            sqlite_transaction.give_back(connection)
            sqlite_transaction.checkpoint(connection)

    async def close(self) -> None:
        """Let go of the file. Idempotent."""
        with anyio.CancelScope(shield=True):
            await self._reader.close()
            await self._writer.close()


class _Thread:
    """One SQLite connection and the aiosqlite thread it lives in."""

    def __init__(self, sqlite: sqlite3.Connection) -> None:
        self._sqlite: sqlite3.Connection | None = sqlite
        self._connection = aiosqlite.Connection(lambda: sqlite, iter_chunk_size=64)

    async def start(self) -> None:
        with anyio.CancelScope(shield=True):
            await self._connection

    def check_open(self) -> sqlite3.Connection:
        """Raises StoreError after `close`."""
        if self._sqlite is None:
            raise StoreError("the store is closed: its driver was used after close()")
        return self._sqlite

    async def run(self, transaction: Callable[[sqlite3.Connection], T]) -> T:
        sqlite = self.check_open()
        # aiosqlite's public methods hop into the thread once per statement, which costs 7 to 30
        # times as much. `_execute` runs any function there; it is private, and guarded by
        # test_aiosqlite_driver.py::test_execute_runs_a_function_in_the_thread.
        # It is handed a closure: aiosqlite logs a function's bound arguments at debug level.
        execute = cast(
            "Callable[[Callable[[], T]], Awaitable[T]]",
            self._connection._execute,  # noqa: SLF001  (above)
        )
        # The thread ends what it has begun whoever waits for it. The shield makes the caller wait
        # too, so that "cancelled" is never said of a transaction that was committed.
        with anyio.CancelScope(shield=True):
            answer = await execute(lambda: transaction(sqlite))
        return answer  # noqa: RET504  (mypy: a cancel scope may swallow, so no return inside)

    async def close(self) -> None:
        if self._sqlite is not None:
            self._sqlite = None
            await self._connection.close()


async def open_driver(
    path: Path, *, busy_timeout_s: float = 5.0, ballast_bytes: int = BALLAST_BYTES
) -> AiosqliteDriver:
    """Open (or make) the store's file, with synchronous=FULL. Raises StoreError.

    The caller holds the store's lock (`runtime.store_lock`).
    """
    ballast = Ballast(path.with_name(path.name + store_files.BALLAST), ballast_bytes)
    store_files.make(path)

    def connect(*, is_reader: bool) -> sqlite3.Connection:
        return sqlite_transaction.connect(
            path, busy_timeout_s=busy_timeout_s, synchronous="FULL", is_reader=is_reader
        )

    # The file is opened here, not in the threads: when that fails, aiosqlite leaves a thread behind
    # that answers into a loop which may be gone by then. The writer comes first: it makes the file.
    writer = connect(is_reader=False)
    try:
        reader = connect(is_reader=True)
    except StoreError:
        writer.close()
        raise
    driver = AiosqliteDriver(
        writer=_Thread(writer), reader=_Thread(reader), ballast=ballast, files=OpenFiles(path)
    )
    await driver.start()
    return driver

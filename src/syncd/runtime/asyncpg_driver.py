"""The store's driver on PostgreSQL: one connection that writes, and some that read.

What waits for the writer when its turn comes is committed together, as `runtime.aiosqlite_driver`
does; other processes on the same database wait for the store's lock. A connection that was lost is
made again, and what was not committed is run again: a transaction is a value. Opened through
`runtime.postgresql_store`, for asyncpg is an extra.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf

import anyio

from syncd.domain.errors import LeaseLost, StoreError, StoreUnreachable
from syncd.ports.driver import Answers, BoundStatement, Dialect
from syncd.runtime import postgresql_session, postgresql_transaction
from syncd.runtime.postgresql_errors import Interrupted
from syncd.runtime.postgresql_session import Address, Session
from syncd.runtime.postgresql_transaction import EndUnknown

MOST_TOGETHER = 32
"""Transactions under one COMMIT; the first of them is answered no sooner than the last."""
MOST_TRIES = 3
"""How often a transaction is run that a lost connection, or the server, has undone."""
HURRIED_S = 3.0
"""A server that does not answer for so long, once an end was asked for, is waited for no more."""
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0


@dataclass(slots=True, eq=False)
class _Waiting:
    """A transaction on its way to the writer, and how it ended there."""

    statements: Sequence[BoundStatement]
    fence: int | None = None
    end: Answers | Exception | None = None


class AsyncpgDriver:
    """Runs transactions on one database. Made by `postgresql_store.open_driver`."""

    def __init__(self, address: Address, *, readers: int, patience_s: float) -> None:
        self._address = address
        self._patience_s = patience_s
        self._waiting: deque[_Waiting] = deque()
        self._turn = anyio.Lock(fast_acquire=True)
        self._writer: Session | None = None
        self._readers: list[Session] = []
        self._room = anyio.Semaphore(readers, max_value=readers, fast_acquire=True)
        self._n_readers = readers
        self._is_closed = False
        self._was_there = False
        self._hurried = anyio.Event()
        self._begun: set[anyio.CancelScope] = set()
        self._is_given_up = False

    async def start(self) -> None:
        """Connect the writer, so that what is wrong with the address is said at once."""
        self._writer = await self._connected(is_reader=False)

    def hurry(self) -> None:
        """An end was asked for; see `ports.driver`."""
        self._hurried.set()
        latest = anyio.current_time() + HURRIED_S
        for scope in self._begun:
            scope.deadline = min(scope.deadline, latest)

    def fenced(self, fence: int, on_lost: Callable[[], None]) -> FencedDriver:
        """The same store, for whoever holds the site's lease under this fence."""
        return FencedDriver(self, fence, on_lost)

    async def write(
        self, statements: Sequence[BoundStatement], *, fence: int | None = None
    ) -> Answers:
        """Run all statements in one write transaction; see `ports.driver`.

        Under a `fence` raises LeaseLost where the site's lease is held under another.
        """
        self._check_open()
        one = _Waiting(statements, fence)
        self._waiting.append(one)
        # The shield makes a cancelled caller wait for the end of what it has begun, so that
        # "cancelled" is never said of a transaction that was committed.
        with anyio.CancelScope(shield=True):
            async with self._turn:
                if one.end is None:
                    await self._commit_waiting()
        if isinstance(one.end, Exception):
            raise one.end
        assert one.end is not None, "the writer takes what waits in the order it came"
        return one.end

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements against one consistent snapshot; see `ports.driver`."""
        self._check_open()
        with anyio.CancelScope(shield=True):
            async with self._room:
                with self._bounded():
                    answers = await self._read(statements)
        return answers

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's; see `ports.driver`."""
        return "postgresql"

    @property
    def has_reserve(self) -> bool:
        """The server's disk is its own: nothing is kept back here that could be given up."""
        return True

    @property
    def log_bytes(self) -> int:
        """The server keeps its log, and its length, to itself."""
        return 0

    async def close(self) -> None:
        """Let go of every connection, once what was begun has ended. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        with anyio.CancelScope(shield=True):
            async with self._turn:
                pass
            for _ in range(self._n_readers):
                await self._room.acquire()
            sessions = [*self._readers, *([self._writer] if self._writer else [])]
            async with anyio.create_task_group() as group:
                for session in sessions:
                    group.start_soon(self._take_leave, session)

    async def _take_leave(self, session: Session) -> None:
        if not self._is_given_up:
            with anyio.move_on_after(HURRIED_S):
                await session.close()
        session.drop()

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError("the store is closed: its driver was used after close()")

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """What waits for the server: as long as it takes, until an end is asked for.

        Raises StoreUnreachable where the server does not answer in time then.
        """
        if self._is_given_up:
            raise StoreUnreachable(f"{self._address.place} does not answer: it is given up")
        deadline = anyio.current_time() + HURRIED_S if self._hurried.is_set() else inf
        with anyio.CancelScope(deadline=deadline) as scope:
            self._begun.add(scope)
            try:
                yield
            finally:
                self._begun.discard(scope)
        if scope.cancelled_caught:
            self._is_given_up = True
            message = (
                f"{self._address.place} did not answer within {HURRIED_S:g} s, and this process "
                "ends: whether its last transaction was written is unknown"
            )
            raise StoreUnreachable(message)

    async def _commit_waiting(self) -> None:
        """Commit what waits, the longest first; together what is written under one fence."""
        group = [self._waiting.popleft()]
        fence = group[0].fence
        while self._waiting and len(group) < MOST_TOGETHER and self._waiting[0].fence == fence:
            group.append(self._waiting.popleft())
        count = len(group)
        # Whatever comes, each of the group has an end, for nobody looks for it again.
        ends: Sequence[Answers | Exception]
        ends = [StoreError("the store was left in the middle of a transaction")] * count
        try:
            with self._bounded():
                ends = await self._ends([one.statements for one in group], fence)
        except Exception as error:  # noqa: BLE001  (raised to all who wait for it)
            ends = [error] * count
        finally:
            for one, end in zip(group, ends, strict=True):
                one.end = end

    async def _ends(
        self, group: Sequence[Sequence[BoundStatement]], fence: int | None
    ) -> tuple[Answers | StoreError, ...]:
        if len(group) > 1:
            try:
                return await self._written(group, fence)
            except StoreUnreachable as error:
                return (error,) * len(group)
            except StoreError:
                # Only when each has run for itself is it known whose fault it was.
                pass
        return tuple([await self._end(statements, fence) for statements in group])

    async def _end(
        self, statements: Sequence[BoundStatement], fence: int | None
    ) -> Answers | StoreError:
        try:
            (end,) = await self._written((statements,), fence)
        except StoreError as error:
            return error
        return end

    async def _written(
        self, transactions: Sequence[Sequence[BoundStatement]], fence: int | None
    ) -> tuple[Answers | StoreError, ...]:
        """Commit transactions together, however often the connection is lost over it."""
        reason = ""
        for _ in range(MOST_TRIES):
            if self._writer is None or self._writer.is_lost:
                self._writer = await self._connected(is_reader=False)
            session = self._writer
            try:
                return await postgresql_transaction.write(session, transactions, fence=fence)
            except Interrupted as interrupted:
                reason = interrupted.reason
            except EndUnknown as unknown:
                reason = "COMMIT: the connection was lost, and the transaction with it"
                if await self._was_committed(unknown.xid, session.timeline):
                    return unknown.ends
        message = (
            f"{reason}; run {MOST_TRIES} times in vain, nothing was written; look at the log of "
            f"the server of {self._address.place}"
        )
        raise StoreError(message)

    async def _was_committed(self, xid: str, timeline: str) -> bool:
        """Ask on a new connection for the end of a transaction. Raises StoreUnreachable."""
        reason = ""
        with anyio.move_on_after(self._patience_s):
            for _ in range(MOST_TRIES):
                try:
                    self._writer = await self._connected(is_reader=False)
                    if self._writer.timeline != timeline:
                        reason = "another server has taken over, which may not know of it"
                        break
                    return await postgresql_transaction.was_committed(self._writer, xid)
                except Interrupted as interrupted:
                    reason = interrupted.reason
                except StoreError as error:
                    reason = str(error)
        message = (
            "COMMIT: the connection was lost before the answer came, and whether the transaction "
            f"was written is unknown ({reason or 'no answer in time'}); look at the log of the "
            f"server of {self._address.place}"
        )
        raise StoreUnreachable(message)

    async def _read(self, statements: Sequence[BoundStatement]) -> Answers:
        reason = ""
        for _ in range(MOST_TRIES):
            session = self._readers.pop() if self._readers else None
            if session is None or session.is_lost:
                session = await self._connected(is_reader=True)
            try:
                return await postgresql_transaction.read(session, statements)
            except Interrupted as interrupted:
                reason = interrupted.reason
                # Where one connection broke, the others that rest have broken too.
                while interrupted.is_lost and self._readers:
                    self._readers.pop().drop()
            finally:
                if not session.is_lost:
                    self._readers.append(session)
        raise StoreError(f"{reason}; read {MOST_TRIES} times in vain from {self._address.place}")

    async def _connected(self, *, is_reader: bool) -> Session:
        """A new session. Raises StoreError.

        A server that was there may be back in a moment, and is waited for; of one that never was,
        whoever asks is told at once.
        """
        pause_s = _FIRST_PAUSE_S
        end = anyio.current_time() + (self._patience_s if self._was_there else 0.0)
        while True:
            try:
                session = await postgresql_session.opened(self._address, is_reader=is_reader)
            except StoreUnreachable:
                if anyio.current_time() + pause_s >= end or self._hurried.is_set():
                    raise
            else:
                self._was_there = True
                return session
            with anyio.move_on_after(pause_s):
                await self._hurried.wait()
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


class FencedDriver:
    """A driver under a fence: once the site's lease is held under another it writes no more.

    Closing it leaves the driver behind it open.
    """

    def __init__(self, driver: AsyncpgDriver, fence: int, on_lost: Callable[[], None]) -> None:
        self._driver = driver
        self._fence = fence
        self._on_lost = on_lost

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        """As the driver behind it; raises LeaseLost, and nothing was written, once it is over."""
        try:
            return await self._driver.write(statements, fence=self._fence)
        except LeaseLost:
            self._on_lost()
            raise

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        """As the driver behind it."""
        return await self._driver.read(statements)

    @property
    def dialect(self) -> Dialect:
        """As the driver behind it."""
        return self._driver.dialect

    @property
    def has_reserve(self) -> bool:
        """As the driver behind it."""
        return self._driver.has_reserve

    @property
    def log_bytes(self) -> int:
        """As the driver behind it."""
        return self._driver.log_bytes

    async def close(self) -> None:
        """Nothing of its own is open."""

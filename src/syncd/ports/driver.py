"""The store's only door to an engine: *run this transaction*.

Statements with bound rows in, answers out; one await. Implemented by `runtime.aiosqlite_driver`,
by `runtime.asyncpg_driver` and, in the loop's own thread, by `lab.virtual.inline_driver`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from syncd.domain.model.value import Value

Scalar = str | int | bytes | None
Row = tuple[Scalar, ...]
Answers = tuple[tuple[Row, ...], ...]
"""Rows of each statement of a transaction, in their order."""
Dialect = Literal["sqlite", "postgresql"]


class BoundStatement(Value, frozen=True, kw_only=True):
    """One statement and the rows bound to it.

    One row: executed once, its answer rows returned. Several rows, or none: executed for each,
    no answer. `must_change`: raise Conflict and roll everything back unless exactly so many rows
    changed in all. `postgresql`: the text for that engine, where `sql` does not suit it.
    """

    name: str
    sql: str
    postgresql: str | None = None
    rows: tuple[Row, ...] = ((),)
    must_change: int | None = None


class Driver(Protocol):
    """Runs transactions. A failed COMMIT is rolled back, shielded from cancellation."""

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements in one write transaction; the answers in their order.

        Raises Conflict, StoreFull, StoreError; then nothing was written, or the message says that
        the end is unknown. When the caller is cancelled meanwhile the transaction still ends,
        committed or rolled back as a whole. Raises StoreReplaced when the file is no longer the
        one that was opened.
        """
        ...

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        """Run all statements against one consistent snapshot. Raises StoreError."""
        ...

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it speaks: which text of a statement it runs, which migrations it is given."""
        ...

    @property
    def has_reserve(self) -> bool:
        """Whether space is kept back for what must still be written when the disk is full."""
        ...

    @property
    def log_bytes(self) -> int:
        """How long the write-ahead log beside the file is; 0 where there is none."""
        ...

    async def close(self) -> None:
        """Let go of the store. Idempotent."""
        ...


class SharedDriver(Driver, Protocol):
    """A driver of a store that several processes use at once."""

    def fenced(self, fence: int, on_lost: Callable[[], None]) -> Driver:
        """The same store for the holder of the site's lease under this fence.

        Its writes raise LeaseLost, and nothing is written, once the lease is held under another;
        then `on_lost` is called. Closing it closes nothing.
        """
        ...

    def hurry(self) -> None:
        """An end was asked for: from now on nobody waits long for a store that does not answer.

        What does not end in a few seconds raises StoreUnreachable, and everything after it at once.
        """
        ...

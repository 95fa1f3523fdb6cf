"""The store's only door to an engine: *run this transaction*.

Statements with bound rows in, answers out; one await, one thread hop. Implemented by
`runtime.aiosqlite_driver` and, in the loop's own thread, by `lab.virtual.inline_driver`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from syncd.domain.model.value import Value

Scalar = str | int | bytes | None
Row = tuple[Scalar, ...]


class BoundStatement(Value, frozen=True, kw_only=True):
    """One statement and the rows bound to it.

    One row: executed once, its answer rows returned. Several rows, or none: executed for each,
    no answer. `must_change`: raise Conflict and roll everything back unless exactly so many rows
    changed in all.
    """

    name: str
    sql: str
    rows: tuple[Row, ...] = ((),)
    must_change: int | None = None


class Driver(Protocol):
    """Runs transactions. A failed COMMIT is rolled back, shielded from cancellation."""

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        """Run all statements in one write transaction; the answers in their order.

        Raises Conflict, StoreFull, StoreError; then nothing was written. When the caller is
        cancelled meanwhile the transaction still ends, committed or rolled back as a whole.
        Raises StoreReplaced when the file is no longer the one that was opened.
        """
        ...

    async def read(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        """Run all statements against one consistent snapshot. Raises StoreError."""
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
        """Let go of the file. Idempotent."""
        ...

"""A store whose N-th commit fails, or after whose N-th commit the process is dead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncd.domain.errors import StoreError
from syncd.ports.driver import BoundStatement, Dialect, Driver, Row


class How(StrEnum):
    """What becomes of the N-th commit."""

    FAILS = "fails"
    DIES = "dies"


class Killed(BaseException):
    """The process is dead: not an error anybody may catch."""


@dataclass
class Mortal:
    """The Driver port over another; at the commit numbered `at`, `how` happens."""

    inner: Driver
    at: int = 0
    how: How = How.FAILS
    commits: int = 0
    is_dead: bool = False
    fails_reads: int = 0
    """So many of the next reads fail."""
    after_read: Callable[[], Awaitable[None]] | None = None
    """What happens in the world while the next read's answer is on its way, once."""
    before_write: Callable[[], Awaitable[None]] | None = None
    """What happens in the world before the next write, once."""

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        self._must_live()
        if self.before_write is not None:
            meanwhile, self.before_write = self.before_write, None
            await meanwhile()
        self.commits += 1
        strikes = self.commits == self.at
        if strikes and self.how is How.FAILS:
            raise StoreError("the disk failed; nothing was written")
        answers = await self.inner.write(statements)
        if strikes:
            self.is_dead = True
            raise Killed
        return tuple(answers)

    async def read(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        self._must_live()
        if self.fails_reads:
            self.fails_reads -= 1
            raise StoreError("the store cannot be read")
        answers = await self.inner.read(statements)
        if self.after_read is not None:
            meanwhile, self.after_read = self.after_read, None
            await meanwhile()
        return tuple(answers)

    @property
    def dialect(self) -> Dialect:
        return self.inner.dialect

    @property
    def has_reserve(self) -> bool:
        return self.inner.has_reserve

    @property
    def log_bytes(self) -> int:
        return self.inner.log_bytes

    async def close(self) -> None:
        await self.inner.close()

    def _must_live(self) -> None:
        if self.is_dead:
            raise Killed

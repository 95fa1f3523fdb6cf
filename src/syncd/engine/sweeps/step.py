"""One turn of a sweep: what it remembers from the turn before, and what it has come to.

Made by the sweeper for whichever task is due; its memory moves in the transaction that stores what
the turn brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from syncd.domain.ids import TenantId
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.core.context import SyncContext
from syncd.store import sweeps
from syncd.store.unit_of_work import Statement

Memory = Callable[[bool], Iterable[Statement[None]]]
"""What a sweep remembers with what it brought, given whether that was news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """What came of some reads; the worker has to look at `enqueued` of them."""

    rows: int = 0
    ours: int = 0
    news: int = 0
    enqueued: int = 0
    payments: int = 0
    strangers: int = 0
    unread: int = 0

    def __add__(self, other: Sighted) -> Sighted:
        return Sighted(
            rows=self.rows + other.rows,
            ours=self.ours + other.ours,
            news=self.news + other.news,
            enqueued=self.enqueued + other.enqueued,
            payments=self.payments + other.payments,
            strangers=self.strangers + other.strangers,
            unread=self.unread + other.unread,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a turn has come to; more of the same sweep follows unless it is complete."""

    sighted: Sighted
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn. `is_new`: a sweep begins with it; `began` is the newest order it serves.

    `period_s` is how soon the next sweep of its task follows.
    """

    context: SyncContext
    tenant: TenantId
    task: Task
    memory: str | None
    is_new: bool
    began: int
    period_s: float
    lane: Lane = Lane.SWEEP

    def remember(self, memory: str | None) -> Statement[None]:
        """The sweep goes on from here."""
        return sweeps.remember(self.tenant, self.task, memory, began=self.began, ended_at=None)

    def end(self, memory: str | None) -> Statement[None]:
        """The sweep has come to its end."""
        now = self.context.now()
        return sweeps.remember(self.tenant, self.task, memory, began=self.began, ended_at=now)

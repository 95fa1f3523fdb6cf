"""One step of a sweep: the checkpoint it starts from, and the counts it ends with.

Made by the sweeper for whichever task is due; its checkpoint moves in the transaction that stores
what the step has read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.core.context import SyncContext
from syncd.store import sweeps
from syncd.store.sweeps import LastSeen
from syncd.store.unit_of_work import Statement, Transaction

L = TypeVar("L")


class SweepCounts(Value, frozen=True, kw_only=True):
    """Counts of what some reads showed; the worker has to look at `enqueued` of them."""

    rows: int = 0
    ours: int = 0
    news: int = 0
    enqueued: int = 0
    payments: int = 0
    strangers: int = 0
    unread: int = 0

    def __add__(self, other: SweepCounts) -> SweepCounts:
        names = self.__struct_fields__
        return SweepCounts(**{one: getattr(self, one) + getattr(other, one) for one in names})


async def known(
    context: SyncContext, tenant: TenantId, linked: Statement[L], ids: Sequence[str]
) -> tuple[tuple[L, ...], Mapping[str, LastSeen]]:
    """What `linked` answers, and how each of these documents or contacts was last seen, by id.

    Raises StoreError.
    """
    read = Transaction()
    found = read.add(linked)
    seen = read.add(sweeps.last_seen(tenant, ids))
    await context.store.read(read)
    return found.rows, {one.xero_id: one for one in seen.rows}


class StepResult(Value, frozen=True, kw_only=True):
    """What a step has read; more of the same sweep follows unless it is complete."""

    counts: SweepCounts
    is_complete: bool


class SweepStep(Value, frozen=True, kw_only=True, gc=True):
    """One bounded step. `is_new`: a sweep begins with it; `began` is the newest order it serves.

    `period_s` is how soon the next sweep of its task follows.
    """

    context: SyncContext
    tenant: TenantId
    task: Task
    checkpoint: str | None
    is_new: bool
    began: int
    period_s: float
    lane: Lane = Lane.SWEEP

    def save(self, checkpoint: str | None) -> Statement[None]:
        """The sweep goes on from here."""
        return sweeps.remember(self.tenant, self.task, checkpoint, began=self.began, ended_at=None)

    def end(self, checkpoint: str | None, *, refused: str | None = None) -> Statement[None]:
        """The sweep has come to its end, or to where Xero `refused` to be read, by these words."""
        return sweeps.remember(
            self.tenant,
            self.task,
            checkpoint,
            began=self.began,
            ended_at=self.context.now(),
            refused=refused,
        )

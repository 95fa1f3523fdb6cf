"""How webhooks stand: what they brought, what is missing of their count, what sweeps found first.

Called by `engine.operator.operations` for API, console and command line. Calls nobody outside.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.core import pipeline_reach
from syncd.engine.core.context import SyncContext
from syncd.store import notices, sweeps
from syncd.store.notices import MissedChange, NotedGap
from syncd.store.unit_of_work import Transaction


class SweepStanding(Value, frozen=True, kw_only=True):
    """One kind of sweep: when it last ended, and whether it is under way."""

    task: Task
    ended_at: datetime | None
    is_under_way: bool


class WebhookStanding(Value, frozen=True, kw_only=True):
    """Webhooks of one tenant; the gaps are of the app's count. `missed` newest first."""

    xero_at: datetime | None
    pipeline_at: datetime | None
    feed_read_at: datetime
    gaps: tuple[NotedGap, ...]
    missed: tuple[MissedChange, ...]
    sweeps: tuple[SweepStanding, ...]


async def of(context: SyncContext, tenant: TenantId) -> WebhookStanding:
    """How they stand. Raises StoreError."""
    read = Transaction()
    last = read.add(notices.last(tenant))
    gaps = read.add(notices.gaps())
    missed = read.add(notices.missed(tenant))
    tasks = read.add(sweeps.tasks(tenant))
    await context.store.read(read)
    return WebhookStanding(
        xero_at=last.one.xero_at,
        pipeline_at=last.one.pipeline_at,
        feed_read_at=pipeline_reach.of(context, tenant).read_at,
        gaps=gaps.rows,
        missed=missed.rows,
        sweeps=tuple(
            SweepStanding(
                task=one.task,
                ended_at=one.progress.ended_at,
                is_under_way=one.progress.is_under_way,
            )
            for one in tasks.rows
        ),
    )

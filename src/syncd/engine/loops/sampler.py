"""Samples what gauges show at intervals, so that a scrape never touches the store.

What it says comes from the store or from live state, never from facts alone: a gauge is right after
a start, and whoever missed a fact learns of it here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from syncd.domain.facts import StoreWritten, TenantSampled
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.engine.connection.gate import Connections
from syncd.engine.core.context import SyncContext
from syncd.engine.operator.tenant_troubles import Allowance, TroublesRead
from syncd.store import installation, jobs
from syncd.store.unit_of_work import Transaction


async def sample_once(
    context: SyncContext, *, gates: Connections, allowance: Allowance
) -> float | None:
    """One sample of every tenant, and whether the store still takes writes."""
    await context.store.try_out(installation.touch())
    context.observe(StoreWritten(at=context.now()))
    for tenant in sorted(context.policies):
        with context.alone(tenant, service="sampler"):
            context.observe(await sample(context, tenant, gates=gates, allowance=allowance))
    return context.limits.sample_every_s


async def sample(
    context: SyncContext, tenant: TenantId, *, gates: Connections, allowance: Allowance
) -> TenantSampled:
    """The tenant's queue, invoices, tokens and troubles as they are now."""
    read = Transaction()
    totals = read.add(jobs.totals(tenant))
    look = TroublesRead(read, tenant)
    await context.store.read(read)
    queue: Counter[str] = Counter()
    invoices: Counter[str] = Counter()
    for each in totals.rows:
        queue.update(each.by_state)
        if each.kind is JobKind.PUSH_INVOICE:
            invoices.update(each.by_public_state)
    budget, card = allowance(tenant), gates.card(tenant)
    return TenantSampled(
        tenant=tenant,
        queue=dict(+queue),
        oldest_at=_oldest(one.oldest_going_at for one in totals.rows),
        oldest_held_at=_oldest(one.oldest_held_at for one in totals.rows),
        invoices=dict(+invoices),
        connection=str(card.status),
        access_expires_at=card.access_expires_at,
        refresh_expires_at=card.refresh_expires_at,
        mode=str(context.policies[tenant].mode),
        is_paused=look.card is not None and look.card.is_paused,
        is_brake_halted=look.card is not None and look.card.halt is not None,
        is_xero_failing=budget.failing_since_s is not None,
        minute_left=budget.minute,
        day_left=budget.day,
        troubles=tuple(str(one.kind) for one in look.troubles(context, gates, budget)),
    )


def _oldest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)

"""Looks for uncertain writes when their look is due. Called by the schedule."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.engine.contacts.kind import CUSTOMERS
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.invoices.kind import INVOICES
from syncd.engine.writes import probe
from syncd.ports import trail
from syncd.store import jobs

LEAST_WAIT_S = 0.05
CALLS_A_LOOK = 5
"""So many full calls share a look: what it reads by our mark is the same for one and for all."""


async def probe_once(context: SyncContext, tenant: TenantId, *, is_open: Gate) -> float | None:
    """Look at what is due. Answers when the next look is due, None when nothing is uncertain."""
    if not is_open(tenant):
        return None
    (due,) = await context.store.fetch(jobs.next_due(tenant))
    if due.uncertain_at is None:
        return None
    now = context.now()
    if due.uncertain_at > now:  # a look costs no turn among the writers
        return max(LEAST_WAIT_S, (due.uncertain_at - now).total_seconds())
    claimed = await context.store.run(
        jobs.claim_uncertain(
            tenant,
            incarnation=context.incarnation,
            now=now,
            lease_until=now + timedelta(seconds=context.limits.lease_s),
            limit=context.limits.batch_size * CALLS_A_LOOK,
        )
    )
    if not claimed:
        return LEAST_WAIT_S
    invoices = [job for job in claimed if job.kind is JobKind.PUSH_INVOICE]
    customers = [job for job in claimed if job.kind is JobKind.PUSH_CUSTOMER]
    with trail.following(job.trail for job in claimed):
        if customers:
            await probe.probe(CUSTOMERS, context, tenant, customers)
        if invoices:
            await probe.probe(INVOICES, context, tenant, invoices)
    return 0.0

"""Looks for uncertain writes when their look is due. Called by the schedule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind, JobState
from syncd.domain.rules.text import wording
from syncd.engine.contacts.kind import CUSTOMERS
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.invoices.kind import INVOICES
from syncd.engine.writes import in_halves, probe
from syncd.engine.writes.kind import D, Kind, L, S, W
from syncd.ports import trail
from syncd.store import jobs
from syncd.store.jobs import JobSettlement
from syncd.store.unit_of_work import Transaction

LEAST_WAIT_S = 0.05
CALLS_A_LOOK = 5
"""So many full calls share a look: what it reads by our mark is the same for one and for all."""
BROKEN_DELAY_S = 300.0
"""A look at which the program itself fails is made again so often."""


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
            await _probe(CUSTOMERS, context, tenant, customers)
        if invoices:
            await _probe(INVOICES, context, tenant, invoices)
    return 0.0


async def _probe(
    kind: Kind[L, W, D, S], context: SyncContext, tenant: TenantId, claimed: Sequence[Job]
) -> None:
    once, give_back = partial(probe.probe, kind, context, tenant), partial(_give_back, context)
    await in_halves.done(context, tenant, claimed, once, give_back, service="prober")


async def _give_back(context: SyncContext, left: Sequence[Job], error: Exception) -> float:
    """Look later: of a write that may have landed nobody but a look can say what became of it."""
    ends = [_looked_at_later(context, job, wording.in_words(error)) for job in left]
    tx = Transaction()
    tx.add_all(jobs.settle(ends, incarnation=context.incarnation, at=context.now()))
    await context.store.commit(tx)
    return BROKEN_DELAY_S


def _looked_at_later(context: SyncContext, job: Job, why: str) -> JobSettlement:
    return JobSettlement(
        tenant=job.tenant,
        kind=job.kind,
        key=job.key,
        leased_until=job.leased_until,
        state=JobState.UNCERTAIN,
        ready_at=context.after(BROKEN_DELAY_S),
        attempt=job.attempt,
        note=why,
    )

"""Drains the queue: the gate first, then held work whose clock has come, customers, invoices.

One round at a time per tenant, so at most one write of an invoice is in flight. The allowance is
asked before a job is claimed: waiting costs nobody a lease.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind
from syncd.domain.rules.allowance import Lane
from syncd.engine import contacts, delivery
from syncd.engine.hall import Hall
from syncd.store import jobs
from syncd.store.jobs import NextDue
from syncd.store.unit_of_work import Statement

RELEASES_A_ROUND = 500
CALLS_A_ROUND = 2
"""A read and a write."""
LEAST_REST_S = 0.05

Gate = Callable[[TenantId], bool]
"""Whether a tenant's connection lets work pass."""


async def drain_once(hall: Hall, tenant: TenantId, *, is_open: Gate) -> float | None:
    """One batch of work. Answers 0 while there is more, else when the next is due."""
    if not is_open(tenant):
        return None
    due = await _next_due(hall, tenant)
    now = hall.now()
    if due.held_at is not None and due.held_at <= now:
        await hall.store.run(jobs.release_due(tenant, now, limit=RELEASES_A_ROUND))
        return 0.0
    kind = _ready_kind(due, now)
    if kind is None:
        return _rest_s(due, now)
    await hall.ledger.reserve(tenant, lane=Lane.WRITE, calls=CALLS_A_ROUND)
    claimed = await hall.store.run(_claim(hall, tenant, kind))
    if not claimed:
        return LEAST_REST_S
    if kind is JobKind.PUSH_CUSTOMER:
        await contacts.push(hall, tenant, claimed)
    else:
        await delivery.push(hall, tenant, claimed)
    return 0.0


async def _next_due(hall: Hall, tenant: TenantId) -> NextDue:
    (due,) = await hall.store.fetch(jobs.next_due(tenant))
    return due


def _ready_kind(due: NextDue, now: datetime) -> JobKind | None:
    """Customers before invoices, whose contacts they are."""
    if due.customer_ready_at is not None and due.customer_ready_at <= now:
        return JobKind.PUSH_CUSTOMER
    if due.invoice_ready_at is not None and due.invoice_ready_at <= now:
        return JobKind.PUSH_INVOICE
    return None


def _rest_s(due: NextDue, now: datetime) -> float | None:
    instants = (due.customer_ready_at, due.invoice_ready_at, due.held_at)
    upcoming = [at for at in instants if at is not None]
    if not upcoming:
        return None
    return max(LEAST_REST_S, (min(upcoming) - now).total_seconds())


def _claim(hall: Hall, tenant: TenantId, kind: JobKind) -> Statement[Job]:
    now = hall.now()
    return jobs.claim(
        tenant,
        kind,
        incarnation=hall.incarnation,
        now=now,
        lease_until=now + timedelta(seconds=hall.limits.lease_s),
        limit=hall.limits.batch_size,
    )

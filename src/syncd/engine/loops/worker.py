"""Drains the queue: asks the gate, then takes held work that is due, customers, invoices.

One round at a time per tenant, so at most one write of an invoice is in flight. The allowance is
asked before a job is claimed: waiting costs nobody a lease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.errors import SyncdError
from syncd.domain.ids import TenantId
from syncd.domain.model.job import Job, JobKind, JobState, Reason
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue import backoff
from syncd.domain.rules.queue.outcome import ElementRefused
from syncd.domain.rules.text import wording
from syncd.engine.contacts.kind import CUSTOMERS
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.invoices.kind import INVOICES
from syncd.engine.writes import in_halves, push
from syncd.engine.writes.kind import D, Kind, L, S, W
from syncd.ports import trail
from syncd.store import jobs
from syncd.store.jobs import JobSettlement, NextDue
from syncd.store.unit_of_work import Statement, Transaction

RELEASES_A_ROUND = 500
CALLS_A_ROUND = 2
"""A read and a write."""
LEAST_DELAY_S = 0.05
TRIES = 3
"""So often is a document tried at which the program itself fails."""
BROKEN = (
    "syncd cannot work with something in this document, and has tried three times. Change it in "
    "Pipeline, and tell whoever runs syncd: its log says where it stopped."
)

"""Whether a tenant's connection lets work pass."""


async def drain_once(context: SyncContext, tenant: TenantId, *, is_open: Gate) -> float | None:
    """One batch of work. Answers 0 while there is more, else when the next is due."""
    if not is_open(tenant):
        return None
    due = await _next_due(context, tenant)
    if due.is_paused or due.is_feed_old:
        return None  # what agrees with an older version of Pipeline's is no agreement
    if due.is_halted:  # invoices are looked at and held; customers could only be written
        due = replace(due, customer_ready_at=None)
    now = context.now()
    if due.held_at is not None and due.held_at <= now:
        await context.store.run(jobs.release_due(tenant, now, limit=RELEASES_A_ROUND))
        return 0.0
    kind = _ready_kind(due, now)
    if kind is None:
        return _delay_s(due, now)
    await context.ledger.reserve(tenant, lane=Lane.WRITE, calls=CALLS_A_ROUND)
    claimed = await context.store.run(_claim(context, tenant, kind))
    if not claimed:
        return LEAST_DELAY_S
    with trail.following(job.trail for job in claimed):
        await _push(context, tenant, kind, claimed)
    return 0.0


async def _push(
    context: SyncContext, tenant: TenantId, kind: JobKind, claimed: Sequence[Job]
) -> None:
    """Deliver; one document at which the program fails is given to a person in the end."""

    async def once(some: Sequence[Job]) -> None:
        if kind is JobKind.PUSH_CUSTOMER:
            await push.push(CUSTOMERS, context, tenant, some)
        else:
            await push.push(INVOICES, context, tenant, some)

    async def give_back(left: Sequence[Job], error: Exception) -> float:
        attempt = max((job.attempt for job in left), default=0)
        delay_s = backoff.delay_s(attempt + 1, context.entropy.draw())
        if not await _is_failed(context, tenant, kind, left, error):
            await _give_back(context, left, wording.in_words(error), delay_s)
        return delay_s

    await in_halves.done(context, tenant, claimed, once, give_back, service="worker")


async def _is_failed(
    context: SyncContext, tenant: TenantId, kind: JobKind, left: Sequence[Job], error: Exception
) -> bool:
    """Give a job to a person that has met a fault of the program's so often already.

    The same document meets it again whenever it is tried. One whose write has no certain outcome
    is never given up here.
    """
    if isinstance(error, SyncdError) or any(job.attempt + 1 < TRIES for job in left):
        return False
    try:
        if kind is JobKind.PUSH_CUSTOMER:
            failed = await _fail(CUSTOMERS, context, tenant, left)
        else:
            failed = await _fail(INVOICES, context, tenant, left)
    except Exception:  # noqa: BLE001  (what it meets is what stops this too: it is tried again)
        return False
    return failed == len(left)


async def _fail(
    kind: Kind[L, W, D, S], context: SyncContext, tenant: TenantId, left: Sequence[Job]
) -> int:
    """How many of these jobs could be given to a person."""
    changeset = ChangeSet(context, tenant, kind.task)
    ended = ElementRefused(messages=(BROKEN,), reason=Reason.INVALID_DOCUMENT)
    for one in await kind.load(context, tenant, left):
        if one.open_intent is None:
            kind.settle(changeset, one, ended)
    await changeset.commit()
    return len(changeset.settlements)


async def _give_back(context: SyncContext, left: Sequence[Job], text: str, delay_s: float) -> None:
    tx = Transaction()
    settlements = [
        JobSettlement(
            tenant=job.tenant,
            kind=job.kind,
            key=job.key,
            leased_until=job.leased_until,
            state=JobState.READY,
            ready_at=context.after(delay_s),
            attempt=job.attempt + 1,
            note=text,
        )
        for job in left
    ]
    tx.add_all(jobs.settle(settlements, incarnation=context.incarnation, at=context.now()))
    await context.store.commit(tx)


async def _next_due(context: SyncContext, tenant: TenantId) -> NextDue:
    (due,) = await context.store.fetch(jobs.next_due(tenant))
    return due


def _ready_kind(due: NextDue, now: datetime) -> JobKind | None:
    """Customers before invoices, whose contacts they are."""
    if due.customer_ready_at is not None and due.customer_ready_at <= now:
        return JobKind.PUSH_CUSTOMER
    if due.invoice_ready_at is not None and due.invoice_ready_at <= now:
        return JobKind.PUSH_INVOICE
    return None


def _delay_s(due: NextDue, now: datetime) -> float | None:
    instants = (due.customer_ready_at, due.invoice_ready_at, due.held_at)
    upcoming = [at for at in instants if at is not None]
    if not upcoming:
        return None
    return max(LEAST_DELAY_S, (min(upcoming) - now).total_seconds())


def _claim(context: SyncContext, tenant: TenantId, kind: JobKind) -> Statement[Job]:
    now = context.now()
    return jobs.claim(
        tenant,
        kind,
        incarnation=context.incarnation,
        now=now,
        lease_until=now + timedelta(seconds=context.limits.lease_s),
        limit=context.limits.batch_size,
    )

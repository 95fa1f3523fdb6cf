"""What of Pipeline's side is looked at: all but invoices dated before the tenant's start.

Called by intake with every page, and by `recovery.lease_reaper` with changed choices: a start moved
earlier brings in what was left alone until then, which nobody else would ever look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.facts import StartMoved
from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.settings import CreateContacts
from syncd.domain.rules.decide import policy
from syncd.domain.rules.queue import job
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.store import desired, jobs, journal, links, tenants
from syncd.store.desired import Desired, DesiredChange
from syncd.store.journal import Entry
from syncd.store.unit_of_work import Transaction

AT_ONCE = 200
"""Invoices that are read together."""

Told = DesiredChange | Desired[Invoice]


async def followed(context: SyncContext, tenant: TenantId, told: Sequence[Told]) -> frozenset[str]:
    """Which of these are looked at whatever their date: they stand in Xero, or were wanted before.

    One that was wanted, and is dated before the start now, is told so.
    """
    start_on = context.policies[tenant].start_on
    keys = [
        one.key
        for one in told
        if start_on is not None
        and isinstance(one.content, Invoice)
        and one.content.invoice_on < start_on
    ]
    if not keys:
        return frozenset()
    read = Transaction()
    linked = read.add(links.invoices(tenant, keys))
    wanted = read.add(jobs.get(tenant, JobKind.PUSH_INVOICE, keys))
    await context.store.read(read)
    return frozenset({link.key for link in linked.rows} | {row.key for row in wanted.rows})


def of_invoice(
    context: SyncContext, tenant: TenantId, one: Told, *, is_followed: bool, now: datetime
) -> list[JobRequest]:
    """The looks that an invoice's news wants; none where it is dated before the start."""
    kind, content, choices = JobKind.PUSH_INVOICE, one.content, context.policies[tenant]
    if not isinstance(content, Invoice):
        return [JobRequest(tenant=tenant, kind=kind, key=one.key, ready_at=now)]
    if not policy.in_scope(content, choices, linked=is_followed):
        return []
    ready_at = job.ready_at(content.status, now, context.limits.draft_quiet_s)
    requests = [JobRequest(tenant=tenant, kind=kind, key=one.key, ready_at=ready_at)]
    if choices.create_contacts is CreateContacts.WHEN_INVOICED:
        # The customer may have been waiting for this very invoice.
        kind, key = JobKind.PUSH_CUSTOMER, content.customer_id
        requests.insert(0, JobRequest(tenant=tenant, kind=kind, key=key, ready_at=now))
    return requests


async def follow_start(context: SyncContext, tenant: TenantId) -> None:
    """Take in what a start other than the last one brings into scope. Raises StoreError."""
    start_on = context.policies[tenant].start_on
    now_from = "" if start_on is None else start_on.isoformat()
    (row,) = await context.store.fetch(tenants.one(tenant))
    if row.start_date == now_from:
        return
    taken = await take_in(context, tenant)
    tx = Transaction()
    tx.add(tenants.set_start_date(tenant, now_from))
    is_moved = row.start_date is not None
    if is_moved:
        tx.add(journal.append([_moved(context, tenant, now_from, taken)]))
    await context.store.commit(tx)
    if is_moved or taken:
        context.observe(StartMoved(tenant=tenant, start_on=now_from, invoices=taken))


def _moved(context: SyncContext, tenant: TenantId, now_from: str, taken: int) -> Entry:
    since = f"start_date is {now_from} now" if now_from else "There is no start_date any more"
    came = "1 invoice more counts" if taken == 1 else f"{taken or 'no'} invoices more count"
    return journal_entries.note(tenant, context.now(), f"{since}: {came}.")


async def take_in(context: SyncContext, tenant: TenantId) -> int:
    """How many invoices that nobody has looked at are wanted now."""
    taken, after = 0, ""
    while page := await context.store.fetch(desired.unwanted(tenant, after, limit=AT_ONCE)):
        after = page[-1].key
        now = context.now()
        requests = [
            request
            for one in page
            for request in of_invoice(context, tenant, one, is_followed=False, now=now)
        ]
        if requests:
            tx = Transaction()
            tx.add(jobs.enqueue(requests, now))
            await context.store.commit(tx)
        taken += sum(request.kind is JobKind.PUSH_INVOICE for request in requests)
    return taken


def of_customer(tenant: TenantId, key: str, now: datetime) -> JobRequest:
    """The look that a customer's news wants."""
    return JobRequest(tenant=tenant, kind=JobKind.PUSH_CUSTOMER, key=key, ready_at=now)

"""Takes Pipeline's feed: a page, its jobs and the cursor in one transaction.

Called by the timetable; a webhook only wakes it. A version not above the stored one is ignored,
and absence from a listing means nothing: only the feed's delete does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import anyio

from syncd.domain.errors import CursorTooOld
from syncd.domain.facts import ChangesTaken, TaskSucceeded
from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.settings import CreateContacts
from syncd.domain.rules import job, policy
from syncd.engine.hall import Hall
from syncd.ports.billing import Change, ChangeKind, UnreadableChange
from syncd.store import cursors, desired, jobs, links
from syncd.store.desired import DesiredChange
from syncd.store.unit_of_work import Transaction

FEED = "pipeline_feed"
PAGE_SIZE = 200


async def poll_once(hall: Hall, tenant: TenantId) -> float | None:
    """Take one page. Answers 0 while there is more. Raises RemoteError's leaves, StoreError."""
    began_at = hall.now()
    standing = await hall.store.fetch(cursors.get(tenant, FEED))
    cursor = standing[0].value if standing else None
    try:
        page = await hall.billing.changes_since(tenant, cursor, limit=PAGE_SIZE)
    except CursorTooOld:
        # The feed begins again; what we know already is recognised by its version.
        await hall.store.run(cursors.forget(tenant, FEED))
        return 0.0
    newer = await _newer(hall, tenant, [_desired(change, began_at) for change in page.changes])
    linked = await _linked(hall, tenant, newer)
    now = hall.now()
    tx = Transaction()
    if newer:
        tx.add(desired.put(tenant, newer))
        tx.add(jobs.enqueue(_requests(hall, tenant, newer, linked, now), now))
    tx.add(cursors.move(tenant, FEED, page.next_cursor, now))
    if newer or cursor != page.next_cursor:
        await hall.store.commit(tx)
    if newer:
        hall.observe(_taken(tenant, newer, (hall.now() - began_at).total_seconds()))
    hall.observe(TaskSucceeded(task="poll", at=now))
    return 0.0 if page.has_more else None


async def catch_up(hall: Hall, tenant: TenantId) -> None:
    """Take pages to the feed's end, at its own pace: for whoever needs Pipeline's side as it is.

    The timetable may take one of them at the same time; a page taken twice is taken once. Raises
    RemoteError's leaves, StoreError.
    """
    has_more = await poll_once(hall, tenant) is not None
    while has_more:
        await anyio.sleep(hall.limits.poll_gap_s)
        has_more = await poll_once(hall, tenant) is not None


def _desired(change: Change | UnreadableChange, now: datetime) -> DesiredChange:
    if isinstance(change, UnreadableChange):
        return DesiredChange(
            kind=change.kind,
            key=change.id,
            version=change.version,
            at=now,
            by="",
            problem=change.problem,
        )
    version = change.version if change.content is None else change.content.version
    return DesiredChange(
        kind=change.kind,
        key=change.id,
        version=version,
        at=change.at,
        by=change.by,
        content=change.content,
    )


async def _newer(
    hall: Hall, tenant: TenantId, changes: Sequence[DesiredChange]
) -> list[DesiredChange]:
    """The newest change of each object that is above what is stored."""
    newest: dict[tuple[ChangeKind, str], DesiredChange] = {}
    for change in changes:
        known = newest.get((change.kind, change.key))
        if known is None or change.version > known.version:
            newest[change.kind, change.key] = change
    if not newest:
        return []
    read = Transaction()
    stored = [
        read.add(desired.versions(tenant, kind, [key for of, key in newest if of is kind]))
        for kind in ChangeKind
    ]
    await hall.store.read(read)
    versions = {(one.kind, one.key): one.version for answer in stored for one in answer.rows}
    return [change for place, change in newest.items() if change.version > versions.get(place, 0)]


async def _linked(hall: Hall, tenant: TenantId, changes: Sequence[DesiredChange]) -> frozenset[str]:
    """Which of these invoices stand in Xero already: they stay in scope whatever their date."""
    start_on = hall.policies[tenant].start_on
    keys = [
        change.key
        for change in changes
        if start_on is not None
        and isinstance(change.content, Invoice)
        and change.content.invoice_on < start_on
    ]
    if not keys:
        return frozenset()
    return frozenset(link.key for link in await hall.store.fetch(links.invoices(tenant, keys)))


def _requests(
    hall: Hall,
    tenant: TenantId,
    changes: Sequence[DesiredChange],
    linked: frozenset[str],
    now: datetime,
) -> list[JobRequest]:
    """Customers first: their contacts are wanted by their invoices."""
    ordered = sorted(changes, key=lambda change: change.kind is ChangeKind.INVOICE)
    requests = []
    for change in ordered:
        content = change.content
        ready_at = now
        if isinstance(content, Invoice):
            if not policy.in_scope(content, hall.policies[tenant], linked=change.key in linked):
                continue
            ready_at = job.ready_at(content.status, now, hall.limits.draft_quiet_s)
            if hall.policies[tenant].create_contacts is CreateContacts.WHEN_INVOICED:
                # The customer may have been waiting for this very invoice.
                who = content.customer_id
                requests.append(
                    JobRequest(tenant=tenant, kind=JobKind.PUSH_CUSTOMER, key=who, ready_at=now)
                )
        kind = JobKind.PUSH_INVOICE
        if change.kind is ChangeKind.CUSTOMER:
            kind = JobKind.PUSH_CUSTOMER
        requests.append(JobRequest(tenant=tenant, kind=kind, key=change.key, ready_at=ready_at))
    return requests


def _taken(tenant: TenantId, changes: Sequence[DesiredChange], took_s: float) -> ChangesTaken:
    return ChangesTaken(
        tenant=tenant,
        invoices=sum(change.kind is ChangeKind.INVOICE for change in changes),
        customers=sum(change.kind is ChangeKind.CUSTOMER for change in changes),
        unreadable=sum(change.problem is not None for change in changes),
        took_s=took_s,
    )

"""Takes Pipeline's feed: a page, its jobs and the cursor in one transaction.

Called by the schedule; a webhook only wakes it. What is known already is ignored (`news`), and
absence from a listing means nothing: only the feed's delete does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import anyio

from syncd.domain.errors import (
    CursorTooOld,
    Garbled,
    RemoteError,
    Throttled,
    TooLong,
    Unauthorised,
)
from syncd.domain.facts import ChangesTaken, TaskSucceeded
from syncd.domain.ids import TenantId
from syncd.domain.model.finding import Finding, Found
from syncd.domain.model.job import JobRequest
from syncd.engine.core import pipeline_reach
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import news, scope, unreadable_changes
from syncd.ports.billing import Change, ChangeKind, ChangePage, UnreadableChange
from syncd.store import feeds, jobs, results
from syncd.store.desired import DesiredChange
from syncd.store.feeds import Feed
from syncd.store.unit_of_work import Transaction

BEGIN_APART = timedelta(minutes=1)
PAGE_SIZES = (200, 40, 8, 1)
"""How many entries are asked for, fewer where a page of them is too long."""


async def poll_once(context: SyncContext, tenant: TenantId) -> float | None:
    """Take one page. Answers 0 while there is more. Raises RemoteError's leaves, StoreError.

    A page that brings nothing and leads nowhere is an error, so that it is not asked for without
    a pause; the loop then waits ever longer.
    """
    try:
        delay_s = await _poll(context, tenant)
    except RemoteError as error:
        pipeline_reach.read(context, tenant, error)
        raise
    pipeline_reach.read(context, tenant)
    return delay_s


async def _poll(context: SyncContext, tenant: TenantId) -> float | None:
    began_at = context.now()
    read = Transaction()
    standing = read.add(feeds.get(tenant))
    unread = read.add(unreadable_changes.listing(tenant))
    await context.store.read(read)
    feed = standing.first
    cursor = None if feed is None else feed.cursor
    try:
        page = await read_page(context, tenant, cursor)
    except CursorTooOld:
        await _begin_again(context, tenant, feed)
        return 0.0
    await _take(context, tenant, page, began_at, behind=cursor)
    if page.has_more and page.next_cursor == cursor:
        raise Garbled(
            "Pipeline's feed says that there is more, and leads back to where it stands. Nothing "
            "further can be read of it until Pipeline answers otherwise.",
            system="pipeline",
        )
    context.observe(TaskSucceeded(tenant=tenant, task="poll", at=context.now()))
    if page.has_more:
        return 0.0
    if feed is not None and feed.is_behind_restore:
        await context.store.run(feeds.at_end(tenant))
    for finding in unreadable_changes.next_of(unread.rows):
        await _look_again(context, tenant, finding)
    return None


async def read_page(context: SyncContext, tenant: TenantId, cursor: str | None) -> ChangePage:
    """The page behind a cursor, of fewer entries where many make it too long. Raises RemoteError.

    One entry alone is read whatever is in it; only one too long to be even passed over, 64 MiB of
    Pipeline's, or that nothing shortens, stops the feed, and the error says so.
    """
    for limit in PAGE_SIZES:
        try:
            return await context.billing.changes_since(tenant, cursor, limit=limit)
        except TooLong as error:
            too_long = error
    raise TooLong(
        "One entry of Pipeline's feed is too long to be read, and the feed stands still before it. "
        f"Shorten or delete the object in Pipeline. {too_long}",
        system="pipeline",
    ) from too_long


async def _begin_again(context: SyncContext, tenant: TenantId, feed: Feed | None) -> None:
    """Pipeline knows our cursor no more: what we know already is recognised by its version.

    It may have been set back, and have forgotten what it was told as well: that is told again.
    Twice within a minute says that beginning again does not help. Raises Garbled.
    """
    now = context.now()
    last = None if feed is None else feed.began_again_at
    if feed is None or feed.cursor is None or (last and now - last < BEGIN_APART):
        raise Garbled(
            "Pipeline refuses the place its feed had reached, also from the beginning. It is tried "
            "again by itself, ever more rarely.",
            system="pipeline",
        )
    tx = Transaction()
    tx.add(feeds.begin_again(tenant, now))
    # Every entry is read anew, and what still cannot be read is found anew.
    tx.add(unreadable_changes.forgotten(tenant, now))
    tx.add(results.tell_again(tenant, now))
    await context.store.commit(tx)


async def _look_again(context: SyncContext, tenant: TenantId, finding: Finding) -> None:
    """Read a page once more that held what nobody could read; the finding closes when it is mended.

    Not every time: now and then. What has become readable is taken like any other.
    """
    began_at = context.now()
    if began_at - finding.seen_at < unreadable_changes.LOOK_AGAIN_AFTER:
        return
    left: Found | None = finding
    for _ in range(unreadable_changes.MOST_PAGES):
        if left is None:
            return
        try:
            page = await read_page(context, tenant, unreadable_changes.behind(left))
        except (Throttled, Unauthorised):
            raise
        except CursorTooOld:
            # What the page held comes again from the beginning, where the feed itself stays.
            await _look_from_beginning(context, tenant, left, began_at)
            return
        except RemoteError:
            # Pipeline fails at this very page: the feed itself has just been read.
            await context.store.run(unreadable_changes.still(tenant, left, began_at))
            return
        await _take(context, tenant, page, began_at, again=left)
        left = None if page.nameless else unreadable_changes.left_of(left, page)


async def _look_from_beginning(
    context: SyncContext, tenant: TenantId, finding: Found, at: datetime
) -> None:
    tx = Transaction()
    left = unreadable_changes.from_beginning(finding)
    tx.add_all(unreadable_changes.moved(tenant, finding, left, at))
    await context.store.commit(tx)


async def _take(
    context: SyncContext,
    tenant: TenantId,
    page: ChangePage,
    began_at: datetime,
    *,
    behind: str | None = None,
    again: Found | None = None,
) -> None:
    """What a page brought, the finding of what cannot be read in it, and the cursor, at once.

    `again`: it is read for that finding; the feed has gone on from it, and stands where it stands.
    """
    start_on = context.policies[tenant].start_on
    told = await news.of(context, tenant, [_desired(change, began_at) for change in page.changes])
    newer = told.changes
    followed = await scope.followed(context, tenant, newer)
    now = context.now()
    tx = Transaction()
    if newer:
        told.put(tx, tenant, now)
        tx.add(jobs.enqueue(_requests(context, tenant, newer, followed, now), now))
    if page.nameless:
        key = again.key if again is not None else unreadable_changes.key_of(behind, page)
        tx.add(unreadable_changes.noted(tenant, page, key=key, at=now))
    elif again is not None:
        left = unreadable_changes.left_of(again, page)
        tx.add_all(unreadable_changes.moved(tenant, again, left, now))
    if again is None:
        tx.add(feeds.move(tenant, page.next_cursor, now))
    if newer or page.nameless or again is not None or behind != page.next_cursor:
        await context.store.commit(tx)
    if context.policies[tenant].start_on != start_on:
        await scope.take_in(context, tenant)  # moved meanwhile, past what this page has brought
    if newer or (page.nameless and again is None):
        context.observe(_taken(tenant, newer, page, (context.now() - began_at).total_seconds()))


async def catch_up(context: SyncContext, tenant: TenantId) -> None:
    """Take pages to the feed's end, at its own pace: for whoever needs Pipeline's side as it is.

    The schedule may take one of them at the same time; a page taken twice is taken once. Raises
    RemoteError's leaves, StoreError.
    """
    has_more = await poll_once(context, tenant) is not None
    while has_more:
        await anyio.sleep(context.limits.poll_gap_s)
        has_more = await poll_once(context, tenant) is not None


def _desired(change: Change | UnreadableChange, now: datetime) -> DesiredChange:
    if isinstance(change, UnreadableChange):
        return DesiredChange(
            kind=change.kind,
            key=change.id,
            version=change.version,
            at=now,
            by="",
            label=change.label,
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


def _requests(
    context: SyncContext,
    tenant: TenantId,
    changes: Sequence[DesiredChange],
    followed: frozenset[str],
    now: datetime,
) -> list[JobRequest]:
    """Customers first: their contacts are wanted by their invoices."""
    customers = [one for one in changes if one.kind is ChangeKind.CUSTOMER]
    requests = [scope.of_customer(tenant, one.key, now) for one in customers]
    for one in changes:
        if one.kind is ChangeKind.INVOICE:
            is_followed = one.key in followed
            requests += scope.of_invoice(context, tenant, one, is_followed=is_followed, now=now)
    return requests


def _taken(
    tenant: TenantId, changes: Sequence[DesiredChange], page: ChangePage, took_s: float
) -> ChangesTaken:
    return ChangesTaken(
        tenant=tenant,
        invoices=sum(change.kind is ChangeKind.INVOICE for change in changes),
        customers=sum(change.kind is ChangeKind.CUSTOMER for change in changes),
        unreadable=sum(change.problem is not None for change in changes) + len(page.nameless),
        took_s=took_s,
    )

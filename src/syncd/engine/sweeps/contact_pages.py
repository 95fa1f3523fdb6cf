"""Stores what contacts read by a sweep showed: customers to look at, in one transaction.

Called by the sweeper. Where a linked contact shows something else than was agreed, its customer's
key is enqueued and invoices that waited for it look again. Contacts of nobody's are counted, and
customers without one that such a contact could be are looked at, with whoever waits for a change of
that very contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.contact import ContactStatus, LiveContact
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.job import JobKind
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import content_hash
from syncd.engine.core.context import SyncContext
from syncd.engine.sweeps.step import SweepCounts, known
from syncd.engine.webhooks import contact_events
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, links, sweeps
from syncd.store.links import Link
from syncd.store.sweeps import LastSeen
from syncd.store.unit_of_work import Statement, Transaction


class SortedContacts(Value, frozen=True, kw_only=True):
    """Reads of contacts, sorted by whose they are; `links` as well of customers merged away."""

    links: tuple[Link[ContactBase], ...]
    linked: tuple[tuple[Link[ContactBase], LiveContact], ...]
    news: tuple[tuple[Link[ContactBase], LiveContact], ...]
    """Those that show something else than when they were last seen."""
    strangers: tuple[LiveContact, ...]


async def sort(
    context: SyncContext, tenant: TenantId, lives: Sequence[LiveContact]
) -> SortedContacts:
    """What a page of a list showed, beside what was known of it. Raises StoreError."""
    ids = [live.id for live in lives]
    found, before = await known(context, tenant, links.customers_standing_for(tenant, ids), ids)
    live_of: dict[str, LiveContact] = {live.id: live for live in lives}
    ours = [(link, live_of[link.xero_id]) for link in found if link.xero_id in live_of]
    own_ids = {each.id for _, each in ours}
    return SortedContacts(
        links=found,
        linked=tuple(ours),
        news=tuple((link, live) for link, live in ours if _is_news(before.get(live.id), live)),
        strangers=tuple(live for live in lives if live.id not in own_ids),
    )


async def take(
    context: SyncContext,
    tenant: TenantId,
    sorted_reads: SortedContacts,
    read_at: datetime,
    checkpoint: Sequence[Statement[None]],
) -> SweepCounts:
    """Store what reads begun at `read_at` showed, with how far the sweep has come."""
    ours, news, strangers = sorted_reads.linked, sorted_reads.news, sorted_reads.strangers
    moved = [(link, live) for link, live in news if _has_moved(link, live)]
    waiting = await contact_events.unlinked(context, tenant) if strangers else ()
    now = context.now()
    live_of: dict[str, LiveContact] = {
        live.id: live for live in (*strangers, *(live for _, live in ours))
    }
    keys = [
        link.key for link in [*(link for link, _ in moved), *_orphaned(sorted_reads.links, live_of)]
    ]
    keys += contact_events.wanted_by(waiting, strangers)
    tx = Transaction()
    tx.add(sweeps.note_seen(tenant, [_as_seen(live) for _, live in ours]))
    # What went is known at once: no invoice is written with it, and nobody reads it once more.
    gone = [
        (link.key, str(live.status), live.name, read_at)
        for link, live in moved
        if _is_gone(live) and link.merged_to is None
    ]
    tx.add(links.note_read(tenant, ChangeKind.CUSTOMER, gone))
    tx.add(jobs.look(tenant, JobKind.PUSH_CUSTOMER, keys, now))
    topics = {*_met_predicates(news, strangers), *_usable(sorted_reads.links, news)}
    tx.add(jobs.release_by_predicates(tenant, topics, now))
    tx.add_all(checkpoint)
    await context.store.commit(tx)
    return SweepCounts(
        rows=len(live_of),
        ours=len(ours),
        news=len(news),
        enqueued=len(keys),
        strangers=len(strangers),
    )


def _met_predicates(
    news: Sequence[tuple[Link[ContactBase], LiveContact]], strangers: Sequence[LiveContact]
) -> Iterator[str]:
    """What held jobs waited for and these contacts fulfil."""
    for link, live in news:
        yield Predicate.MOVED_IN_XERO.of(live.id.lower())
        if not _is_gone(live):
            yield Predicate.CONTACT_USABLE.of(link.key)
    for live in strangers:
        yield Predicate.MOVED_IN_XERO.of(live.id.lower())


def _usable(
    found: Sequence[Link[ContactBase]], news: Sequence[tuple[Link[ContactBase], LiveContact]]
) -> Iterator[str]:
    """The same for customers that another's contact stands for since a merge."""
    usable = {live.id for _, live in news if not _is_gone(live)}
    for link in found:
        if link.merged_to in usable:
            yield Predicate.CONTACT_USABLE.of(link.key)


def _orphaned(
    found: Sequence[Link[ContactBase]], live_of: Mapping[str, LiveContact]
) -> list[Link[ContactBase]]:
    """Customers that another's contact stood for since a merge, which is gone now itself."""
    survivors = ((link, live_of.get(link.merged_to or "")) for link in found)
    return [link for link, live in survivors if live is not None and _is_gone(live)]


def _is_gone(live: LiveContact) -> bool:
    return live.status is not ContactStatus.ACTIVE


def _is_news(before: LastSeen | None, live: LiveContact) -> bool:
    now = _as_seen(live)
    return before is None or (before.updated_at, before.content_hash) != (
        now.updated_at,
        now.content_hash,
    )


def _has_moved(link: Link[ContactBase], live: LiveContact) -> bool:
    """It shows something else than was agreed or last seen; an echo of our own write does not."""
    agreed = None if link.base is None else link.base.xero
    if link.merged_to is None and link.xero_status != live.status:
        return True
    return agreed is None or content_hash.contact_hash(agreed) != content_hash.contact_hash(live)


def _as_seen(live: LiveContact) -> LastSeen:
    return LastSeen(
        xero_id=live.id, updated_at=live.updated_at, content_hash=content_hash.contact_hash(live)
    )

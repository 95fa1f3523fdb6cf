"""Finds the customers that an announced change of contacts concerns.

Called where CONTACT events are digested. What a round has seen already is left out: our own writes
are announced too, and cost no call. Contacts of nobody's cost none either while every customer has
one; else they are read, forty to a call, for one of them may be what a customer waits for. Whoever
waits for a change of that very contact is released in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.inbox import Category, InboxState, NoticeOutcome
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import matching
from syncd.engine.core.context import SyncContext
from syncd.store import desired, links
from syncd.store.inbox import Notice
from syncd.store.links import Link

Ended = tuple[Notice, InboxState, NoticeOutcome]


class Concerned(Value, frozen=True, kw_only=True):
    """What events of contacts come to, to be stored together.

    `strangers` have to be read first: they may be the contacts that customers `waiting` lack.
    """

    keys: tuple[str, ...] = ()
    """Customers to be looked at now."""
    ended: tuple[Ended, ...] = ()
    strangers: tuple[Notice, ...] = ()
    waiting: tuple[Customer, ...] = ()


async def concerned(context: SyncContext, tenant: TenantId, events: Sequence[Notice]) -> Concerned:
    """Whom the CONTACT events among these concern, and why each has no more work left in it."""
    events = [one for one in events if one.category == Category.CONTACT]
    if not events:
        return Concerned()
    newest: dict[str, datetime] = {}
    for one in events:
        before = newest.get(one.resource_id, one.happened_at)
        newest[one.resource_id] = max(before, one.happened_at)
    ids = [XeroContactId(each) for each in sorted(newest)]
    found = await context.store.fetch(links.customers_standing_for(tenant, ids))
    places = [(link, each) for link in found for each in _contacts(link) if each in newest]
    ours = {each for _, each in places}
    fresh = [(link, each) for link, each in places if not _is_seen(link, newest[each])]
    asked = {each for _, each in fresh}
    news = {link.key: link for link, _ in fresh}
    strangers = tuple(one for one in events if one.resource_id not in ours)
    waiting = await unlinked(context, tenant) if strangers else ()
    told = [one for one in events if one.resource_id in ours or not waiting]
    return Concerned(
        keys=tuple(news),
        ended=tuple((one, *_end(one.resource_id, ours=ours, asked=asked)) for one in told),
        strangers=strangers if waiting else (),
        waiting=waiting,
    )


async def unlinked(context: SyncContext, tenant: TenantId) -> tuple[Customer, ...]:
    """Customers without a contact, whatever their jobs do just now."""
    found = await context.store.fetch(desired.unlinked_customers(tenant))
    return tuple(one.content for one in found if one.content is not None)


def wanted_by(waiting: Sequence[Customer], lives: Collection[LiveContact]) -> list[str]:
    """Those of the waiting customers that one of these contacts could be."""
    return [who.id for who in waiting if any(matching.could_be(who, live) for live in lives)]


def _contacts(link: Link[ContactBase]) -> tuple[str, ...]:
    """The customer's own contact, and the one that stands for it since a merge."""
    both = (link.xero_id, link.merged_to)
    return tuple(each.lower() for each in both if each is not None)


def _is_seen(link: Link[ContactBase], happened_at: datetime) -> bool:
    """A round has looked at the contact as it was then, or later."""
    seen = None if link.base is None else link.base.xero
    return seen is not None and happened_at <= seen.updated_at


def _end(contact: str, *, ours: set[str], asked: set[str]) -> tuple[InboxState, NoticeOutcome]:
    if contact not in ours:
        return InboxState.IGNORED, NoticeOutcome.NOT_OURS
    return InboxState.DONE, NoticeOutcome.CONTACT if contact in asked else NoticeOutcome.COVERED

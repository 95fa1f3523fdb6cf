"""Which customers an announced change of contacts concerns: those are to be looked at.

Called where CONTACT events are digested. Contacts of nobody's are left out, and so is what a round
has seen already: our own writes are announced too, and cost no call. Nothing is read from Xero
here; the round of customers reads what it is asked to look at, forty to a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.inbox import Category, InboxState, Verdict
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.job import JobKind, JobRequest
from syncd.engine.hall import Hall
from syncd.store import links
from syncd.store.inbox import Notice
from syncd.store.links import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """What events of contacts come to, to be stored together."""

    wishes: tuple[JobRequest, ...] = ()
    ended: tuple[tuple[Notice, InboxState, Verdict], ...] = ()


async def concerned(hall: Hall, tenant: TenantId, notices: Sequence[Notice]) -> Concerned:
    """Whom the CONTACT events among these concern, and why each has no more work left in it."""
    notices = [one for one in notices if one.category == Category.CONTACT]
    if not notices:
        return Concerned()
    newest: dict[str, datetime] = {}
    for one in notices:
        before = newest.get(one.resource_id, one.happened_at)
        newest[one.resource_id] = max(before, one.happened_at)
    ids = [XeroContactId(each) for each in sorted(newest)]
    found = await hall.store.fetch(links.customers_standing_for(tenant, ids))
    places = [(link, each) for link in found for each in _contacts(link) if each in newest]
    ours = {each for _, each in places}
    fresh = [(link, each) for link, each in places if not _is_seen(link, newest[each])]
    asked = {each for _, each in fresh}
    news = {link.key: link for link, _ in fresh}.values()
    now = hall.now()
    return Concerned(
        wishes=tuple(
            JobRequest(tenant=tenant, kind=JobKind.PUSH_CUSTOMER, key=link.key, ready_at=now)
            for link in news
        ),
        ended=tuple((one, *_end(one.resource_id, ours=ours, asked=asked)) for one in notices),
    )


def _contacts(link: Link[ContactBase]) -> tuple[str, ...]:
    """The customer's own contact, and the one that stands for it since a merge."""
    both = (link.xero_id, link.merged_to)
    return tuple(each.lower() for each in both if each is not None)


def _is_seen(link: Link[ContactBase], happened_at: datetime) -> bool:
    """A round has looked at the contact as it was then, or later."""
    seen = None if link.base is None else link.base.xero
    return seen is not None and happened_at <= seen.updated_at


def _end(contact: str, *, ours: set[str], asked: set[str]) -> tuple[InboxState, Verdict]:
    if contact not in ours:
        return InboxState.IGNORED, Verdict.NOT_OURS
    return InboxState.DONE, Verdict.CONTACT if contact in asked else Verdict.COVERED

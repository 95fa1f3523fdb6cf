"""A customer's link as it stands after a round: made, seen again, agreed anew, merged.

Pure. Called by the rounds of customers; what moved per field is `rules.contacts.field_moves`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.model.intent_body import ContactBase
from syncd.store.links import Link

ContactLink = Link[ContactBase]


def fresh(
    customer: Customer,
    live: LiveContact,
    at: datetime,
    *,
    is_ours: bool,
    altered: tuple[str, ...] = (),
) -> ContactLink:
    """A new link: what both sides show now is what they agree on, whatever differs.

    `altered` are fields of a contact we made that Xero shows otherwise than they were sent.

    It forgets an earlier link: what stands in Xero keeps that contact, what comes gets this one.
    """
    return Link(
        key=customer.id,
        xero_id=live.id,
        is_ours=is_ours,
        xero_status=live.status,
        xero_number=live.name,
        seen_at=at,
        base=ContactBase(pipeline=customer, xero=live, altered=altered),
        based_at=at,
        synced_version=customer.version,
    )


def seen(link: ContactLink, live: LiveContact, at: datetime) -> ContactLink:
    """The link after a look that changed nothing of what is agreed, but since when it is known."""
    base = link.base
    if base is not None and base.xero is not None:
        loaded = replace(base.xero, status=live.status, updated_at=live.updated_at)
        base = replace(base, xero=loaded)
    return replace(link, xero_status=live.status, xero_number=live.name, seen_at=at, base=base)


def restored(link: ContactLink, live: LiveContact, at: datetime) -> ContactLink:
    """The link to a contact that is active again, agreed by nobody: the base says it was gone."""
    base = link.base
    if base is not None and base.xero is not None:
        loaded = replace(base.xero, status=ContactStatus(link.xero_status))
        base = replace(base, xero=loaded)
    return replace(link, xero_status=live.status, seen_at=at, base=base)


def unknown(link: ContactLink, at: datetime) -> ContactLink:
    """The link to a contact that Xero does not know: nothing is written with it."""
    return replace(link, xero_status=ContactStatus.UNKNOWN, seen_at=at)


def is_believed_there(link: ContactLink) -> bool:
    """Whether nothing has said yet that Xero does not know the contact."""
    return link.xero_status != ContactStatus.UNKNOWN


def agreed(
    link: ContactLink, live: LiveContact, base: ContactBase, at: datetime, version: int | None
) -> ContactLink:
    """The link with a new base; `version` is the one Xero now shows, None for one it does not."""
    return replace(
        seen(link, live, at),
        base=base,
        based_at=at,
        synced_version=link.synced_version if version is None else version,
        unverified_from=None,
    )


def survived(link: ContactLink, survivor: LiveContact, at: datetime) -> ContactLink:
    """The link moves to what its contact was merged into; what Pipeline last said still stands.

    The survivor is none of ours, and what it shows was moved by nobody.
    """
    base = ContactBase(
        pipeline=None if link.base is None else link.base.pipeline,
        xero=survivor,
        former=_former(link),
    )
    moved = replace(link, xero_id=survivor.id, merged_to=None, is_ours=False)
    return agreed(moved, survivor, base, at, None)


def shared(link: ContactLink, survivor: LiveContact, at: datetime) -> ContactLink:
    """The link of a customer whose contact was merged into another customer's.

    A survivor of before stays known: documents were agreed on while it stood for the customer.
    """
    before = link.merged_to
    if before is not None and before != survivor.id and link.base is not None:
        former = dict.fromkeys((*link.base.former, XeroContactId(before)))
        link = replace(link, base=replace(link.base, former=tuple(former)))
    return seen(replace(link, merged_to=survivor.id), survivor, at)


def target(link: ContactLink) -> XeroContactId:
    """The contact that stands for the customer now."""
    return XeroContactId(link.merged_to or link.xero_id)


def is_changed(before: ContactLink, after: ContactLink) -> bool:
    """Whether there is anything to store but when it was seen."""
    return replace(after, seen_at=before.seen_at, based_at=before.based_at) != before


def _former(link: ContactLink) -> tuple[XeroContactId, ...]:
    """All contacts that stood for the customer before this merge."""
    earlier = () if link.base is None else link.base.former
    shared_with = () if link.merged_to is None else (XeroContactId(link.merged_to),)
    return tuple(dict.fromkeys((*earlier, XeroContactId(link.xero_id), *shared_with)))

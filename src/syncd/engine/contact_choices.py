"""Whether a contact may stand for a customer, and in words why not, so that a person can choose.

Shared by the rounds of linked and of unlinked customers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.model.job import Reason
from syncd.domain.rules.matching import (
    Archived,
    Candidates,
    Follow,
    Linked,
    Match,
    NameTaken,
    Vanished,
)
from syncd.domain.rules.outcome import Held


def usable(
    wanted: XeroContactId,
    by_id: Mapping[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> LiveContact | None:
    """The contact, or what it was merged into, when it is active and nobody else's."""
    found = end_of(wanted, by_id)
    if found is None or found.status is not ContactStatus.ACTIVE or found.id in taken:
        return None
    return found


def end_of(wanted: XeroContactId, by_id: Mapping[XeroContactId, LiveContact]) -> LiveContact | None:
    """Where the contact's merges end, as far as they were read."""
    found = by_id.get(wanted)
    for _ in by_id:
        if found is None or found.merged_to is None:
            break
        found = by_id.get(found.merged_to)
    return found


def why_not(
    wanted: XeroContactId,
    by_id: Mapping[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> str:
    """Why `usable` found none."""
    found = end_of(wanted, by_id)
    if found is None:
        return "Xero does not know it."
    if found.id in taken:
        return f"{found.name} ({found.id}) is another customer's contact."
    return f"{found.name} ({found.id}) is {found.status.value} in Xero."


def held(customer: Customer, found: Match) -> Held:
    """Why a person has to choose."""
    match found:
        case Candidates(ids=ids):
            text = (
                f"Several contacts in Xero could be {customer.name}, or one that is another "
                f"customer's: {', '.join(ids)}. Link the right one."
            )
            return Held(reason=Reason.CONTACT_UNMAPPED, text=text)
        case NameTaken(ids=ids):
            text = (
                f"Xero has a contact named {customer.name} ({', '.join(ids)}) with another "
                "Account Number. Link it, or rename one of the two."
            )
            return Held(reason=Reason.CONTACT_NAME_TAKEN, text=text)
        case Archived(id=contact):
            text = (
                f"The contact {contact} of {customer.name} is archived in Xero. Restore it, or "
                "link another."
            )
            return Held(reason=Reason.CONTACT_ARCHIVED, text=text)
        case Vanished(id=contact):
            text = f"Xero does not know the contact {contact} set for {customer.name}. Link one."
            return Held(reason=Reason.CONTACT_UNMAPPED, text=text)
        case Follow(merged_to=contact) | Linked(id=contact):
            text = (
                f"The contact of {customer.name} is, or was merged into, {contact}, which is "
                "archived or another customer's. Link another."
            )
            return Held(reason=Reason.CONTACT_UNMAPPED, text=text)
        case _:
            raise AssertionError(f"not a hold: {found}")

"""Says whether a customer may be linked to a contact, and in words why not.

Shared by the rounds of linked and of unlinked customers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactCandidate, ContactStatus, Customer, LiveContact
from syncd.domain.model.job import Reason
from syncd.domain.rules.contacts.matching import (
    Archived,
    Candidates,
    Follow,
    Linked,
    Match,
    NameTaken,
    Vanished,
)
from syncd.domain.rules.queue.outcome import Held


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
        return f"Xero does not know {wanted}."
    if found.id in taken:
        return f"{named(found)} is another customer's contact."
    return f"{named(found)} is {found.status.value} in Xero."


def named(contact: LiveContact) -> str:
    """A contact as people are told of it: its name, its id beside."""
    return f"{contact.name} ({contact.id})"


def archived(customer: Customer, contact: LiveContact) -> str:
    """What is said where the customer's own contact is archived."""
    return (
        f"The contact {named(contact)} of {customer.name} is archived in Xero. Restore it there, "
        "or link the customer to another contact."
    )


def held(
    customer: Customer,
    found: Match,
    by_id: Mapping[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> Held:
    """Why a person has to choose; a change of one of the contacts in question is looked at."""
    reason, ids, text = _choice(customer, found, by_id, taken)
    return Held(reason=reason, text=text, in_the_way=tuple(dict.fromkeys(ids)))


def candidates(
    held_for: Held, by_id: Mapping[XeroContactId, LiveContact], owners: Mapping[XeroContactId, str]
) -> tuple[ContactCandidate, ...]:
    """The contacts that a hold is about, as a person chooses among them."""
    found = (by_id.get(XeroContactId(each)) for each in held_for.in_the_way)
    return tuple(
        ContactCandidate(
            id=one.id,
            name=one.name,
            status=one.status,
            email=one.email,
            account_number=one.account_number,
            owner=owners.get(one.id, ""),
        )
        for one in found
        if one is not None
    )


def gone(customer: Customer, contact: XeroContactId, name: str) -> Held:
    """The hold of a customer whose own contact, last seen under this name, Xero knows no more."""
    text = (
        f"Xero does not know the contact {name} ({contact}) of {customer.name} any more. Link "
        f"{customer.name} to one that it has."
    )
    return Held(reason=Reason.CONTACT_UNMAPPED, text=text, in_the_way=(contact,))


def _choice(
    customer: Customer,
    found: Match,
    by_id: Mapping[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> tuple[Reason, Sequence[XeroContactId], str]:
    who = customer.name
    match found:
        case Candidates(ids=(one,)) if one in taken:
            text = (
                f"The contact {_name(one, by_id)} could be {who}, but is another customer's. Link "
                f"{who} to a contact of its own, or merge the two customers in Pipeline."
            )
            return Reason.CONTACT_UNMAPPED, (one,), text
        case Candidates(ids=ids):
            names = ", ".join(_name(each, by_id) for each in ids)
            text = (
                f"Several contacts in Xero could be {who}: {names}. Link the right one, or give "
                "only one of them the customer's Account Number in Xero."
            )
            return Reason.CONTACT_UNMAPPED, ids, text
        case NameTaken(ids=ids):
            return Reason.CONTACT_NAME_TAKEN, ids, _name_taken(customer, ids, by_id, taken)
        case Archived(id=contact):
            return Reason.CONTACT_ARCHIVED, (contact,), archived(customer, by_id[contact])
        case Vanished(id=contact):
            text = f"Xero does not know the contact {contact} set for {who}. Link one that it has."
            return Reason.CONTACT_UNMAPPED, (contact,), text
        case Follow(merged_to=contact) | Linked(id=contact):
            end = end_of(contact, by_id)
            is_taken = end is not None and end.id in taken
            what = "another customer's" if is_taken else "archived in Xero"
            text = (
                f"The contact of {who} is, or was merged into, {_name(contact, by_id)}, which is "
                f"{what}. Link the customer to another contact."
            )
            ids = (contact,) if end is None else (contact, end.id)
            return Reason.CONTACT_UNMAPPED, ids, text
        case _:
            raise AssertionError(f"not a hold: {found}")


def _name_taken(
    customer: Customer,
    ids: Sequence[XeroContactId],
    by_id: Mapping[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> str:
    """A namesake: whose it is, and what would make it this customer's."""
    names = ", ".join(_name(each, by_id) for each in ids)
    if any(each in taken for each in ids):
        return (
            f"Xero has a contact of that name, {names}, which is another customer's. Rename "
            f"{customer.name} in Pipeline or the contact in Xero."
        )
    numbers = {by_id[each].account_number.strip() for each in ids if each in by_id} - {""}
    other = f" with the Account Number {', '.join(sorted(numbers))}" if numbers else ""
    own = customer.ref.strip()
    give = f", give it the Account Number {own} in Xero," if own else ""
    return (
        f"Xero has a contact of that name, {names}{other or ', without an Account Number'}. If it "
        f"is this customer, link it{give or ''} or else rename one of the two."
    )


def _name(contact: XeroContactId, by_id: Mapping[XeroContactId, LiveContact]) -> str:
    found = by_id.get(contact)
    return contact if found is None else named(found)

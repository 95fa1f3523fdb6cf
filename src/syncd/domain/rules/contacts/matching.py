"""Which Xero contact is this customer: by link, by hand, by our mark, by the customer's reference.

Called by the engine for each customer with every contact those four could mean (archived ones
included). A doubt is never settled by creating: two of them, or a namesake, go to a person.

| looked for by             | decides, when one is found                                        |
|---------------------------|-------------------------------------------------------------------|
| the link                  | Linked; merged: Follow; archived: Archived; absent: Vanished      |
| xeroContactId, by hand    | the same                                                          |
| ContactNumber, our mark   | the same (an archived one of ours is still ours)                  |
| AccountNumber = reference | one active: Linked; several, or another customer's: Candidates;   |
| (letter for letter, else  | archived ones only: as for our mark, for they keep the number     |
| as Xero does: no case)    |                                                                   |
| name (active, no case)    | NameTaken: Xero would refuse the create                           |
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import (
    ContactStatus,
    ContactWrite,
    Customer,
    LiveContact,
    PostalAddress,
)
from syncd.domain.model.settings import CreateContacts
from syncd.domain.model.value import Value

NAME_LIMIT = 255
REFERENCE_LIMIT = 50
"""ContactNumber and AccountNumber (facts §4)."""
TEXT_LIMIT = 255
PHONE_LIMIT = 50
ADDRESS_LINE_LIMIT = 500
SHORT_ADDRESS_LIMIT = 50
"""Postal code and country (facts §4)."""
_MERGES_FOLLOWED = 10
_LAST_BEFORE_EMOJI = 0xFFFF


class Linked(Value, frozen=True, kw_only=True):
    """This contact, and it may be used."""

    id: XeroContactId


class Follow(Value, frozen=True, kw_only=True):
    """The contact was merged in Xero; the customer is now `merged_to`, which may be unread yet."""

    merged_from: XeroContactId
    merged_to: XeroContactId


class Archived(Value, frozen=True, kw_only=True):
    """The customer's contact is archived: Xero takes it on no new document."""

    id: XeroContactId


class Vanished(Value, frozen=True, kw_only=True):
    """A link, or an id set by hand, that a good read does not know."""

    id: XeroContactId


class Candidates(Value, frozen=True, kw_only=True):
    """Several contacts, or one of another customer: a person chooses."""

    ids: tuple[XeroContactId, ...]


class NameTaken(Value, frozen=True, kw_only=True):
    """Only the name matches: a create would be refused, and a link would be a guess."""

    ids: tuple[XeroContactId, ...]


class NoneFound(Value, frozen=True, kw_only=True):
    """Nothing of this customer is in Xero."""


Match = Linked | Follow | Archived | Vanished | Candidates | NameTaken | NoneFound


def match(
    customer: Customer,
    link: XeroContactId | None,
    candidates: Sequence[LiveContact],
    *,
    taken: Collection[XeroContactId] = (),
) -> Match:
    """Which of `candidates` the customer is; `taken` are contacts linked to other customers.

    `link` None means never linked. A contact belongs to one customer at most.
    """
    by_id = {contact.id: contact for contact in candidates}
    by_hand = customer.xero_contact_id
    if link is not None:
        found = _by_id(link, by_id, ())
        # A person who sets another id by hand answers a link that cannot be used.
        if by_hand in (None, link) or isinstance(found, Linked | Follow):
            return found
    if by_hand is not None:
        return _by_id(by_hand, by_id, taken)
    marked = tuple(contact for contact in candidates if contact.number == customer.id)
    if marked:
        return _marked(marked, by_id, taken)
    return _by_reference_or_name(customer, candidates, taken)


def could_be(customer: Customer, contact: LiveContact) -> bool:
    """Whether a look for this unlinked customer would come across this contact."""
    reference = customer.ref.strip()
    return (
        contact.id == customer.xero_contact_id
        or contact.number == customer.id
        or bool(reference and same_reference(contact.account_number, reference))
        or same_name(contact.name, customer.name)
    )


def create_allowed(policy: CreateContacts, *, is_invoiced: bool) -> bool:
    """Whether a contact may be made for a customer; `is_invoiced`: an invoice waits for it."""
    match policy:
        case CreateContacts.ALWAYS:
            return True
        case CreateContacts.WHEN_INVOICED:
            return is_invoiced
        case CreateContacts.NEVER:
            return False


def contact_write(customer: Customer, others: Iterable[LiveContact] = ()) -> ContactWrite:
    """The create of this customer's contact, within Xero's limits; what is empty is not sent.

    A reference longer than Xero keeps is left out: cut short it would match somebody else. So is
    one that a contact among `others` carries, archived ones too: Xero takes each once (facts §4).
    Raises ValueError for a customer without a usable name.
    """
    name = normal_name(customer.name)
    if not name:
        raise ValueError(f"expected a customer with a name Xero takes, got {customer.name!r}")
    reference = customer.ref.strip()
    taken = {one.account_number.strip().casefold() for one in others}
    is_free = 0 < len(reference) <= REFERENCE_LIMIT and reference.casefold() not in taken
    return ContactWrite(
        pipeline_id=customer.id,
        number=customer.id,
        name=name,
        account_number=reference if is_free else None,
        first_name=_text(customer.first_name, TEXT_LIMIT),
        last_name=_text(customer.last_name, TEXT_LIMIT),
        email=_text(customer.email, TEXT_LIMIT),
        phone=_text(customer.phone, PHONE_LIMIT),
        website=_text(customer.website, TEXT_LIMIT),
        postal_address=address_within(customer.postal_address),
    )


def link_write(customer: Customer, contact: LiveContact) -> ContactWrite | None:
    """All that linking writes to a contact we did not create: our mark, where none stands."""
    if contact.number:
        return None
    return ContactWrite(pipeline_id=customer.id, xero_id=contact.id, number=customer.id)


def normal_name(name: str) -> str:
    """A name as Xero takes it: no angle brackets, single blanks, ≤ 255 (facts §4); may be empty."""
    bare = name.replace("<", " ").replace(">", " ")
    return " ".join(bare.split())[:NAME_LIMIT].rstrip()


def without_emoji(name: str) -> str:
    """The name as Xero has it where it drops emoji without a word (facts §3.5, not certain)."""
    return normal_name("".join(each for each in name if ord(each) <= _LAST_BEFORE_EMOJI))


def same_name(left: str, right: str) -> bool:
    """Whether Xero would call the two names one: without regard to case (facts §4)."""
    return normal_name(left).casefold() == normal_name(right).casefold()


def same_reference(left: str, right: str) -> bool:
    """Whether Xero would call the two Account Numbers one: without regard to case."""
    return left.strip().casefold() == right.strip().casefold()


def _by_id(
    named: XeroContactId,
    by_id: dict[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> Match:
    contact = by_id.get(named)
    if contact is None:
        return Vanished(id=named)
    if contact.merged_to is not None:
        return Follow(merged_from=named, merged_to=_end_of_merges(contact.merged_to, by_id))
    if contact.status is not ContactStatus.ACTIVE:
        return Archived(id=named)
    return Candidates(ids=(named,)) if named in taken else Linked(id=named)


def _end_of_merges(first: XeroContactId, by_id: dict[XeroContactId, LiveContact]) -> XeroContactId:
    """Where a chain of merges ends, as far as it was read; a circle ends somewhere on it."""
    last = first
    for _ in range(_MERGES_FOLLOWED):
        contact = by_id.get(last)
        if contact is None or contact.merged_to is None:
            break
        last = contact.merged_to
    return last


def _marked(
    marked: tuple[LiveContact, ...],
    by_id: dict[XeroContactId, LiveContact],
    taken: Collection[XeroContactId],
) -> Match:
    active = tuple(contact for contact in marked if contact.status is ContactStatus.ACTIVE)
    if len(active) > 1:
        return Candidates(ids=tuple(contact.id for contact in active))
    return _by_id((active or marked)[0].id, by_id, taken)


def _by_reference_or_name(
    customer: Customer, candidates: Sequence[LiveContact], taken: Collection[XeroContactId]
) -> Match:
    active = tuple(contact for contact in candidates if contact.status is ContactStatus.ACTIVE)
    ids = tuple(each.id for each in _referred(customer, active, taken))
    if len(ids) == 1 and ids[0] not in taken:
        return Linked(id=ids[0])
    if ids:
        return Candidates(ids=ids)
    # An archived contact keeps its Account Number (facts §4): a create would be refused.
    dead = _referred(customer, candidates, taken)
    if dead:
        return _by_id(dead[0].id, {each.id: each for each in candidates}, taken)
    namesakes = tuple(contact.id for contact in active if same_name(contact.name, customer.name))
    return NameTaken(ids=namesakes) if namesakes else NoneFound()


def _referred(
    customer: Customer, contacts: Sequence[LiveContact], taken: Collection[XeroContactId]
) -> list[LiveContact]:
    """Those with the customer's reference, letter for letter; else as Xero compares it.

    To Xero `c1` and `C1` are one Account Number. What is another customer's already is that one's,
    whose reference may differ by nothing else.
    """
    reference = customer.ref.strip()
    if not reference:
        return []
    alike = [each for each in contacts if same_reference(each.account_number, reference)]
    exact = [each for each in alike if each.account_number.strip() == reference]
    return exact or [each for each in alike if each.id not in taken]


def _text(value: str | None, limit: int) -> str | None:
    return (value or "").strip()[:limit].rstrip() or None


def address_within(address: PostalAddress | None) -> PostalAddress | None:
    """The address within Xero's limits; None for one that says nothing."""
    if address is None:
        return None
    cut = PostalAddress(
        line1=_text(address.line1, ADDRESS_LINE_LIMIT) or "",
        line2=_text(address.line2, ADDRESS_LINE_LIMIT) or "",
        city=_text(address.city, TEXT_LIMIT) or "",
        region=_text(address.region, TEXT_LIMIT) or "",
        postal_code=_text(address.postal_code, SHORT_ADDRESS_LIMIT) or "",
        country=_text(address.country, SHORT_ADDRESS_LIMIT) or "",
    )
    return None if cut == PostalAddress() else cut

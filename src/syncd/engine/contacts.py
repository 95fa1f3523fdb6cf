"""Customers become contacts: matched first, created only where nothing of them stands in Xero.

Called by the worker with leased jobs. The same door outward as invoices: intents and call on paper
before the first byte; a create goes by PUT, which cannot overwrite.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.job import Job, Reason
from syncd.domain.model.settings import Mode
from syncd.domain.rules import matching
from syncd.domain.rules.allowance import Lane
from syncd.domain.rules.matching import (
    Archived,
    Candidates,
    Follow,
    Linked,
    Match,
    NameTaken,
    NoneFound,
    Vanished,
)
from syncd.domain.rules.outcome import Held, NothingToDo, Uncertain
from syncd.engine import contact_delivery, contact_settling, customers, paper
from syncd.engine.contact_delivery import TASK
from syncd.engine.contact_settling import ContactEnd
from syncd.engine.customers import ChosenContact, KnownCustomer
from syncd.engine.hall import Hall
from syncd.engine.record import Record
from syncd.store import links


async def push(hall: Hall, tenant: TenantId, jobs: Sequence[Job]) -> None:
    """Link or create these customers' contacts, or say of each why not yet."""
    record = Record(hall, tenant, TASK)
    known = await customers.load(hall, tenant, jobs)
    try:
        chosen = await _decide(record, known)
    except RemoteError as error:
        ended = paper.outcome_of_failed_send(error)
        for one in known:
            contact_settling.settle(record, ContactEnd(known=one, outcome=ended))
        await record.commit()
        if isinstance(error, Unauthorised | Throttled):
            raise
        return
    await record.commit()
    await contact_delivery.send(hall, tenant, [one for one in chosen if one.write.xero_id is None])
    await contact_delivery.send(
        hall, tenant, [one for one in chosen if one.write.xero_id is not None]
    )


async def _decide(record: Record, known: Sequence[KnownCustomer]) -> list[ChosenContact]:
    chosen: list[ChosenContact] = []
    unlinked: list[tuple[KnownCustomer, Customer]] = []
    for one in known:
        wanted = one.desired
        if one.open_intent is not None:
            why = "An earlier write has no certain outcome yet."
            contact_settling.settle(record, ContactEnd(known=one, outcome=Uncertain(why=why)))
        elif wanted is not None and wanted.problem is not None:
            text = f"Pipeline's customer cannot be read: {wanted.problem}. Correct it in Pipeline."
            held = Held(reason=Reason.INVALID_DOCUMENT, text=text)
            contact_settling.settle(record, ContactEnd(known=one, outcome=held))
        elif wanted is None or wanted.content is None or one.link is not None:
            contact_settling.settle(record, ContactEnd(known=one, outcome=NothingToDo()))
        else:
            unlinked.append((one, wanted.content))
    candidates = await _candidates(record.hall, record.tenant, [who for _, who in unlinked])
    taken = await _taken(record.hall, record.tenant, candidates)
    for one, customer in unlinked:
        found = matching.match(customer, None, candidates, taken=taken)
        if isinstance(found, Linked):
            taken.add(found.id)  # a neighbour in this very batch may not have it too
        write = _write_for(record, one, customer, found, candidates)
        if write is not None:
            chosen.append(write)
    return chosen


async def _candidates(
    hall: Hall, tenant: TenantId, wanted: Sequence[Customer]
) -> tuple[LiveContact, ...]:
    """Every contact one of the four ways of matching could mean, archived ones included."""
    if not wanted:
        return ()
    lane = Lane.WRITE
    by_hand = [who.xero_contact_id for who in wanted if who.xero_contact_id is not None]
    references = sorted({who.ref.strip() for who in wanted if who.ref.strip()})
    names = sorted({matching.normal_name(who.name) for who in wanted if who.name.strip()})
    found: dict[XeroContactId, LiveContact] = {}
    if by_hand:
        found.update(await hall.ledger.contacts_by_id(tenant, by_hand, lane=lane))
    marked = await hall.ledger.contacts_by_number(tenant, [who.id for who in wanted], lane=lane)
    referred = await hall.ledger.contacts_by_account_number(tenant, references, lane=lane)
    named = await hall.ledger.contacts_by_name(tenant, names, lane=lane)
    for contact in (*marked, *referred, *named):
        found[contact.id] = contact
    return tuple(found.values())


async def _taken(
    hall: Hall, tenant: TenantId, candidates: Sequence[LiveContact]
) -> set[XeroContactId]:
    """Contacts that are another customer's already."""
    ids = [contact.id for contact in candidates]
    if not ids:
        return set()
    linked = await hall.store.fetch(links.customers_by_xero(tenant, ids))
    return {XeroContactId(link.xero_id) for link in linked}


def _write_for(
    record: Record,
    known: KnownCustomer,
    customer: Customer,
    found: Match,
    candidates: Sequence[LiveContact],
) -> ChosenContact | None:
    """The write a match asks for; None when it was settled without one."""
    policy = record.hall.policies[record.tenant]
    by_id = {contact.id: contact for contact in candidates}
    match found:
        case Linked(id=contact_id) | Follow(merged_to=contact_id):
            contact = by_id.get(contact_id)
            write = None if contact is None else matching.link_write(customer, contact)
            if write is not None and policy.mode is Mode.LIVE:
                return ChosenContact(known=known, write=write, before=contact)
            contact_settling.link(record, known, contact_id, contact)
            return None
        case NoneFound():
            return _create(record, known, customer)
        case _:
            held = _held(customer, found)
            contact_settling.settle(record, ContactEnd(known=known, outcome=held))
            return None


def _create(record: Record, known: KnownCustomer, customer: Customer) -> ChosenContact | None:
    policy = record.hall.policies[record.tenant]
    held: Held | None = None
    if not matching.create_allowed(policy.create_contacts, is_invoiced=known.is_invoiced):
        held = Held(
            reason=Reason.CONTACT_UNMAPPED,
            text=(
                f"{customer.name} has no contact in Xero, and create_contacts = "
                f'"{policy.create_contacts}" makes none. Create or link one '
                "(Create in Xero & Link)."
            ),
        )
    elif policy.mode is Mode.OBSERVE:
        held = Held(
            reason=Reason.OBSERVING,
            text="Observing: a contact would be created. Set the tenant live to write.",
        )
    if held is None:
        try:
            write = matching.contact_write(customer)
        except ValueError as error:
            held = Held(reason=Reason.INVALID_DOCUMENT, text=f"{error}. Correct it in Pipeline.")
        else:
            return ChosenContact(known=known, write=write, before=None)
    contact_settling.settle(record, ContactEnd(known=known, outcome=held))
    return None


def _held(customer: Customer, found: Match) -> Held:
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
            text = f"The contact {contact} of {customer.name} is archived in Xero. Restore it."
            return Held(reason=Reason.CONTACT_ARCHIVED, text=text)
        case Vanished(id=contact):
            text = f"Xero does not know the contact {contact} set for {customer.name}. Link one."
            return Held(reason=Reason.CONTACT_UNMAPPED, text=text)
        case _:
            raise AssertionError(f"not a hold: {found}")

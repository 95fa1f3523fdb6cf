"""Matches customers to contacts; creates one only where Xero has none of theirs.

Called by the write path, and by plans, which settle nothing. A create goes by PUT, which cannot
overwrite. Customers that are linked already are `contacts.linked`'s, deleted ones
`contacts.withdrawn`'s.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.finding import Found
from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import matching
from syncd.domain.rules.contacts.matching import (
    Archived,
    Candidates,
    Follow,
    Linked,
    Match,
    NoneFound,
)
from syncd.domain.rules.decide import after_restore, policy
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Deferred, Held, NothingToDo
from syncd.engine.contacts import choices as contact_choices
from syncd.engine.contacts import end, link_changes, link_requests, reads, settle
from syncd.engine.contacts import linked as contact_linked
from syncd.engine.contacts import withdrawn as contact_withdrawn
from syncd.engine.contacts.end import ChosenContact, ContactEnd, Decision
from syncd.engine.contacts.linked import ContactsRead, LinkedCustomer
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.round import CustomerRound
from syncd.engine.core import reread, unreadable_rows
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.writes import absence
from syncd.ports.ledger import ContactText
from syncd.ports.rows import Rows


class _Unlinked(Value, frozen=True, kw_only=True):
    """A customer without link: `customer` as it is looked for under a link request, if any."""

    loaded: LoadedCustomer
    customer: Customer
    own: Customer

    @property
    def is_ordered(self) -> bool:
        """Whether an operator ordered a new contact (Create in Xero & Link)."""
        return self.loaded.link_request is not None and self.loaded.link_request.create is not None


async def decide(changeset: ChangeSet, loaded: Sequence[LoadedCustomer]) -> list[ChosenContact]:
    """Writes for these customers; the rest is settled in `changeset`.

    Raises RemoteError's leaves; what was decided until then stays settled.
    """
    context, tenant = changeset.context, changeset.tenant
    given = CustomerRound(
        context=context, tenant=tenant, contacts=context.ledger, policy=context.policies[tenant]
    )
    chosen: list[ChosenContact] = []
    async for one in decisions(given, loaded):
        match one:
            case Found():
                changeset.findings.append(one)
            case ContactEnd():
                settle.settle(changeset, _unless_overlooked(changeset, one))
            case ChosenContact():
                settle.record(changeset, one)
                chosen.append(one)
    return chosen


def _unless_overlooked(changeset: ChangeSet, one: ContactEnd) -> ContactEnd:
    """The same, but where a customer's contact is gone by the first answer without it."""
    job = one.loaded.job
    if absence.is_believed(changeset.context, job, is_lacking=one.is_lacking):
        return one
    return ContactEnd(loaded=one.loaded, outcome=absence.NOT_SHOWN)


async def decisions(
    given: CustomerRound, loaded: Sequence[LoadedCustomer]
) -> AsyncIterator[Decision | Found]:
    """What follows for each customer, as soon as it is known; and contacts nobody can read.

    Raises RemoteError's leaves, StoreError.
    """
    unlinked: list[_Unlinked] = []
    linked: list[LinkedCustomer] = []
    withdrawn: list[LoadedCustomer] = []
    for one in loaded:
        wanted = one.desired
        if wanted is None:
            yield ContactEnd(loaded=one, outcome=NothingToDo())
        elif wanted.problem is not None:
            yield ContactEnd(loaded=one, outcome=reread.put_off(wanted.problem, kind="customer"))
        elif wanted.content is None:
            withdrawn.append(one)
        elif one.link is not None:
            linked.append(LinkedCustomer(loaded=one, customer=wanted.content, link=one.link))
        else:
            asked = link_requests.asked_for(wanted.content, one.link_request)
            unlinked.append(_Unlinked(loaded=one, customer=asked, own=wanted.content))
    context, tenant = given.context, given.tenant
    claimed: dict[XeroContactId, str] = {}
    new = await _new(given, unlinked)
    for one_new in await reads.with_neighbours(context, tenant, new):
        claimed |= _claims(one_new)
        yield one_new
    # No link and no open write says yet what the new ones come to.
    known = await contact_linked.decide(given, linked, claimed)
    for one_known in await reads.with_neighbours(context, tenant, known):
        claimed |= _claims(one_known)
        yield one_known
    # Last: what another customer comes to in this very round leaves with nobody.
    async for gone in contact_withdrawn.decide(given, withdrawn, claimed):
        yield gone


def _claims(decided: Decision | Found) -> dict[XeroContactId, str]:
    """The contact that a customer is linked to by this, and the customer."""
    match decided:
        case ContactEnd(link=link) | ChosenContact(link=link) if link is not None:
            return {link_changes.target(link): link.key}
        case ChosenContact(xero_id=contact) if contact is not None:
            return {contact: decided.loaded.job.key}
        case _:
            return {}


async def _new(given: CustomerRound, unlinked: Sequence[_Unlinked]) -> list[Decision | Found]:
    candidates = await _candidates(given, [one.customer for one in unlinked])
    by_id = {contact.id: contact for contact in candidates}
    contacts = ContactsRead(
        by_id=by_id,
        owners=await reads.owners_seen(given.context, given.tenant, candidates),
        marked=await reads.marked(given.context, given.tenant, candidates),
    )
    found: list[Decision | Found] = []
    for one in unlinked:
        problem = _hidden(one.customer, candidates)
        if problem:
            found.append(end.set_aside(one.loaded, problem))
        else:
            found.append(_decide(given, one, contacts))
    found += unreadable_rows.found(candidates.unread, unreadable_rows.CONTACT)
    return found


def _hidden(customer: Customer, candidates: Rows[LiveContact]) -> str:
    """What is wrong with a contact that may be the customer's; empty when there is none such."""
    if not candidates.unread:
        return ""
    names = (customer.id, customer.ref, customer.name, customer.xero_contact_id or "")
    return candidates.may_hide(*(name for name in names if name.strip()))


async def _candidates(given: CustomerRound, wanted: Sequence[Customer]) -> Rows[LiveContact]:
    """Every contact one of the four ways of matching could mean, archived ones included."""
    if not wanted:
        return Rows()
    by_hand = [who.xero_contact_id for who in wanted if who.xero_contact_id is not None]
    references = sorted({who.ref.strip() for who in wanted if who.ref.strip()})
    names = sorted({matching.normal_name(who.name) for who in wanted if who.name.strip()})
    find = partial(given.contacts.contacts_by, given.tenant, lane=Lane.WRITE)
    marked = await find(ContactText.NUMBER, [who.id for who in wanted])
    referred = await find(ContactText.ACCOUNT_NUMBER, references)
    named = await find(ContactText.NAME, names)
    found: dict[XeroContactId, LiveContact] = {
        contact.id: contact for contact in (*marked, *referred, *named)
    }
    ends = [one.merged_to for one in found.values() if one.merged_to is not None]
    further = [each for each in (*by_hand, *ends) if each not in found]
    ended = await reads.to_the_end(given.contacts, given.tenant, further)
    found.update((one.id, one) for one in ended)
    unread = dict.fromkeys((*marked.unread, *referred.unread, *named.unread, *ended.unread))
    return Rows(found.values(), unread)


def _decide(given: CustomerRound, one: _Unlinked, contacts: ContactsRead) -> Decision:
    is_by_hand = one.customer.xero_contact_id is not None
    taken = contacts.taken(one.loaded) if is_by_hand else contacts.claimed(one.loaded)
    found: Match = matching.match(one.customer, None, tuple(contacts.by_id.values()), taken=taken)
    match found:
        case Linked(id=contact_id) | Follow(merged_to=contact_id):
            contact = contact_choices.usable(contact_id, contacts.by_id, taken)
            if contact is not None:
                contacts.owners[contact.id] = one.loaded.job.key
                return _link(given, one, contact)
        case Archived(id=contact_id) if _is_surely_its(one, contacts.by_id[contact_id], taken):
            contacts.owners[contact_id] = one.loaded.job.key
            return _link(given, one, contacts.by_id[contact_id])
        case NoneFound():
            return _create(given, one, contacts)
        case Candidates() if one.is_ordered:
            return _create(given, one, contacts)
        case _:
            pass
    held = contact_choices.held(one.customer, found, contacts.by_id, taken)
    owners = {key: whose for key, whose in contacts.owners.items() if whose != one.loaded.job.key}
    seen = contact_choices.candidates(held, contacts.by_id, owners)
    return ContactEnd(loaded=one.loaded, outcome=held, candidates=seen)


def _is_surely_its(one: _Unlinked, contact: LiveContact, taken: Collection[XeroContactId]) -> bool:
    """An archived contact with the customer's own mark is linked as it stands.

    Its documents stand with it, and a store that was restored would else take it for a stranger's.
    Who ordered a new contact is told of it instead.
    """
    is_marked = contact.number == one.own.id and contact.id not in taken
    return is_marked and not one.is_ordered


def _link(given: CustomerRound, one: _Unlinked, contact: LiveContact) -> Decision:
    """Link to a contact that stands there: our mark is all that may be written to it.

    Nobody is bound while the tenant only observes: what would be linked is shown in the plan.
    """
    would = f"it would be linked to the contact {contact.name} ({contact.id})."
    if text := policy.observing(would, given.policy, one.loaded.job.withheld_by):
        held = Held(reason=Reason.OBSERVING, text=text)
        return ContactEnd(loaded=one.loaded, outcome=held)
    write = matching.link_write(one.own, contact)
    if write is not None:
        return ChosenContact(loaded=one.loaded, write=write, live=contact, read_at=given.now)
    return end.linked(one.loaded, one.own, contact, given.now)


def _how_to_create(customer: Customer) -> str:
    """What a person may do in Xero so that the contact is known by itself."""
    reference = customer.ref.strip()
    if not reference:
        return "Create the customer in Xero"
    return f"Create the customer in Xero with the Account Number {reference}"


def _create(given: CustomerRound, one: _Unlinked, contacts: ContactsRead) -> Decision:
    choices, customer = given.policy, one.customer
    is_allowed = matching.create_allowed(
        choices.create_contacts, is_invoiced=one.loaded.is_invoiced
    )
    would = "a contact would be created."
    held: Held | Deferred | None = None
    if not (is_allowed or one.is_ordered):
        held = Held(
            reason=Reason.CONTACT_UNMAPPED,
            text=(
                f"{customer.name} has no contact in Xero, and create_contacts = "
                f'"{choices.create_contacts}" makes none. {_how_to_create(customer)}, or link one '
                "(Create in Xero & Link)."
            ),
        )
    elif text := policy.observing(would, choices, one.loaded.job.withheld_by):
        held = Held(reason=Reason.OBSERVING, text=text)
    elif one.loaded.look_outstanding:
        held = Deferred(retry_after_s=after_restore.LOOK_DELAY_S, why=after_restore.LOOK_FIRST)
    if held is None:
        try:
            write = matching.contact_write(customer, contacts.by_id.values())
        except ValueError:
            text = "The customer has no name that Xero takes. Give it one in Pipeline."
            held = Held(reason=Reason.INVALID_DOCUMENT, text=text)
        else:
            return ChosenContact(loaded=one.loaded, write=write, live=None)
    return ContactEnd(loaded=one.loaded, outcome=held)

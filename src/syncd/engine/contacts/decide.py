"""Matches customers to contacts; creates one only where Xero has none of theirs.

Called by the write path. A create goes by PUT, which cannot overwrite. Customers that are linked
already are `contacts.linked`'s, deleted ones `contacts.withdrawn`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import matching
from syncd.domain.rules.contacts.matching import Candidates, Follow, Linked, Match, NoneFound
from syncd.domain.rules.decide import after_restore, policy
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Deferred, Held, NothingToDo
from syncd.engine.contacts import choices as contact_choices
from syncd.engine.contacts import link_requests, reads, settle
from syncd.engine.contacts import linked as contact_linked
from syncd.engine.contacts import withdrawn as contact_withdrawn
from syncd.engine.contacts.linked import ContactsRead, LinkedCustomer
from syncd.engine.contacts.loaded_customer import ChosenContact, LoadedCustomer
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core import reread, unreadable_rows
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
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
    """Writes for these customers; the rest is settled in `changeset`, which may be dropped.

    Reads Xero's side as `changeset`'s context has it. Raises RemoteError's leaves, StoreError.
    """
    unlinked: list[_Unlinked] = []
    linked: list[LinkedCustomer] = []
    withdrawn: list[LoadedCustomer] = []
    for one in loaded:
        wanted = one.desired
        if wanted is None:
            settle.settle(changeset, ContactEnd(loaded=one, outcome=NothingToDo()))
        elif wanted.problem is not None:
            later = reread.put_off(wanted.problem, kind="customer")
            settle.settle(changeset, ContactEnd(loaded=one, outcome=later))
        elif wanted.content is None:
            withdrawn.append(one)
        elif one.link is not None:
            linked.append(LinkedCustomer(loaded=one, customer=wanted.content, link=one.link))
        else:
            asked = link_requests.asked_for(wanted.content, one.link_request)
            unlinked.append(_Unlinked(loaded=one, customer=asked, own=wanted.content))
    return [
        *await _new(changeset, unlinked),
        *await contact_withdrawn.decide(changeset, withdrawn),
        *await contact_linked.decide(changeset, linked),
    ]


async def _new(changeset: ChangeSet, unlinked: Sequence[_Unlinked]) -> list[ChosenContact]:
    context, tenant = changeset.context, changeset.tenant
    candidates = await _candidates(context, tenant, [one.customer for one in unlinked])
    by_id = {contact.id: contact for contact in candidates}
    contacts = ContactsRead(
        by_id=by_id,
        owners=await reads.owners_seen(context, tenant, candidates),
        marked=await reads.marked(context, tenant, candidates),
    )
    chosen: list[ChosenContact | None] = []
    for one in unlinked:
        problem = _hidden(one.customer, candidates)
        if problem:
            reads.set_aside(changeset, one.loaded, problem)
        else:
            chosen.append(_write_for(changeset, one, contacts))
    changeset.findings.extend(unreadable_rows.found(candidates.unread, unreadable_rows.CONTACT))
    return [one for one in chosen if one is not None]


def _hidden(customer: Customer, candidates: Rows[LiveContact]) -> str:
    """What is wrong with a contact that may be the customer's; empty when there is none such."""
    if not candidates.unread:
        return ""
    names = (customer.id, customer.ref, customer.name, customer.xero_contact_id or "")
    return candidates.may_hide(*(name for name in names if name.strip()))


async def _candidates(
    context: SyncContext, tenant: TenantId, wanted: Sequence[Customer]
) -> Rows[LiveContact]:
    """Every contact one of the four ways of matching could mean, archived ones included."""
    if not wanted:
        return Rows()
    lane = Lane.WRITE
    by_hand = [who.xero_contact_id for who in wanted if who.xero_contact_id is not None]
    references = sorted({who.ref.strip() for who in wanted if who.ref.strip()})
    names = sorted({matching.normal_name(who.name) for who in wanted if who.name.strip()})
    find = partial(context.ledger.contacts_by, tenant, lane=lane)
    marked = await find(ContactText.NUMBER, [who.id for who in wanted])
    referred = await find(ContactText.ACCOUNT_NUMBER, references)
    named = await find(ContactText.NAME, names)
    found: dict[XeroContactId, LiveContact] = {
        contact.id: contact for contact in (*marked, *referred, *named)
    }
    ends = [one.merged_to for one in found.values() if one.merged_to is not None]
    further = [each for each in (*by_hand, *ends) if each not in found]
    ended = await reads.to_the_end(context, tenant, further)
    found.update((one.id, one) for one in ended)
    unread = dict.fromkeys((*marked.unread, *referred.unread, *named.unread, *ended.unread))
    return Rows(found.values(), unread)


def _write_for(
    changeset: ChangeSet, one: _Unlinked, contacts: ContactsRead
) -> ChosenContact | None:
    """The write a match asks for; None when it was settled without one."""
    is_by_hand = one.customer.xero_contact_id is not None
    taken = contacts.taken(one.loaded) if is_by_hand else contacts.claimed(one.loaded)
    found: Match = matching.match(one.customer, None, tuple(contacts.by_id.values()), taken=taken)
    match found:
        case Linked(id=contact_id) | Follow(merged_to=contact_id):
            contact = contact_choices.usable(contact_id, contacts.by_id, taken)
            if contact is not None:
                contacts.owners[contact.id] = one.loaded.job.key
                return _link(changeset, one, contact)
        case NoneFound():
            return _create(changeset, one)
        case Candidates() if one.is_ordered:
            return _create(changeset, one)
        case _:
            pass
    held = contact_choices.held(one.customer, found, contacts.by_id, taken)
    settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=held))
    return None


def _link(changeset: ChangeSet, one: _Unlinked, contact: LiveContact) -> ChosenContact | None:
    """Link to a contact that stands there: our mark is all that may be written to it.

    Nobody is bound while the tenant only observes: what would be linked is shown in the plan.
    """
    would = f"it would be linked to the contact {contact.name} ({contact.id})."
    choices = changeset.context.policies[changeset.tenant]
    if text := policy.observing(would, choices, one.loaded.job.withheld_by):
        held = Held(reason=Reason.OBSERVING, text=text)
        settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=held))
        return None
    write = matching.link_write(one.own, contact)
    if write is not None:
        now = changeset.context.now()
        return ChosenContact(loaded=one.loaded, write=write, live=contact, read_at=now)
    settle.linked(changeset, one.loaded, one.own, contact)
    return None


def _how_to_create(customer: Customer) -> str:
    """What a person may do in Xero so that the contact is known by itself."""
    reference = customer.ref.strip()
    if not reference:
        return "Create the customer in Xero"
    return f"Create the customer in Xero with the Account Number {reference}"


def _create(changeset: ChangeSet, one: _Unlinked) -> ChosenContact | None:
    choices, customer = changeset.context.policies[changeset.tenant], one.customer
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
            write = matching.contact_write(customer)
        except ValueError:
            text = "The customer has no name that Xero takes. Give it one in Pipeline."
            held = Held(reason=Reason.INVALID_DOCUMENT, text=text)
        else:
            return ChosenContact(loaded=one.loaded, write=write, live=None)
    settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=held))
    return None

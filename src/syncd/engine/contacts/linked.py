"""Decides linked customers: sends what Pipeline moved, follows merges, waits for archived contacts.

Called by the round of customers (`contacts`), which runs for a customer when somebody enqueued it:
the feed, a webhook, a sweep, a person. All contacts of a round are read together, in one call per
forty, and the writes that follow rest on that read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus, Customer, LiveContact
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import JobKind, JobState, Reason
from syncd.domain.model.result import CustomerState
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import field_moves, matching
from syncd.domain.rules.contacts.field_moves import FieldMoves
from syncd.domain.rules.contacts.matching import Archived, Follow, Linked, Match, Vanished
from syncd.domain.rules.decide import policy
from syncd.domain.rules.queue.outcome import Held, NothingToDo
from syncd.engine.contacts import choices, end, link_changes, reads
from syncd.engine.contacts.end import NO_NOTES, ChosenContact, ContactEnd, ContactNotes, Decision
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.round import CustomerRound
from syncd.store import desired, jobs


class LinkedCustomer(Value, frozen=True, kw_only=True):
    """A customer with content and a link."""

    loaded: LoadedCustomer
    customer: Customer
    link: ContactLink
    notes: ContactNotes = NO_NOTES

    @property
    def requested(self) -> XeroContactId | None:
        """Another contact that an operator wants for it."""
        link_request = self.loaded.link_request
        target = link_changes.target(self.link)
        return (
            None if link_request is None or link_request.link_to == target else link_request.link_to
        )


class ContactsRead(Value, frozen=True, kw_only=True):
    """What the round has read, and whose the contacts are; links made in it are added."""

    by_id: Mapping[XeroContactId, LiveContact]
    owners: dict[XeroContactId, str]
    marked: Mapping[XeroContactId, str] = {}

    def taken(self, loaded: LoadedCustomer) -> set[XeroContactId]:
        """Contacts that are another customer's."""
        return {each for each, key in self.owners.items() if key != loaded.job.key}

    def claimed(self, loaded: LoadedCustomer) -> set[XeroContactId]:
        """Those, and what bears another known customer's mark: a person alone may take it."""
        others = {each for each, key in self.marked.items() if key != loaded.job.key}
        return self.taken(loaded) | others


async def decide(
    given: CustomerRound, linked: Sequence[LinkedCustomer], claimed: Mapping[XeroContactId, str]
) -> list[Decision]:
    """An end or a write for each.

    `claimed` are contacts that other customers come to in this round, and whose each is. Raises
    RemoteError's leaves of the read.
    """
    ids: list[XeroContactId] = []
    for one in linked:
        by_hand = one.customer.xero_contact_id
        ids += [link_changes.target(one.link)]
        ids += [each for each in (one.requested, by_hand) if each is not None]
    context, tenant = given.context, given.tenant
    found = await reads.to_the_end(given.contacts, tenant, ids)
    by_id = {one.id: one for one in found}
    owners = {**await reads.owners_seen(context, tenant, found), **claimed}
    own = {one.link.xero_id for one in linked}
    merged = [one for one in found if one.id not in own]
    contacts = ContactsRead(
        by_id=by_id, owners=owners, marked=await reads.marked(context, tenant, merged)
    )
    decided: list[Decision] = []
    readable: list[LinkedCustomer] = []
    for one in linked:
        unread = reads.unread_end(context, one.loaded, one.link, found)
        if unread is None:
            readable.append(one)
        else:
            decided.append(unread)
    waiting = await _waiting(given, [one for one in readable if _is_unusable(one, contacts)])
    return [*decided, *(_decide(given, one, contacts, waiting) for one in readable)]


def _is_unusable(one: LinkedCustomer, contacts: ContactsRead) -> bool:
    live = contacts.by_id.get(link_changes.target(one.link))
    return live is not None and live.status is not ContactStatus.ACTIVE


async def _waiting(given: CustomerRound, unusable: Sequence[LinkedCustomer]) -> set[str]:
    """Those of these customers that an invoice waits for."""
    store, tenant = given.context.store, given.tenant
    if not unusable:
        return set()
    keys = await store.fetch(desired.invoices_of(tenant, [one.loaded.id for one in unusable]))
    rows = await store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, keys))
    queued = [row.key for row in rows if row.state not in (JobState.DONE, JobState.FAILED)]
    found = await store.fetch(desired.invoices(tenant, queued))
    return {one.parent for one in found if one.parent is not None}


def _decide(
    given: CustomerRound, one: LinkedCustomer, contacts: ContactsRead, waiting: set[str]
) -> Decision:
    taken = contacts.taken(one.loaded)
    if one.loaded.link_request is not None:
        one, live = _asked_for(one, contacts)
        if live is not None:
            return _relinked(given, one, live, contacts)
    target = link_changes.target(one.link)
    found = matching.match(one.customer, target, tuple(contacts.by_id.values()), taken=taken)
    match found:
        case Linked(id=contact_id) if contact_id == target:
            return _standing(given, one, contacts.by_id[contact_id], contacts)
        case Follow(merged_from=merged_from, merged_to=survivor) if (
            merged_from == target and survivor in contacts.by_id
        ):
            return _merged(given, one, contacts.by_id[survivor], contacts, waiting)
        case Archived(id=contact_id) if contact_id == target:
            return _archived(given, one, contacts.by_id[contact_id], waiting)
        case _:
            return _by_hand(given, one, found, contacts)


def _by_hand(
    given: CustomerRound, one: LinkedCustomer, found: Match, contacts: ContactsRead
) -> ContactEnd:
    """Pipeline's user named another contact for a link that cannot be used, or it waits."""
    taken = contacts.taken(one.loaded)
    if isinstance(found, Linked | Follow):
        wanted = found.id if isinstance(found, Linked) else found.merged_to
        live = choices.usable(wanted, contacts.by_id, taken)
        if live is not None:
            return _relinked(given, one, live, contacts)
    held = choices.held(one.customer, found, contacts.by_id, taken)
    link, is_lacking = None, False
    if found == Vanished(id=link_changes.target(one.link)):
        is_lacking = link_changes.is_believed_there(one.link)
        held = choices.gone(one.customer, found.id, one.link.xero_number)
        link = link_changes.unknown(one.link, given.now)
    owners = {key: whose for key, whose in contacts.owners.items() if whose != one.loaded.job.key}
    return ContactEnd(
        loaded=one.loaded,
        outcome=held,
        link=link,
        notes=one.notes,
        candidates=choices.candidates(held, contacts.by_id, owners),
        is_lacking=is_lacking,
    )


def _asked_for(
    one: LinkedCustomer, contacts: ContactsRead
) -> tuple[LinkedCustomer, LiveContact | None]:
    """The contact that an operator asks for in place of its own, where it can be had.

    A request that cannot be met is dropped with a journal entry: the customer has a link that
    works.
    """
    notes = replace(one.notes, is_request_over=True)
    requested, live = one.requested, None
    if requested is not None:
        taken = contacts.taken(one.loaded)
        live = choices.usable(requested, contacts.by_id, taken)
        if live is None:
            why = choices.why_not(requested, contacts.by_id, taken)
            notes = notes.saying(f"Not linked to the contact asked for: {why}")
    return replace(one, notes=notes), live


def _relinked(
    given: CustomerRound, one: LinkedCustomer, live: LiveContact, contacts: ContactsRead
) -> ContactEnd:
    """Another contact stands for the customer from now on; nothing of it is written."""
    contacts.owners[live.id] = one.loaded.job.key
    return end.linked(one.loaded, one.customer, live, given.now, one.notes)


def _merged(
    given: CustomerRound,
    one: LinkedCustomer,
    survivor: LiveContact,
    contacts: ContactsRead,
    waiting: set[str],
) -> Decision:
    """Follow the merge: the link moves, or is shared where the survivor is another customer's."""
    if survivor.status is not ContactStatus.ACTIVE:
        return _archived(given, one, survivor, waiting)
    words = f"Its contact was merged in Xero into {survivor.name} ({survivor.id})"
    if survivor.id in contacts.claimed(one.loaded):
        link = link_changes.shared(one.link, survivor, given.now)
        notes = one.notes.saying(f"{words}, another customer's")
        return _shared(given, replace(one, link=link, notes=notes), survivor)
    return _moved(given, replace(one, notes=one.notes.saying(words)), survivor, contacts)


def _moved(
    given: CustomerRound, one: LinkedCustomer, survivor: LiveContact, contacts: ContactsRead
) -> Decision:
    """The survivor is this customer's alone."""
    link = link_changes.survived(one.link, survivor, given.now)
    contacts.owners[survivor.id] = one.loaded.job.key
    notes = replace(one.notes, is_usable=True)
    return _compare(given, replace(one, link=link, notes=notes), survivor)


def _standing(
    given: CustomerRound, one: LinkedCustomer, live: LiveContact, contacts: ContactsRead
) -> Decision:
    """The link's contact is there and active."""
    if one.link.merged_to is None:
        return _compare(given, one, live)
    if live.id in contacts.claimed(one.loaded):
        return _shared(given, one, live)
    return _moved(given, one, live, contacts)


def _shared(given: CustomerRound, one: LinkedCustomer, live: LiveContact) -> ContactEnd:
    """Two customers, one contact: its content is the other's, the invoices of both go on."""
    which = f"Its contact in Xero, {live.name},"
    if one.link.xero_id != live.id:
        which = f"In Xero its contact was merged into {live.name}, which"
    return ContactEnd(
        loaded=one.loaded,
        outcome=NothingToDo(),
        link=link_changes.seen(one.link, live, given.now),
        notes=replace(one.notes, is_usable=True),
        note=(
            f"{which} is another customer's too. Invoices go on; changes of this customer stay in "
            "Pipeline. Merge the two in Pipeline, or link this one to a contact of its own."
        ),
        finding=FindingKind.CONTACTS_MERGED,
    )


def _archived(
    given: CustomerRound, one: LinkedCustomer, live: LiveContact, waiting: set[str]
) -> ContactEnd:
    """Xero takes it on no new document; it matters where something waits for it."""
    link = link_changes.seen(one.link, live, given.now)
    base = field_moves.accepted(one.link.base, one.customer)
    moved = field_moves.compare(one.customer, live, base).to_xero
    text = choices.archived(one.customer, live)
    if moved or one.loaded.job.key in waiting:
        held = Held(reason=Reason.CONTACT_ARCHIVED, text=text, in_the_way=(live.id,))
        seen = choices.candidates(held, {live.id: live}, {})
        return ContactEnd(
            loaded=one.loaded, outcome=held, link=link, notes=one.notes, candidates=seen
        )
    return ContactEnd(
        loaded=one.loaded,
        outcome=NothingToDo(),
        link=link,
        notes=one.notes,
        state=CustomerState.ARCHIVED,
        note=text,
    )


def _compare(given: CustomerRound, one: LinkedCustomer, live: LiveContact) -> Decision:
    """Send what Pipeline moved, hand over what Xero moved."""
    customer, notes, now = one.customer, one.notes, given.now
    if one.link.xero_status != ContactStatus.ACTIVE:
        notes = replace(notes, is_usable=True)
    link = link_changes.seen(one.link, live, now)
    base = field_moves.accepted(link.base, customer)
    sides = field_moves.compare(customer, live, base)
    held = _objection(given, customer, sides, one.loaded.job.withheld_by)
    if held is not None:
        return ContactEnd(loaded=one.loaded, outcome=held, link=_if_changed(one, link), notes=notes)
    if sides.to_xero:
        return ChosenContact(
            loaded=replace(one.loaded, link=link),
            link=_if_changed(one, link),
            notes=notes,
            write=field_moves.write_of(customer, live, sides.to_xero),
            live=live,
            read_at=now,
        )
    moved = field_moves.base_after_read(base, customer, live, sides)
    version = None if sides.from_xero else customer.version
    if sides.from_xero and (base is None or moved.offers != base.offers):
        words = field_moves.in_words(sides.from_xero)
        notes = notes.saying(f"Changed in Xero, handed to Pipeline: {words}")
    ended = ContactEnd(
        loaded=one.loaded,
        outcome=NothingToDo(),
        link=_if_changed(one, link_changes.agreed(link, live, moved, now, version)),
        notes=notes,
        offer=field_moves.refresh_of(live, sides.from_xero),
        offered_on=customer.version,
    )
    return end.unless_altered(ended, sides.altered)


def _objection(
    given: CustomerRound, customer: Customer, sides: FieldMoves, withheld_by: str | None
) -> Held | None:
    """Why nothing travels now."""
    if not matching.normal_name(customer.name):
        text = f"Xero takes no contact named {customer.name!r}. Correct it in Pipeline."
        return Held(reason=Reason.INVALID_DOCUMENT, text=text)
    if not sides.kept:
        return None
    would = f"{field_moves.in_words(sides.kept)} would be brought in line."
    text = policy.observing(would, given.policy, withheld_by)
    return Held(reason=Reason.OBSERVING, text=text) if text else None


def _if_changed(one: LinkedCustomer, link: ContactLink) -> ContactLink | None:
    """The link, where it is not what is stored."""
    stored = one.loaded.link
    return link if stored is None or link_changes.is_changed(stored, link) else None

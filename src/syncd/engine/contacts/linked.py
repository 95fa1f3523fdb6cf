"""Decides linked customers: sends what Pipeline moved, follows merges, waits for archived contacts.

Called by the round of customers (`contacts`), which runs for a customer when somebody enqueued it:
the feed, a webhook, a sweep, a person. All contacts of a round are read together, in one call per
forty, and the writes that follow rest on that read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from syncd.engine.contacts import choices, link_changes, link_requests, reads, settle
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import ChosenContact, LoadedCustomer
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core.changeset import ChangeSet
from syncd.store import desired, jobs, links


class LinkedCustomer(Value, frozen=True, kw_only=True):
    """A customer with content and a link."""

    loaded: LoadedCustomer
    customer: Customer
    link: ContactLink

    @property
    def requested(self) -> XeroContactId | None:
        """Another contact that an operator wants for it."""
        link_request = self.loaded.link_request
        target = link_changes.target(self.link)
        return (
            None if link_request is None or link_request.link_to == target else link_request.link_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsRead:
    """What the round has read, and whose the contacts are; links made in it are added."""

    by_id: Mapping[XeroContactId, LiveContact]
    owners: dict[XeroContactId, str]
    marked: Mapping[XeroContactId, str] = field(default_factory=dict)

    def taken(self, loaded: LoadedCustomer) -> set[XeroContactId]:
        """Contacts that are another customer's."""
        return {each for each, key in self.owners.items() if key != loaded.job.key}

    def claimed(self, loaded: LoadedCustomer) -> set[XeroContactId]:
        """Those, and what bears another known customer's mark: a person alone may take it."""
        others = {each for each, key in self.marked.items() if key != loaded.job.key}
        return self.taken(loaded) | others


async def decide(changeset: ChangeSet, linked: Sequence[LinkedCustomer]) -> list[ChosenContact]:
    """Writes for these customers; the rest is settled. Raises RemoteError's leaves of the read."""
    ids: list[XeroContactId] = []
    for one in linked:
        by_hand = one.customer.xero_contact_id
        ids += [link_changes.target(one.link)]
        ids += [each for each in (one.requested, by_hand) if each is not None]
    found = await reads.to_the_end(changeset.context, changeset.tenant, ids)
    by_id = {one.id: one for one in found}
    owners = await reads.owners_seen(changeset.context, changeset.tenant, found)
    own = {one.link.xero_id for one in linked}
    merged = [one for one in found if one.id not in own]
    marked = await reads.marked(changeset.context, changeset.tenant, merged)
    contacts = ContactsRead(by_id=by_id, owners=owners, marked=marked)
    readable = [
        one for one in linked if not reads.is_unread(changeset, one.loaded, one.link, found)
    ]
    waiting = await _waiting(changeset, [one for one in readable if _is_unusable(one, contacts)])
    chosen = [_decide(changeset, one, contacts, waiting) for one in readable]
    return [one for one in chosen if one is not None]


def _is_unusable(one: LinkedCustomer, contacts: ContactsRead) -> bool:
    live = contacts.by_id.get(link_changes.target(one.link))
    return live is not None and live.status is not ContactStatus.ACTIVE


async def _waiting(changeset: ChangeSet, unusable: Sequence[LinkedCustomer]) -> set[str]:
    """Those of these customers that an invoice waits for."""
    context, tenant = changeset.context, changeset.tenant
    if not unusable:
        return set()
    keys = await context.store.fetch(
        desired.invoices_of(tenant, [one.loaded.id for one in unusable])
    )
    rows = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, keys))
    queued = [row.key for row in rows if row.state not in (JobState.DONE, JobState.FAILED)]
    found = await context.store.fetch(desired.invoices(tenant, queued))
    return {one.parent for one in found if one.parent is not None}


def _decide(
    changeset: ChangeSet, one: LinkedCustomer, contacts: ContactsRead, waiting: set[str]
) -> ChosenContact | None:
    taken = contacts.taken(one.loaded)
    if one.loaded.link_request is not None and _by_wish(changeset, one, contacts):
        return None
    target = link_changes.target(one.link)
    found = matching.match(one.customer, target, tuple(contacts.by_id.values()), taken=taken)
    match found:
        case Linked(id=contact_id) if contact_id == target:
            return _standing(changeset, one, contacts.by_id[contact_id], contacts)
        case Follow(merged_from=merged_from, merged_to=end) if (
            merged_from == target and end in contacts.by_id
        ):
            return _merged(changeset, one, contacts.by_id[end], contacts, waiting)
        case Archived(id=contact_id) if contact_id == target:
            _archived(changeset, one, contacts.by_id[contact_id], waiting)
        case _:
            _by_hand(changeset, one, found, contacts)
    return None


def _by_hand(
    changeset: ChangeSet, one: LinkedCustomer, found: Match, contacts: ContactsRead
) -> None:
    """Pipeline's user named another contact for a link that cannot be used, or it waits."""
    taken = contacts.taken(one.loaded)
    if isinstance(found, Linked | Follow):
        wanted = found.id if isinstance(found, Linked) else found.merged_to
        live = choices.usable(wanted, contacts.by_id, taken)
        if live is not None:
            _relink(changeset, one, live, contacts)
            return
    held = choices.held(one.customer, found, contacts.by_id, taken)
    link = None
    if found == Vanished(id=link_changes.target(one.link)):
        held = choices.gone(one.customer, found.id, one.link.xero_number)
        link = link_changes.unknown(one.link, changeset.context.now())
    settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=held, link=link))


def _by_wish(changeset: ChangeSet, one: LinkedCustomer, contacts: ContactsRead) -> bool:
    """Carry out an operator's request for another contact; True when that settled the round.

    A request that cannot be met is dropped with a journal entry: the customer has a link that
    works.
    """
    requested = one.requested
    changeset.extra.append(link_requests.forget(changeset.tenant, one.loaded.id))
    if requested is None:
        return False
    taken = contacts.taken(one.loaded)
    live = choices.usable(requested, contacts.by_id, taken)
    if live is None:
        why = choices.why_not(requested, contacts.by_id, taken)
        settle.tell(changeset, one.loaded, f"Not linked to the contact asked for: {why}")
        return False
    _relink(changeset, one, live, contacts)
    return True


def _relink(
    changeset: ChangeSet, one: LinkedCustomer, live: LiveContact, contacts: ContactsRead
) -> None:
    """Another contact stands for the customer from now on; nothing of it is written."""
    contacts.owners[live.id] = one.loaded.job.key
    settle.linked(changeset, one.loaded, one.customer, live)


def _merged(
    changeset: ChangeSet,
    one: LinkedCustomer,
    survivor: LiveContact,
    contacts: ContactsRead,
    waiting: set[str],
) -> ChosenContact | None:
    """Follow the merge: the link moves, or is shared where the survivor is another customer's."""
    if survivor.status is not ContactStatus.ACTIVE:
        _archived(changeset, one, survivor, waiting)
        return None
    now = changeset.context.now()
    words = f"Its contact was merged in Xero into {survivor.name} ({survivor.id})"
    if survivor.id in contacts.claimed(one.loaded):
        link = link_changes.shared(one.link, survivor, now)
        settle.tell(changeset, one.loaded, f"{words}, another customer's (contacts_merged)")
        _share(changeset, replace(one, link=link), survivor)
        return None
    settle.tell(changeset, one.loaded, words)
    return _moved(changeset, one, survivor, contacts)


def _moved(
    changeset: ChangeSet, one: LinkedCustomer, survivor: LiveContact, contacts: ContactsRead
) -> ChosenContact | None:
    """The survivor is this customer's alone."""
    link = link_changes.survived(one.link, survivor, changeset.context.now())
    contacts.owners[survivor.id] = one.loaded.job.key
    settle.usable(changeset, one.loaded)
    return _compare(changeset, replace(one, link=link), survivor)


def _standing(
    changeset: ChangeSet, one: LinkedCustomer, live: LiveContact, contacts: ContactsRead
) -> ChosenContact | None:
    """The link's contact is there and active."""
    if one.link.merged_to is None:
        return _compare(changeset, one, live)
    if live.id in contacts.claimed(one.loaded):
        _share(changeset, one, live)
        return None
    return _moved(changeset, one, live, contacts)


def _share(changeset: ChangeSet, one: LinkedCustomer, live: LiveContact) -> None:
    """Two customers, one contact: its content is the other's, the invoices of both go on."""
    settle.usable(changeset, one.loaded)
    end = ContactEnd(
        loaded=one.loaded,
        outcome=NothingToDo(),
        link=link_changes.seen(one.link, live, changeset.context.now()),
        note=(
            f"In Xero its contact was merged into {live.name}, which is another customer's too "
            "(contacts_merged). Invoices go on; changes of this customer stay in Pipeline. Merge "
            "the two in Pipeline, or link this one to a contact of its own."
        ),
        finding=FindingKind.CONTACTS_MERGED,
    )
    settle.settle(changeset, end)


def _archived(
    changeset: ChangeSet, one: LinkedCustomer, live: LiveContact, waiting: set[str]
) -> None:
    """Xero takes it on no new document; it matters where something waits for it."""
    link = link_changes.seen(one.link, live, changeset.context.now())
    base = field_moves.accepted(one.link.base, one.customer)
    moved = field_moves.compare(one.customer, live, base).to_xero
    text = (
        f"The contact {choices.named(live)} of {one.customer.name} is archived in Xero. "
        "Restore it there, or link the customer to another contact."
    )
    if moved or one.loaded.job.key in waiting:
        held = Held(reason=Reason.CONTACT_ARCHIVED, text=text, in_the_way=(live.id,))
        settle.settle(changeset, ContactEnd(loaded=one.loaded, outcome=held, link=link))
        return
    end = ContactEnd(
        loaded=one.loaded, outcome=NothingToDo(), link=link, state=CustomerState.ARCHIVED, note=text
    )
    settle.settle(changeset, end)


def _compare(changeset: ChangeSet, one: LinkedCustomer, live: LiveContact) -> ChosenContact | None:
    """Send what Pipeline moved, hand over what Xero moved."""
    customer, now = one.customer, changeset.context.now()
    if one.link.xero_status != ContactStatus.ACTIVE:
        settle.usable(changeset, one.loaded)
    link = link_changes.seen(one.link, live, now)
    base = field_moves.accepted(link.base, customer)
    sides = field_moves.compare(customer, live, base)
    held = _objection(changeset, customer, sides, one.loaded.job.withheld_by)
    if held is not None:
        end = ContactEnd(loaded=one.loaded, outcome=held, link=_if_changed(one, link))
        settle.settle(changeset, end)
        return None
    if sides.to_xero:
        if _if_changed(one, link) is not None:
            changeset.extra.append(links.put_customers(changeset.tenant, [link]))
        write = field_moves.write_of(customer, live, sides.to_xero)
        loaded = replace(one.loaded, link=link)
        return ChosenContact(loaded=loaded, write=write, live=live, read_at=now)
    moved = field_moves.base_after_read(base, customer, live, sides)
    version = None if sides.from_xero else customer.version
    if sides.from_xero and (base is None or moved.offers != base.offers):
        words = field_moves.in_words(sides.from_xero)
        settle.tell(changeset, one.loaded, f"Changed in Xero, handed to Pipeline: {words}")
    end = ContactEnd(
        loaded=one.loaded,
        outcome=NothingToDo(),
        link=_if_changed(one, link_changes.agreed(link, live, moved, now, version)),
        offer=field_moves.refresh_of(live, sides.from_xero),
        offered_on=customer.version,
    )
    settle.settle(changeset, settle.unless_altered(end, sides.altered))
    return None


def _objection(
    changeset: ChangeSet, customer: Customer, sides: FieldMoves, withheld_by: str | None
) -> Held | None:
    """Why nothing travels now."""
    if not matching.normal_name(customer.name):
        text = f"Xero takes no contact named {customer.name!r}. Correct it in Pipeline."
        return Held(reason=Reason.INVALID_DOCUMENT, text=text)
    if not sides.kept:
        return None
    would = f"{field_moves.in_words(sides.kept)} would be brought in line."
    text = policy.observing(would, changeset.context.policies[changeset.tenant], withheld_by)
    return Held(reason=Reason.OBSERVING, text=text) if text else None


def _if_changed(one: LinkedCustomer, link: ContactLink) -> ContactLink | None:
    """The link, where it is not what is stored."""
    stored = one.loaded.link
    return link if stored is None or link_changes.is_changed(stored, link) else None

"""Archives the contacts of customers deleted in Pipeline, or says why not.

Called by the round of customers (`contacts.decide`). A contact is read only when nothing else
forbids it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroContactId
from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import JobKind, PublicState, Reason
from syncd.domain.model.result import CustomerState
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import archive
from syncd.domain.rules.decide import policy
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue.outcome import Held, NothingToDo, OutOfSync
from syncd.engine.contacts import end, link_changes, reads
from syncd.engine.contacts.end import ChosenContact, ContactEnd, ContactNotes, Decision
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.round import CustomerRound
from syncd.ports.ledger import ContactText
from syncd.ports.rows import Rows
from syncd.store import desired, jobs, links
from syncd.store.unit_of_work import Transaction


class _Invoices(Value, frozen=True, kw_only=True):
    """A deleted customer's invoices that are still open, with their numbers.

    `is_refused`: Xero took one of them no more, for it has the contact as archived.
    """

    still_open: Mapping[PipelineInvoiceId, str] = {}
    is_refused: bool = False


class _Leaving(Value, frozen=True, kw_only=True):
    """A deleted customer, its contact, and its invoices that are still open with their numbers."""

    loaded: LoadedCustomer
    link: ContactLink
    still_open: Mapping[PipelineInvoiceId, str]

    @property
    def is_restored(self) -> bool:
        """Whether the contact, where it is active, was known as archived before."""
        agreed = None if self.link.base is None else self.link.base.xero
        loaded = (self.link.xero_status, None if agreed is None else agreed.status)
        return ContactStatus.ARCHIVED in loaded

    def objection(self, *, is_supplier: bool = False) -> str:
        """Why its contact stays active."""
        return archive.objection(
            is_ours=self.link.is_ours,
            is_supplier=is_supplier,
            still_open=self.still_open.values(),
            is_restored=self.is_restored,
        )


async def decide(
    given: CustomerRound, withdrawn: Sequence[LoadedCustomer], claimed: Collection[XeroContactId]
) -> AsyncIterator[Decision]:
    """An end or an archiving for each, those first that need no read of Xero's side.

    `claimed` are contacts that other customers come to in this round. Raises RemoteError's leaves
    when the contacts cannot be read.
    """
    linked: list[tuple[LoadedCustomer, ContactLink]] = []
    forgotten = await _forgotten(given, [one for one in withdrawn if one.link is None])
    sharing = await _sharing(given, [one.link for one in withdrawn if one.link is not None])
    for one in withdrawn:
        if one.link is None:
            yield _unlinked(one, forgotten)
        elif one.link.merged_to == one.link.xero_id or one.link.xero_id in claimed:
            yield _left(one)
        elif one.link.merged_to is not None:
            yield _gone(one)
        elif others := sharing.get(one.link.xero_id):
            yield _left(one, others)
        else:
            linked.append((one, one.link))
    invoices = await _invoices(given, [one.id for one, _ in linked])
    doubtful = []
    for one, link in linked:
        own = invoices.get(one.id, _Invoices())
        leaving = _Leaving(loaded=one, link=link, still_open=own.still_open)
        # What was archived may have been restored since, and what was active archived, as the
        # refusal of an invoice says: only a read says what it is now.
        is_known = link.xero_status == ContactStatus.ACTIVE and not own.is_refused
        if is_known and (why := leaving.objection()):
            yield _stays(leaving, why)
        else:
            doubtful.append(leaving)
    ids = [XeroContactId(each.link.xero_id) for each in doubtful]
    found = await reads.to_the_end(given.contacts, given.tenant, ids)
    for each in doubtful:
        unread = reads.unread_end(given.context, each.loaded, each.link, found)
        if unread is None:
            yield _archive(given, each, found.get(each.link.xero_id))
        else:
            yield replace(unread, notes=_notes(each.loaded))


async def _sharing(
    given: CustomerRound, left: Sequence[ContactLink]
) -> Mapping[str, tuple[str, ...]]:
    """The customers, by contact, that have one of these since a merge and are not deleted."""
    if not left:
        return {}
    contacts = [link.xero_id for link in left]
    found: dict[str, tuple[str, ...]] = {}
    for link in await given.context.store.fetch(
        links.customers_standing_for(given.tenant, contacts)
    ):
        if link.merged_to is not None:
            found[link.merged_to] = (*found.get(link.merged_to, ()), link.key)
    return found


async def _forgotten(given: CustomerRound, unlinked: Sequence[LoadedCustomer]) -> Rows[LiveContact]:
    """The contacts that bear the marks of these, which no link says: a restored store forgot it."""
    lost = [one.id for one in unlinked if one.look_outstanding or _was_told(one)]
    if not lost:
        return Rows()
    return await given.contacts.contacts_by(given.tenant, ContactText.NUMBER, lost, lane=Lane.WRITE)


def _was_told(one: LoadedCustomer) -> bool:
    """Whether the round before found a contact that stays: so it is looked at anew."""
    return one.job.journaled_as == PublicState.OUT_OF_SYNC


def _unlinked(one: LoadedCustomer, forgotten: Rows[LiveContact]) -> ContactEnd:
    """Nothing to do, but where a contact has its mark: who made that is not known any more."""
    marked = [live for live in forgotten if live.number == one.id and live.merged_to is None]
    if not marked and (problem := forgotten.may_hide(one.id)):
        return replace(end.set_aside(one, problem), notes=_notes(one))
    if any(live.status is ContactStatus.ACTIVE for live in marked):
        return _kept(one, archive.objection(is_ours=False, is_supplier=False, still_open=()))
    if marked:
        return _gone(one)
    return ContactEnd(loaded=one, outcome=NothingToDo(), notes=_notes(one))


def _kept(one: LoadedCustomer, why: str) -> ContactEnd:
    """Gone in Pipeline, active in Xero."""
    return ContactEnd(
        loaded=one,
        outcome=OutOfSync(text=why),
        notes=_notes(one),
        finding=FindingKind.CONTACT_KEPT,
    )


def _notes(one: LoadedCustomer, *, is_usable: bool = False) -> ContactNotes:
    """Nobody links a customer that is gone."""
    return ContactNotes(is_usable=is_usable, is_request_over=one.link_request is not None)


def _archive(given: CustomerRound, one: _Leaving, live: LiveContact | None) -> Decision:
    if live is None:
        is_lacking = link_changes.is_believed_there(one.link)
        return replace(_gone(one.loaded), is_lacking=is_lacking)
    if live.status is not ContactStatus.ACTIVE:
        return _gone(one.loaded, link_changes.seen(one.link, live, given.now))
    why = one.objection(is_supplier=live.is_supplier)
    if why and one.link.xero_status != live.status:
        return _stays(one, why, link_changes.restored(one.link, live, given.now))
    if why:
        return _stays(one, why)
    would = "its contact would be archived."
    if text := policy.observing(would, given.policy, one.loaded.job.withheld_by):
        held = Held(reason=Reason.OBSERVING, text=text)
        return ContactEnd(loaded=one.loaded, outcome=held, notes=_notes(one.loaded))
    return ChosenContact(
        loaded=one.loaded,
        notes=_notes(one.loaded),
        write=ContactWrite(
            pipeline_id=one.loaded.id, xero_id=live.id, status=ContactStatus.ARCHIVED
        ),
        live=live,
        read_at=given.now,
    )


def _stays(one: _Leaving, why: str, restored: ContactLink | None = None) -> ContactEnd:
    """It stays active; `restored` is its link where a read shows it so anew."""
    return replace(
        _kept(one.loaded, why),
        link=restored,
        notes=_notes(one.loaded, is_usable=restored is not None),
        still_open=(*one.still_open,),
    )


def _left(one: LoadedCustomer, others: tuple[str, ...] = ()) -> ContactEnd:
    """The contact stays: it is another customer's, or theirs from now on that share it."""
    return ContactEnd(
        loaded=one,
        outcome=NothingToDo(),
        notes=_notes(one),
        note="Deleted in Pipeline. Its contact in Xero stays: it is another customer's.",
        neighbours=others,
    )


def _gone(one: LoadedCustomer, link: ContactLink | None = None) -> ContactEnd:
    """Nothing active is left of it in Xero."""
    return ContactEnd(
        loaded=one,
        outcome=NothingToDo(),
        link=link,
        notes=_notes(one),
        state=CustomerState.ARCHIVED,
    )


async def _invoices(
    given: CustomerRound, customers: Sequence[PipelineCustomerId]
) -> dict[PipelineCustomerId, _Invoices]:
    """These customers' invoices that stand open in Xero, or are to get there."""
    store, tenant = given.context.store, given.tenant
    keys = await store.fetch(desired.invoices_of(tenant, customers)) if customers else ()
    if not keys:
        return {}
    read = Transaction()
    wanted = read.add(desired.invoices(tenant, keys))
    linked = read.add(links.invoices(tenant, keys))
    queued = read.add(jobs.get(tenant, JobKind.PUSH_INVOICE, keys))
    await store.read(read)
    status_of = {link.key: link.xero_status for link in linked.rows}
    refused = {row.key for row in queued.rows if row.reason is Reason.CONTACT_ARCHIVED}
    found: dict[PipelineCustomerId, dict[PipelineInvoiceId, str]] = {}
    for one in wanted.rows:
        status = status_of.get(one.key)
        if status is None:
            invoice = one.content
            is_open = invoice is not None and policy.in_scope(invoice, given.policy, linked=False)
        else:
            is_open = archive.is_open(status)
        if is_open and one.parent is not None:
            found.setdefault(one.parent, {})[PipelineInvoiceId(one.key)] = one.label
    return {
        who: _Invoices(still_open=own, is_refused=not refused.isdisjoint(own))
        for who, own in found.items()
    }

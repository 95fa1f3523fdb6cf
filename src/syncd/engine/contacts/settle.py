"""Adds the end of one customer's round to a change set: job, link, Pipeline's result, journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.domain.ids import PipelineInvoiceId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobState
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.result import CustomerResult, CustomerState, FromXero
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.contacts.field_moves import Field
from syncd.domain.rules.journal.transitions import Ending
from syncd.domain.rules.queue.holds import HoldContext
from syncd.domain.rules.queue.job import (
    Dead,
    Done,
    Probing,
    RetryAt,
    Waiting,
)
from syncd.domain.rules.queue.outcome import NothingToDo, Outcome, OutOfSync
from syncd.engine.contacts import link_changes, link_requests
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.core import journal_entries
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.writes import settle as writes_settle
from syncd.store.jobs import JobSettlement
from syncd.store.journal import Entry, RecordType

FINDINGS = (
    FindingKind.CONTACTS_MERGED,
    FindingKind.CONTACT_KEPT,
    FindingKind.CONTACT_ALTERED,
)
"""What a customer's round finds, and closes when the next one ends otherwise."""


class ContactEnd(Value, frozen=True, kw_only=True):
    """How one customer's round ends.

    `link` is set when it is to be stored; `offer` when Pipeline is to refresh the customer, as of
    `offered_on`; `state` and `note` where Pipeline is told something else than the job's end says;
    `finding` where people should know of it until it ends otherwise; `still_open` are the invoices
    whose end may bring another one.
    """

    loaded: LoadedCustomer
    outcome: Outcome
    link: ContactLink | None = None
    is_linked_now: bool = False
    offer: FromXero | None = None
    offered_on: int | None = None
    written: StepKind | None = None
    state: CustomerState | None = None
    note: str = ""
    finding: FindingKind | None = None
    still_open: tuple[PipelineInvoiceId, ...] = ()


def unless_altered(end: ContactEnd, fields: Sequence[Field]) -> ContactEnd:
    """`end`, or out of sync where Xero shows these fields otherwise than they were sent."""
    if not fields:
        return end
    text = field_moves.altered_in_words(fields)
    return replace(end, outcome=OutOfSync(text=text), finding=FindingKind.CONTACT_ALTERED)


def linked(
    changeset: ChangeSet,
    loaded: LoadedCustomer,
    customer: Customer,
    live: LiveContact,
    words: str = "",
) -> None:
    """The customer is this contact, and nothing has to be written to it."""
    link = link_changes.fresh(customer, live, changeset.context.now(), is_ours=False)
    tell(changeset, loaded, words or linked_words(live))
    end = ContactEnd(loaded=loaded, outcome=NothingToDo(), link=link, is_linked_now=True)
    settle(changeset, end)


def linked_words(live: LiveContact) -> str:
    """What the journal says of a new link."""
    return f"Linked to a contact in Xero: {live.name} ({live.id})"


def tell(
    changeset: ChangeSet, loaded: LoadedCustomer, words: str, kind: RecordType = RecordType.EDIT
) -> None:
    """Write into the customer's journal."""
    at, about, key = changeset.context.now(), journal_entries.CUSTOMER, loaded.job.key
    entry = journal_entries.note(
        changeset.tenant, at, words, about=about, key=key, record_type=kind
    )
    changeset.entries.append(entry)


def usable(changeset: ChangeSet, loaded: LoadedCustomer) -> None:
    """The customer's invoices may be written with its contact again."""
    waiting: tuple[str, ...] = (
        Predicate.CONTACT_LINKED.of(loaded.id),
        Predicate.CONTACT_USABLE.of(loaded.id),
    )
    changeset.released.extend(waiting)


def settle(changeset: ChangeSet, end: ContactEnd) -> None:
    """Put `end` on the record."""
    hold_context = HoldContext(
        now=changeset.context.now(),
        customer=end.loaded.id,
        is_invoice=False,
        still_open=end.still_open,
    )
    to, settlement = writes_settle.settle(
        changeset, end.loaded.job, end.outcome, hold_context, text=end.note
    )
    writes_settle.count(changeset, to, None if end.written is None else _WRITTEN[end.written])
    if end.link is not None:
        changeset.contact_links.append(end.link)
    if end.is_linked_now:
        usable(changeset, end.loaded)
        if end.loaded.link_request is not None:
            changeset.extra.append(link_requests.forget(changeset.tenant, end.loaded.id))
    has_contact = end.is_linked_now or end.loaded.link is not None
    if isinstance(to, Waiting | Dead | Probing) or (isinstance(to, Done) and not has_contact):
        # Its invoices say what it waits for now, or that it is refused.
        changeset.released.append(Predicate.CUSTOMER_LOOKED_AT.of(end.loaded.id))
    if not isinstance(to, RetryAt):
        changeset.tell_customer(_result(end, settlement))
    changeset.entries.extend(_turned(changeset, end, settlement))
    if not isinstance(to, RetryAt | Probing):
        _find(changeset, end, settlement.note or "")


def _turned(changeset: ChangeSet, end: ContactEnd, settlement: JobSettlement) -> tuple[Entry, ...]:
    """What the journal says where the customer's state changed; writes are told by their rooms."""
    if end.written is not None or end.is_linked_now:
        return ()
    wanted = end.loaded.desired
    ending = Ending(
        state=settlement.state,
        reason=settlement.reason,
        is_out_of_sync=settlement.is_out_of_sync,
        text=settlement.note or "",
    )
    label = end.loaded.job.key if wanted is None else wanted.label
    return journal_entries.of_end(end.loaded.job, ending, label=label, at=changeset.context.now())


def _find(changeset: ChangeSet, end: ContactEnd, text: str) -> None:
    """Open what people should know of this customer, close what is so no more."""
    key, wanted = end.loaded.job.key, end.loaded.desired
    for kind in FINDINGS:
        if kind is end.finding:
            label = "" if wanted is None else wanted.label
            changeset.findings.append(Found(kind=kind, key=key, label=label, text=text))
        else:
            changeset.explained.setdefault(kind, []).append(key)


_WRITTEN = {
    StepKind.CREATE: PushOutcome.CREATED,
    StepKind.UPDATE: PushOutcome.UPDATED,
}
_STATES = {
    JobState.DONE: CustomerState.SYNCED,
    JobState.HELD: CustomerState.WAITING,
    JobState.FAILED: CustomerState.FAILED,
    JobState.UNCERTAIN: CustomerState.PENDING,
    JobState.READY: CustomerState.PENDING,
    JobState.LEASED: CustomerState.PENDING,
}


def _result(end: ContactEnd, settlement: JobSettlement) -> CustomerResult:
    link = end.link or end.loaded.link
    return CustomerResult(
        id=end.loaded.id,
        state=end.state or _STATES[settlement.state],
        reason=settlement.note or "",
        xero_contact_id=None if link is None else link_changes.target(link),
        based_on_version=None if end.offer is None else end.offered_on,
        from_xero=end.offer,
    )

"""Adds the end of one customer's round to a change set: job, link, Pipeline's result, journal."""

from __future__ import annotations

from syncd.domain.ids import XeroContactId
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.result import CustomerResult, CustomerState
from syncd.domain.rules.journal.transitions import Ending
from syncd.domain.rules.queue.holds import HoldContext
from syncd.domain.rules.queue.job import (
    Dead,
    Done,
    Probing,
    RetryAt,
    Waiting,
)
from syncd.domain.rules.queue.outcome import OutOfSync
from syncd.engine.contacts import link_changes, link_requests
from syncd.engine.contacts.end import ContactEnd, Decision
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.core import journal_entries
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.writes import settle as writes_settle
from syncd.store import jobs
from syncd.store.jobs import JobSettlement
from syncd.store.journal import Entry

FINDINGS = (
    FindingKind.CONTACTS_MERGED,
    FindingKind.CONTACT_KEPT,
    FindingKind.CONTACT_ALTERED,
)
"""What a customer's round finds, and closes when the next one ends otherwise."""


def record(changeset: ChangeSet, decided: Decision) -> None:
    """Add what is recorded of a decision whatever it comes to: journal, link, what is released."""
    at, key = changeset.context.now(), decided.loaded.job.key
    for words, kind in decided.notes.said:
        changeset.entries.append(
            journal_entries.note(
                changeset.tenant,
                at,
                words,
                about=journal_entries.CUSTOMER,
                key=key,
                record_type=kind,
            )
        )
    if decided.link is not None:
        changeset.contact_links.append(decided.link)
        _left(changeset, decided.loaded.link, decided.link)
    if decided.neighbours:
        look = jobs.look(changeset.tenant, JobKind.PUSH_CUSTOMER, decided.neighbours, at)
        changeset.extra.append(look)
    if decided.notes.is_usable:
        _usable(changeset, decided.loaded)
    if decided.notes.is_request_over:
        changeset.extra.append(link_requests.forget(changeset.tenant, decided.loaded.id))


def _usable(changeset: ChangeSet, loaded: LoadedCustomer) -> None:
    """The customer's invoices may be written with its contact again."""
    waiting: tuple[str, ...] = (
        Predicate.CONTACT_LINKED.of(loaded.id),
        Predicate.CONTACT_USABLE.of(loaded.id),
    )
    changeset.released.extend(waiting)


def _left(changeset: ChangeSet, before: ContactLink | None, after: ContactLink) -> None:
    """Whoever waits for the contact that it leaves may have it now: no event of Xero's says so."""
    if before is not None and link_changes.target(before) != link_changes.target(after):
        left = link_changes.target(before)
        changeset.released.append(Predicate.MOVED_IN_XERO.of(left.lower()))


def _wrote(changeset: ChangeSet, end: ContactEnd) -> None:
    """Our own write may have given up a name or number as well as anybody's."""
    if end.written is StepKind.UPDATE and end.link is not None:
        changeset.released.append(Predicate.MOVED_IN_XERO.of(end.link.xero_id.lower()))


def settle(changeset: ChangeSet, end: ContactEnd) -> None:
    """Put `end` on the record."""
    record(changeset, end)
    _wrote(changeset, end)
    hold_context = HoldContext(
        now=changeset.context.now(),
        customer=end.loaded.id,
        is_invoice=False,
        still_open=end.still_open,
    )
    to, settlement = writes_settle.settle(
        changeset,
        end.loaded.job,
        end.outcome,
        hold_context,
        text=end.note,
        candidates=end.candidates,
    )
    writes_settle.count(changeset, to, None if end.written is None else _WRITTEN[end.written])
    if end.is_linked_now:
        _usable(changeset, end.loaded)
        if end.loaded.link_request is not None:
            changeset.extra.append(link_requests.forget(changeset.tenant, end.loaded.id))
    has_contact = end.is_linked_now or end.loaded.link is not None
    stays = isinstance(end.outcome, OutOfSync) and has_contact
    if (isinstance(to, Waiting | Dead | Probing) and not stays) or (
        isinstance(to, Done) and not has_contact
    ):
        # Its invoices say what it waits for now, or that it is refused; one whose contact stays
        # as it was has nothing new for them.
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
    return CustomerResult(
        id=end.loaded.id,
        state=end.state or _STATES[settlement.state],
        reason=settlement.note or "",
        xero_contact_id=_contact(end),
        based_on_version=None if end.offer is None else end.offered_on,
        from_xero=end.offer,
    )


def _contact(end: ContactEnd) -> XeroContactId | None:
    """What stands for the customer; of one that is gone its own, also where it was merged away."""
    link, wanted = end.link or end.loaded.link, end.loaded.desired
    if link is None:
        return None
    if wanted is not None and wanted.is_withdrawn:
        return XeroContactId(link.xero_id)
    return link_changes.target(link)

"""Puts the end of one customer's round on a record: job, link, what Pipeline is told, journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from syncd.domain.facts import PushOutcome
from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactStatus, LiveContact
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobState, Reason
from syncd.domain.model.predicate import ContactLinked
from syncd.domain.model.result import CustomerResult, CustomerState
from syncd.domain.rules import holds, job
from syncd.domain.rules.holds import HoldContext
from syncd.domain.rules.job import Dead, Done, Probing, RetryAt, SettleLimits, Transition, Waiting
from syncd.domain.rules.outcome import NothingToDo, Outcome
from syncd.engine import settling
from syncd.engine.customers import KnownCustomer
from syncd.engine.record import Record
from syncd.store.jobs import JobSettlement
from syncd.store.journal import Entry, RecordType
from syncd.store.links import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnd:
    """How one customer's round ends; `linked_to` is set when a link was made in it."""

    known: KnownCustomer
    outcome: Outcome
    linked_to: LiveContact | None = None
    is_created: bool = False
    probe_at: datetime | None = None
    written: StepKind | None = None


def link(
    record: Record,
    known: KnownCustomer,
    contact_id: XeroContactId,
    contact: LiveContact | None,
) -> None:
    """The customer is this contact, and nothing has to be written to it."""
    live = contact
    if live is None:
        # A merge's survivor that was not read: linked by id, looked at in full by the next read.
        live = LiveContact(
            id=contact_id,
            name="",
            status=ContactStatus.ACTIVE,
            updated_at=record.hall.now(),
        )
    settle(record, ContactEnd(known=known, outcome=NothingToDo(), linked_to=live))


def settle(record: Record, end: ContactEnd) -> None:
    """Put `end` on the record."""
    to = _transition(record, end)
    settlement = _settlement(record, end, to)
    record.settlements.append(settlement)
    if end.linked_to is not None:
        record.contact_links.append(_link(record, end, end.linked_to))
        record.released.append(ContactLinked(customer=end.known.id))
        record.entries.append(_entry(record, end, end.linked_to))
    _count(record, end, to)
    if not isinstance(to, RetryAt):
        record.tell_customer(_result(end, settlement))


def _transition(record: Record, end: ContactEnd) -> Transition:
    hall = record.hall
    if end.probe_at is not None:
        return Probing(at=end.probe_at, text="looking whether it stands in Xero")
    wanted = end.known.desired
    context = HoldContext(
        now=hall.now(),
        version=wanted.version if wanted is not None else 0,
        customer=end.known.id,
        mapping=settling.mapping_fingerprint(hall.policies[record.tenant]),
    )
    limits = SettleLimits(probe_after_s=hall.limits.probe_after_s, recheck_s=hall.limits.recheck_s)
    return job.settle(end.known.job, end.outcome, context, draw=record.draw, limits=limits)


def _settlement(record: Record, end: ContactEnd, to: Transition) -> JobSettlement:
    row = end.known.job
    state, ready_at, attempt = JobState.DONE, None, 0
    reason: Reason | None = None
    note: str | None = None
    predicates: tuple[str, ...] = ()
    match to:
        case Done():
            pass
        case RetryAt():
            state, ready_at, attempt, note = JobState.READY, to.at, to.attempt, to.text
        case Waiting():
            state, ready_at, reason, note = JobState.HELD, to.recheck_at, to.reason, to.text
            predicates = tuple(holds.topic(predicate) for predicate in to.predicates)
        case Dead():
            state, reason, note = JobState.FAILED, to.reason, to.text or "refused"
        case Probing():
            state, ready_at, note = JobState.UNCERTAIN, to.at, to.text
        case _:
            assert_never(to)
    return JobSettlement(
        tenant=record.tenant,
        kind=row.kind,
        key=row.key,
        claimed_seq=row.claimed_seq,
        state=state,
        ready_at=ready_at,
        attempt=attempt,
        reason=reason,
        note=note,
        predicates=predicates,
    )


def _link(record: Record, end: ContactEnd, live: LiveContact) -> Link[ContactBase]:
    now = record.hall.now()
    wanted = end.known.desired
    return Link(
        key=end.known.job.key,
        xero_id=live.id,
        is_ours=end.is_created,
        xero_status=live.status,
        xero_number=live.name,
        seen_at=now,
        base=ContactBase(pipeline=wanted.content if wanted is not None else None, xero=live),
        based_at=now,
        synced_version=wanted.version if wanted is not None else None,
    )


def _entry(record: Record, end: ContactEnd, live: LiveContact) -> Entry:
    words = "Created in Xero" if end.is_created else "Linked to a contact in Xero"
    return Entry(
        tenant=record.tenant,
        at=record.hall.now(),
        object_type="Customer",
        object_key=end.known.job.key,
        record_type=RecordType.CREATE if end.is_created else RecordType.EDIT,
        description=f"{words}: {live.name}",
        who=settling.SYNCD,
    )


def _count(record: Record, end: ContactEnd, to: Transition) -> None:
    match to:
        case Done():
            record.outcomes[PushOutcome.CREATED if end.is_created else PushOutcome.UNCHANGED] += 1
        case RetryAt():
            record.outcomes[PushOutcome.DEFERRED] += 1
        case Waiting():
            record.outcomes[PushOutcome.HELD] += 1
            record.held[str(to.reason)] += 1
        case Dead():
            record.outcomes[PushOutcome.REFUSED] += 1
        case Probing():
            record.outcomes[PushOutcome.UNCERTAIN] += 1
        case _:
            assert_never(to)


_STATES = {
    JobState.DONE: CustomerState.SYNCED,
    JobState.HELD: CustomerState.WAITING,
    JobState.FAILED: CustomerState.FAILED,
    JobState.UNCERTAIN: CustomerState.PENDING,
    JobState.READY: CustomerState.PENDING,
    JobState.LEASED: CustomerState.PENDING,
}


def _result(end: ContactEnd, settlement: JobSettlement) -> CustomerResult:
    contact = end.linked_to.id if end.linked_to is not None else None
    if contact is None and end.known.link is not None:
        contact = XeroContactId(end.known.link.xero_id)
    return CustomerResult(
        id=end.known.id,
        state=_STATES[settlement.state],
        reason=settlement.note or "",
        xero_contact_id=contact,
    )

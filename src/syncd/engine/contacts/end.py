"""What one customer's round comes to: an end, or a write; settled in one place, `contacts.settle`.

Made by the rooms that decide and by those that read Xero's answers; a plan reads them and settles
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from syncd.domain.ids import PipelineInvoiceId, XeroContactId
from syncd.domain.model.contact import (
    ContactCandidate,
    ContactStatus,
    ContactWrite,
    Customer,
    LiveContact,
)
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.intent_body import ContactIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.result import CustomerState, FromXero
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.contacts.field_moves import Field
from syncd.domain.rules.queue.outcome import NothingToDo, Outcome, OutOfSync, Transient
from syncd.engine.contacts import choices, link_changes
from syncd.engine.contacts.link_changes import ContactLink
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.core import unreadable_rows
from syncd.store.journal import RecordType


class ContactNotes(Value, frozen=True, kw_only=True):
    """What a round found on its way, recorded whatever it comes to."""

    said: tuple[tuple[str, RecordType], ...] = ()
    """For the customer's journal, in order."""
    is_usable: bool = False
    """The customer's invoices may be written with its contact again."""
    is_request_over: bool = False
    """What an operator asked for is done, or cannot be."""

    def saying(self, words: str, kind: RecordType = RecordType.EDIT) -> ContactNotes:
        """These, and one entry more."""
        return replace(self, said=(*self.said, (words, kind)))


NO_NOTES = ContactNotes()


class CustomerDecision(Value, frozen=True, kw_only=True):
    """What an end and a write have in common."""

    loaded: LoadedCustomer
    link: ContactLink | None = None
    """To be stored: with the end, or before the write leaves."""
    notes: ContactNotes = NO_NOTES
    neighbours: tuple[str, ...] = ()
    """Customers that a contact it comes to or leaves stands for too: they are looked at."""


class ContactEnd(CustomerDecision, frozen=True, kw_only=True):
    """How one customer's round ends."""

    outcome: Outcome
    is_linked_now: bool = False
    offer: FromXero | None = None
    """Pipeline is to refresh the customer so."""
    offered_on: int | None = None
    """The version of the customer that the offer is made on."""
    written: StepKind | None = None
    """A write was confirmed in this round."""
    state: CustomerState | None = None
    """What Pipeline is told, where the job's end says something else."""
    candidates: tuple[ContactCandidate, ...] = ()
    """The contacts that a person may choose from, or that stand in the way."""
    note: str = ""
    """What is said of one that is done."""
    finding: FindingKind | None = None
    """What people should know of it until it ends otherwise."""
    still_open: tuple[PipelineInvoiceId, ...] = ()
    """Invoices whose end may bring another one."""
    is_lacking: bool = False
    """It follows from an answer without the contact, which stood there."""


class ChosenContact(CustomerDecision, frozen=True, kw_only=True):
    """One contact write and what it rests on."""

    write: ContactWrite
    live: LiveContact | None
    read_at: datetime | None = None

    @property
    def step(self) -> StepKind:
        """What it does in Xero."""
        return StepKind.CREATE if self.xero_id is None else StepKind.UPDATE

    @property
    def xero_id(self) -> XeroContactId | None:
        """The contact it changes; None for a create."""
        return self.write.xero_id

    @property
    def body(self) -> ContactIntentBody:
        """What is stored of it."""
        wanted = self.loaded.desired
        return ContactIntentBody(
            desired=None if wanted is None else wanted.content,
            write=self.write,
            base_xero=self.live,
        )


Decision = ContactEnd | ChosenContact


def linked(
    loaded: LoadedCustomer,
    customer: Customer,
    live: LiveContact,
    at: datetime,
    notes: ContactNotes = NO_NOTES,
) -> ContactEnd:
    """The customer is this contact, and nothing has to be written to it."""
    is_archived = live.status is not ContactStatus.ACTIVE
    return ContactEnd(
        loaded=loaded,
        outcome=NothingToDo(),
        link=link_changes.fresh(customer, live, at, is_ours=False),
        is_linked_now=True,
        notes=notes.saying(linked_words(live)),
        state=CustomerState.ARCHIVED if is_archived else None,
        note=choices.archived(customer, live) if is_archived else "",
    )


def linked_words(live: LiveContact) -> str:
    """What the journal says of a new link."""
    return f"Linked to a contact in Xero: {live.name} ({live.id})"


def set_aside(loaded: LoadedCustomer, problem: str) -> ContactEnd:
    """A contact that may be the customer's cannot be read: nothing is concluded, and it waits."""
    why = unreadable_rows.in_words(problem, unreadable_rows.CONTACT)
    return ContactEnd(loaded=loaded, outcome=Transient(why=why))


def unless_altered(end: ContactEnd, fields: Sequence[Field]) -> ContactEnd:
    """`end`, or out of sync where Xero shows these fields otherwise than they were sent."""
    if not fields:
        return end
    text = field_moves.altered_in_words(fields)
    return replace(end, outcome=OutOfSync(text=text), finding=FindingKind.CONTACT_ALTERED)

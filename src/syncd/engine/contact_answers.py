"""What each contact's answer means: linked, refused, or unknown until somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.domain.model.contact import LiveContact
from syncd.domain.model.intent_body import ContactIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.probing import Definite, LookNow, StayUncertain
from syncd.domain.rules import intent, outcome
from syncd.domain.rules.outcome import Applied, Outcome, Uncertain
from syncd.engine import answers, contact_settling
from syncd.engine.contact_settling import ContactEnd
from syncd.engine.customers import KnownCustomer
from syncd.engine.record import Record
from syncd.ports.ledger import AppliedContact, ContactAnswer, ElementRefused, ElementUnclear
from syncd.store.calls import Call
from syncd.store.intents import Intent, IntentEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactElement:
    """One contact of a call: its customer and its intent."""

    known: KnownCustomer
    intent: Intent

    @property
    def body(self) -> ContactIntentBody:
        """What was meant."""
        assert isinstance(self.intent.body, ContactIntentBody), "a contact's intent"
        return self.intent.body


def take(
    record: Record, call: Call, answered: Sequence[tuple[ContactElement, ContactAnswer]]
) -> None:
    """Put every element's answer on the record."""
    for element, answer in answered:
        match answer:
            case AppliedContact():
                applied(record, element, answer.live)
            case ElementRefused():
                refused(record, call, element, answer.messages)
            case ElementUnclear():
                uncertain(record, element, answer.why)
    record.calls.append(call.id)


def applied(record: Record, element: ContactElement, live: LiveContact) -> None:
    """It stands in Xero: the customer is linked to it."""
    record.ends.append((element.intent.id, IntentEnd.APPLIED))
    end = ContactEnd(
        known=element.known,
        outcome=Applied(xero_id=live.id),
        linked_to=live,
        is_created=element.intent.step is StepKind.CREATE,
        written=element.intent.step,
    )
    contact_settling.settle(record, end)


def uncertain(record: Record, element: ContactElement, why: str) -> None:
    """Nobody can say: the intent stays open and the prober looks."""
    contact_settling.settle(record, ContactEnd(known=element.known, outcome=Uncertain(why=why)))


def unsent(record: Record, elements: Sequence[ContactElement], ended: Outcome) -> None:
    """Surely no byte was accepted: the intents close and the jobs come back."""
    for element in elements:
        record.ends.append((element.intent.id, IntentEnd.UNSENT))
        record.calls.append(element.intent.call)
        contact_settling.settle(record, ContactEnd(known=element.known, outcome=ended))


def refused(record: Record, call: Call, element: ContactElement, messages: tuple[str, ...]) -> None:
    """Xero refused this contact: a name taken is looked for, the rest goes to a person."""
    one = element.intent
    now = record.hall.now()
    move = intent.after_refusal(
        now,
        answers.intent_record(one),
        answers.call_record(call, one),
        outcome.meaning_of(messages),
        answers.probe_limits(record.hall),
    )
    match move:
        case LookNow():
            record.not_unique.append(one.id)
            end = ContactEnd(known=element.known, outcome=Uncertain(why=""), probe_at=now)
        case StayUncertain():
            record.looks.append((one.id, move.clean_looks, move.look_at))
            end = ContactEnd(known=element.known, outcome=Uncertain(why=""), probe_at=move.look_at)
        case Definite():
            record.ends.append((one.id, IntentEnd.REFUSED))
            end = ContactEnd(known=element.known, outcome=outcome.of_refusal(messages))
    contact_settling.settle(record, end)

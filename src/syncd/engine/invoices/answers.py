"""Interprets the answer to each invoice written: recorded, refused, or unknown until probed.

Called by `invoices.push` after a first send and by the prober after a repeated one.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.intent_body import InvoiceIntentBody
from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.job import JobKind
from syncd.domain.model.probing import (
    Definite,
    ProbeNow,
    StayUncertain,
)
from syncd.domain.model.result import Difference
from syncd.domain.model.value import Value
from syncd.domain.rules.decide.situation import ALTERED
from syncd.domain.rules.journal.transitions import Proof
from syncd.domain.rules.queue import outcome, uncertain_write
from syncd.domain.rules.queue.outcome import Consequence, Meaning, Outcome, Transient, Uncertain
from syncd.engine.core import journal_entries, write_ahead
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.invoices import decision_input, settle
from syncd.engine.invoices.loaded_invoice import LoadedInvoice
from syncd.engine.invoices.number_holders import NOBODY, Holders
from syncd.engine.invoices.settle import End
from syncd.ports.ledger import AppliedInvoice, ElementRefused, ElementUnclear, InvoiceAnswer
from syncd.store import jobs
from syncd.store.calls import Call
from syncd.store.intents import Intent, IntentEnd
from syncd.store.unit_of_work import Statement


class Element(Value, frozen=True, kw_only=True):
    """One invoice of a call: its job, its intent and, for an update, the whole read before it."""

    loaded: LoadedInvoice
    intent: Intent
    read: LiveInvoice | None = None

    @property
    def body(self) -> InvoiceIntentBody:
        """What was meant."""
        assert isinstance(self.intent.body, InvoiceIntentBody), "an invoice's intent"
        return self.intent.body


def take(
    changeset: ChangeSet,
    call: Call,
    answered: Sequence[tuple[Element, InvoiceAnswer]],
    holders: Holders = NOBODY,
) -> None:
    """Add every element's answer to the change set; `holders` have refused numbers."""
    for element, answer in answered:
        match answer:
            case AppliedInvoice():
                applied(changeset, element, answer.live)
            case ElementRefused():
                _refused(changeset, call, element, answer, holders)
            case ElementUnclear():
                uncertain(changeset, element, answer.why)
    changeset.calls.append(call.id)


def numbers_refused(answered: Sequence[tuple[Element, InvoiceAnswer]]) -> list[str]:
    """Numbers that standing documents were to have, and another has; a create is looked for."""
    return [
        element.body.write.number or ""
        for element, answer in answered
        if isinstance(answer, ElementRefused)
        and element.intent.step is not StepKind.CREATE
        and outcome.meaning_of(answer.messages) is Meaning.NUMBER_NOT_UNIQUE
    ]


def applied(
    changeset: ChangeSet, element: Element, live: LiveInvoice, *, proof: Proof | None = None
) -> None:
    """It stands in Xero: the base moves to what both sides show now.

    Where Xero shows something else than was sent, nobody has agreed to that: it is out of sync.
    """
    loaded, body = element.loaded, element.body
    changeset.ends.append((element.intent.id, IntentEnd.APPLIED))
    is_withdrawal = body.write.step in (StepKind.VOID, StepKind.DELETE)
    written = None
    listed: tuple[Difference, ...] = ()
    is_altered = False
    if not is_withdrawal:
        tolerance = changeset.context.policies[changeset.tenant].totals_tolerance
        written = decision_input.after_write(loaded, body, live, tolerance=tolerance)
        is_altered = bool(written.base.altered)
        listed = decision_input.listed_after(
            written.base, body, live, tolerance=tolerance, loaded=loaded
        )
        if written.foreign:
            changeset.foreign.append((loaded.job.key, written.foreign))
            now = changeset.context.now()
            changeset.entries.append(
                journal_entries.edited_meanwhile(loaded.job, written.foreign, at=now)
            )
            changeset.extra.append(_look_again(changeset, loaded))
    settle.settle(
        changeset,
        End(
            loaded=loaded,
            outcome=None if is_altered else outcome.Applied(),
            text=ALTERED if is_altered else "",
            live=live,
            base=None if written is None else written.base,
            is_voided=is_withdrawal,
            differences=listed,
            written=body.write.step,
            written_version=element.intent.version,
            money_as_read=element.read,
            proof=proof,
        ),
    )


def _look_again(changeset: ChangeSet, loaded: LoadedInvoice) -> Statement[None]:
    """A bookkeeper's edit came between read and write: the next round decides about it."""
    now = changeset.context.now()
    return jobs.look(changeset.tenant, JobKind.PUSH_INVOICE, [loaded.job.key], now)


def _look_at_customer(changeset: ChangeSet, loaded: LoadedInvoice) -> list[Statement[None]]:
    """Xero does not know its contact: the customer's round says what has become of that."""
    customer = None if loaded.desired is None else loaded.desired.parent
    if customer is None:
        return []
    now = changeset.context.now()
    return [jobs.look(changeset.tenant, JobKind.PUSH_CUSTOMER, [customer], now)]


def uncertain(changeset: ChangeSet, element: Element, why: str) -> None:
    """Nobody can say: the intent stays open and the prober looks."""
    settle.settle(changeset, End(loaded=element.loaded, outcome=Uncertain(why=why)))


def unsent(changeset: ChangeSet, elements: Sequence[Element], ended: Outcome) -> None:
    """Surely no byte was accepted: the intents close and the jobs come back."""
    for element in elements:
        changeset.ends.append((element.intent.id, IntentEnd.UNSENT))
        changeset.calls.append(element.intent.call)
        settle.settle(changeset, End(loaded=element.loaded, outcome=ended))


def _refused(
    changeset: ChangeSet,
    call: Call,
    element: Element,
    answer: ElementRefused,
    holders: Holders,
) -> None:
    messages = answer.messages
    meaning = outcome.meaning_of(messages)
    one = element.intent
    move = uncertain_write.after_refusal(
        changeset.context.now(),
        write_ahead.intent_record(one),
        write_ahead.call_record(call, one),
        meaning,
        write_ahead.probe_limits(changeset.context),
    )
    match move:
        case ProbeNow():
            changeset.not_unique.append(one.id)
            _probe(changeset, element, "; ".join(messages))
        case StayUncertain():
            changeset.looks.append((one.id, move.clean_looks, move.look_at))
            end = End(
                loaded=element.loaded,
                outcome=None,
                text="; ".join(messages),
                probe_at=move.look_at,
            )
            settle.settle(changeset, end)
        case Definite():
            changeset.ends.append((one.id, IntentEnd.REFUSED))
            ended: Outcome = outcome.of_refusal(messages, is_whole=answer.is_whole)
            if meaning is Meaning.NUMBER_NOT_UNIQUE:
                ended = holders.refused(element.loaded, element.body.write.number or "")
            elif outcome.consequence_of(meaning) is Consequence.LOOK:
                # The document is not what we read: the next round reads it again and decides anew.
                ended = Transient(why="; ".join(messages))
            if meaning is Meaning.CONTACT_NOT_FOUND:
                changeset.extra.extend(_look_at_customer(changeset, element.loaded))
            live = element.read
            settle.settle(changeset, End(loaded=element.loaded, outcome=ended, live=live))


def _probe(changeset: ChangeSet, element: Element, why: str) -> None:
    end = End(loaded=element.loaded, outcome=None, text=why, probe_at=changeset.context.now())
    settle.settle(changeset, end)

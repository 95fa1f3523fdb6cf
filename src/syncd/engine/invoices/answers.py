"""Settles invoices by what Xero answered, or a look found: applied, refused, adopted."""

from __future__ import annotations

from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.job import JobKind, Reason
from syncd.domain.model.result import Difference
from syncd.domain.rules.compare import snapshots
from syncd.domain.rules.decide import bases
from syncd.domain.rules.decide.situation import ALTERED
from syncd.domain.rules.journal.transitions import Proof
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import (
    Consequence,
    Deferred,
    Held,
    Meaning,
    Outcome,
    Transient,
)
from syncd.engine.core import journal_entries
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.invoices import decision_input, settle
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import InvoiceElement, LoadedInvoice, body_of
from syncd.engine.invoices.number_holders import Holders
from syncd.ports.ledger import ElementRefused
from syncd.store import jobs
from syncd.store.unit_of_work import Statement

LOOKS_FIRST = 4
"""So often may a document have been another one than was read; then the refusal is believed."""


def applied(
    changeset: ChangeSet, element: InvoiceElement, live: LiveInvoice, *, is_found: bool = False
) -> None:
    """It stands in Xero: the base moves to what both sides show now; `is_found`: by a look.

    Where Xero shows something else than was sent, nobody has agreed to that: it is out of sync.
    """
    loaded, body = element.loaded, body_of(element.intent)
    is_withdrawal = body.write.step in (StepKind.VOID, StepKind.DELETE)
    written = None
    listed: tuple[Difference, ...] = ()
    is_altered = False
    if is_withdrawal and not live.status.is_gone:
        settle.settle(changeset, InvoiceEnd(loaded=loaded, outcome=_still_there(loaded, live)))
        return
    if not is_withdrawal:
        tolerance = changeset.context.policies[changeset.tenant].totals_tolerance
        written = decision_input.after_write(
            loaded, body, live, tolerance=tolerance, is_found=is_found
        )
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
        InvoiceEnd(
            loaded=loaded,
            outcome=outcome.OutOfSync(text=ALTERED) if is_altered else outcome.Applied(),
            live=live,
            base=None if written is None else written.base,
            is_voided=is_withdrawal,
            differences=listed,
            written=body.write.step,
            written_version=element.intent.version,
            money_as_read=element.read,
            proof=Proof.FOUND if is_found else None,
        ),
    )


def _still_there(loaded: LoadedInvoice, live: LiveInvoice) -> Outcome:
    """Xero says that it withdrew the document, and shows that it did not: it is looked at again."""
    text = f"Xero took its withdrawal, but still shows it as {live.status}."
    if loaded.job.attempt < LOOKS_FIRST and loaded.job.held_for is not Reason.REFUSED:
        return Transient(why=f"{text} It is read and withdrawn again by itself.")
    return Held(reason=Reason.REFUSED, text=f"{text} Withdraw it in Xero. {outcome.TRIED}")


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


def _look_first(loaded: LoadedInvoice, messages: tuple[str, ...]) -> Outcome:
    """The document is not what we read: the next round reads it again and decides anew.

    Refused again and again, it is as we read it, and Xero forbids what we know no rule for: a
    person is told, and it is tried by the clock.
    """
    said = "; ".join(messages)
    if loaded.job.attempt < LOOKS_FIRST and loaded.job.held_for is not Reason.REFUSED:
        return Transient(why=said)
    text = (
        f"{outcome.BARE} {said.rstrip('. ')}. Read again it shows nothing that would explain it: "
        f"change it in Xero, or undo the change in Pipeline. {outcome.TRIED}"
    )
    return Held(reason=Reason.REFUSED, text=text)


def refused(
    changeset: ChangeSet, element: InvoiceElement, answer: ElementRefused, holders: Holders
) -> None:
    """Xero surely refused it: a person corrects it, or the next round reads it again."""
    messages, meaning = answer.messages, outcome.meaning_of(answer.messages)
    ended: Outcome = outcome.of_refusal(messages, is_whole=answer.is_whole)
    if meaning is Meaning.NUMBER_NOT_UNIQUE:
        ended = holders.refused(element.loaded, body_of(element.intent).write.number or "")
    elif outcome.consequence_of(meaning) is Consequence.LOOK:
        ended = _look_first(element.loaded, messages)
    if meaning is Meaning.CONTACT_NOT_FOUND:
        changeset.extra.extend(_look_at_customer(changeset, element.loaded))
    end = InvoiceEnd(loaded=element.loaded, outcome=ended, live=element.read)
    settle.settle(changeset, end)


def adopted(changeset: ChangeSet, element: InvoiceElement, live: LiveInvoice) -> None:
    """The create landed and was edited since: what we sent becomes the base, then decide anew."""
    body = body_of(element.intent)
    assert body.desired is not None, "a create carries Pipeline's half"
    assert body.expected is not None, "a create carries what Xero should show"
    base = bases.base_after_adoption(
        desired=body.desired,
        expected=body.expected,
        live=snapshots.of_xero(live),
        tolerance=changeset.context.policies[changeset.tenant].totals_tolerance,
        ties=body.ties,
        aliases=element.loaded.aliases,
    )
    end = InvoiceEnd(
        loaded=element.loaded,
        outcome=Deferred(retry_after_s=0.0),
        live=live,
        base=base,
        proof=Proof.ADOPTED,
    )
    settle.settle(changeset, end)

"""Interprets the answer to each contact written: linked, refused, or unknown until probed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact
from syncd.domain.model.intent_body import ContactIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Reason
from syncd.domain.model.probing import Definite, ProbeNow, StayUncertain
from syncd.domain.model.result import CustomerState
from syncd.domain.model.value import Value
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.contacts.field_moves import Field
from syncd.domain.rules.queue import outcome, uncertain_write
from syncd.domain.rules.queue.outcome import (
    Applied,
    Deferred,
    Held,
    Meaning,
    Outcome,
    Uncertain,
)
from syncd.engine.contacts import link_changes, probe_reads, settle
from syncd.engine.contacts.loaded_customer import LoadedCustomer
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core import write_ahead
from syncd.engine.core.changeset import ChangeSet
from syncd.ports.ledger import AppliedContact, ContactAnswer, ElementRefused, ElementUnclear
from syncd.store.calls import Call
from syncd.store.intents import Intent, IntentEnd
from syncd.store.journal import RecordType

TAKEN = (Meaning.CONTACT_NAME_TAKEN, Meaning.CONTACT_NUMBER_TAKEN)
"""Another contact has what was to be this one's: who, a look by it says."""
UNKNOWN = (Meaning.NOT_FOUND, Meaning.CONTACT_NOT_FOUND)


class ContactElement(Value, frozen=True, kw_only=True):
    """One contact of a call: its customer and its intent."""

    loaded: LoadedCustomer
    intent: Intent

    @property
    def body(self) -> ContactIntentBody:
        """What was meant."""
        assert isinstance(self.intent.body, ContactIntentBody), "a contact's intent"
        return self.intent.body

    @property
    def is_new_link(self) -> bool:
        """Whether the customer was not linked to that contact before."""
        link, to = self.loaded.link, self.body.write.xero_id
        return link is None or to is None or link_changes.target(link) != to

    @property
    def is_only_mark(self) -> bool:
        """Whether it writes nothing but our mark, to link."""
        write = self.body.write
        marks = ContactWrite(
            pipeline_id=write.pipeline_id, xero_id=write.xero_id, number=write.number
        )
        return self.is_new_link and self.intent.step is StepKind.UPDATE and write == marks


def take(
    changeset: ChangeSet,
    call: Call,
    answered: Sequence[tuple[ContactElement, ContactAnswer]],
    namesakes: Sequence[LiveContact] = (),
) -> None:
    """Add every element's answer to the change set; `namesakes` have a name that was refused."""
    for element, answer in answered:
        match answer:
            case AppliedContact():
                applied(changeset, element, answer.live)
            case ElementRefused():
                refused(changeset, call, element, answer, namesakes)
            case ElementUnclear():
                uncertain(changeset, element, answer.why)
    changeset.calls.append(call.id)


def applied(
    changeset: ChangeSet, element: ContactElement, live: LiveContact, *, is_found: bool = False
) -> None:
    """It stands in Xero: made, linked, changed or archived, as was meant.

    `is_found`: by a look, after its answer was lost. A contact we made may have been edited until
    then, and Pipeline is to hear of that.
    """
    changeset.ends.append((element.intent.id, IntentEnd.APPLIED))
    loaded, body = element.loaded, element.body
    if body.write.status is ContactStatus.ARCHIVED:
        _archived(changeset, element, live)
    elif element.is_new_link and loaded.is_target_anothers:
        # Whose it stays is for the customer's own round to say, and no other work waits for that.
        settle.settle(changeset, ContactEnd(loaded=loaded, outcome=Deferred(retry_after_s=0.0)))
    elif element.is_new_link:
        assert body.desired is not None, "a customer without content is never linked"
        is_ours = element.intent.step is StepKind.CREATE
        now = changeset.context.now()
        altered = field_moves.altered(body.write, live)
        link = link_changes.fresh(body.desired, live, now, is_ours=is_ours, altered=altered)
        offer = None
        if is_ours and is_found:
            base = field_moves.base_of_found(body.desired, body.write, live)
            sides = field_moves.compare(body.desired, live, base)
            offer = field_moves.refresh_of(live, sides.from_xero)
            base = field_moves.base_after_read(base, body.desired, live, sides)
            link = link_changes.agreed(link, live, base, now, body.desired.version)
            altered = sides.altered
        words, kind = settle.linked_words(live), RecordType.EDIT
        if is_ours:
            words, kind = f"Created in Xero: {live.name}", RecordType.CREATE
        words += _but_altered(altered)
        settle.tell(changeset, loaded, words, kind)
        end = ContactEnd(
            loaded=loaded,
            outcome=Applied(),
            link=link,
            is_linked_now=True,
            offer=offer,
            offered_on=body.desired.version if offer is not None else None,
            written=element.intent.step,
        )
        settle.settle(changeset, settle.unless_altered(end, altered))
    else:
        _changed(changeset, element, live)


def _changed(changeset: ChangeSet, element: ContactElement, live: LiveContact) -> None:
    """What Pipeline moved has landed; what Xero moved alone is handed over with the same round."""
    loaded, body = element.loaded, element.body
    link, customer, read = loaded.link, body.desired, body.base_xero
    assert link is not None, "only a linked contact is changed"
    assert customer is not None, "a change carries content"
    assert read is not None, "a change is decided by a read"
    base = field_moves.accepted(link.base, customer)
    sides = field_moves.compare(customer, read, base)
    moved = field_moves.base_after_write(base, customer, read, live, sides)
    words = f"Changed in Xero: {field_moves.in_words(sides.to_xero)}"
    if sides.overruled:
        both = field_moves.in_words(sides.overruled)
        words += f" (changed on both sides, Pipeline's stands: {both})"
    altered = field_moves.compare(customer, live, moved).altered
    settle.tell(changeset, loaded, words + _but_altered(altered))
    offer = field_moves.refresh_of(read, sides.from_xero)
    end = ContactEnd(
        loaded=loaded,
        outcome=Applied(),
        link=link_changes.agreed(link, live, moved, changeset.context.now(), customer.version),
        offer=offer,
        offered_on=customer.version,
        written=element.intent.step,
    )
    settle.settle(changeset, settle.unless_altered(end, altered))


def _but_altered(fields: Sequence[Field]) -> str:
    if not fields:
        return ""
    words = field_moves.in_words(fields)
    return f"; but Xero shows something else than was sent ({words}): out of sync"


def _archived(changeset: ChangeSet, element: ContactElement, live: LiveContact) -> None:
    link = element.loaded.link
    assert link is not None, "only a linked contact is archived"
    settle.tell(changeset, element.loaded, f"Archived in Xero: {live.name}", RecordType.DELETE)
    end = ContactEnd(
        loaded=element.loaded,
        outcome=Applied(),
        link=link_changes.seen(link, live, changeset.context.now()),
        written=element.intent.step,
        state=CustomerState.ARCHIVED,
    )
    settle.settle(changeset, end)


def uncertain(changeset: ChangeSet, element: ContactElement, why: str) -> None:
    """Nobody can say: the intent stays open and the prober looks."""
    settle.settle(changeset, ContactEnd(loaded=element.loaded, outcome=Uncertain(why=why)))


def unsent(changeset: ChangeSet, elements: Sequence[ContactElement], ended: Outcome) -> None:
    """Surely no byte was accepted: the intents close and the jobs come back."""
    for element in elements:
        changeset.ends.append((element.intent.id, IntentEnd.UNSENT))
        changeset.calls.append(element.intent.call)
        settle.settle(changeset, ContactEnd(loaded=element.loaded, outcome=ended))


def refused(
    changeset: ChangeSet,
    call: Call,
    element: ContactElement,
    answer: ElementRefused,
    namesakes: Sequence[LiveContact] = (),
) -> None:
    """Xero refused this contact: a name taken is looked for, the rest goes to a person."""
    one = element.intent
    now = changeset.context.now()
    meaning = outcome.meaning_of(answer.messages)
    move = uncertain_write.after_refusal(
        now,
        write_ahead.intent_record(one),
        write_ahead.call_record(call, one),
        meaning,
        write_ahead.probe_limits(changeset.context),
    )
    ended: Outcome = Uncertain(why="")
    probe_at: datetime | None = now
    match move:
        case ProbeNow():
            changeset.not_unique.append(one.id)
        case StayUncertain():
            changeset.looks.append((one.id, move.clean_looks, move.look_at))
            probe_at = move.look_at
        case Definite():
            changeset.ends.append((one.id, IntentEnd.REFUSED))
            if element.is_only_mark and meaning is Meaning.CONTACT_NUMBER_TAKEN:
                _linked_unmarked(changeset, element)
                return
            if meaning in UNKNOWN:
                _not_found(changeset, element, answer)
                return
            ended, probe_at = _definite(element, answer, namesakes), None
    end = ContactEnd(loaded=element.loaded, outcome=ended, probe_at=probe_at)
    settle.settle(changeset, end)


def _not_found(changeset: ChangeSet, element: ContactElement, answer: ElementRefused) -> None:
    """Xero does not know the contact any more: nothing goes to it until a look has found it."""
    loaded, own = element.loaded, element.body.write.xero_id
    link = None if element.is_new_link else loaded.link
    said = outcome.of_refusal(answer.messages, of_contact=True)
    assert isinstance(said, Held), "what a contact is not found by is no fault of its content"
    held = Held(reason=said.reason, text=said.text, in_the_way=() if own is None else (own,))
    if link is not None:
        link = link_changes.unknown(link, changeset.context.now())
    settle.settle(changeset, ContactEnd(loaded=loaded, outcome=held, link=link))


def _definite(
    element: ContactElement, answer: ElementRefused, namesakes: Sequence[LiveContact]
) -> Outcome:
    write = element.body.write
    others = [
        each
        for each in namesakes
        if each.id != write.xero_id and probe_reads.what_is_taken(write, each)
    ]
    if outcome.meaning_of(answer.messages) not in TAKEN or not others:
        return outcome.of_refusal(answer.messages, of_contact=True, is_whole=answer.is_whole)
    return Held(
        reason=Reason.CONTACT_NAME_TAKEN,
        text=probe_reads.taken_in_words(write, others),
        in_the_way=tuple(each.id for each in others),
    )


def _linked_unmarked(changeset: ChangeSet, element: ContactElement) -> None:
    """Another contact carries this customer's mark: the link is proof enough without it."""
    body = element.body
    assert body.desired is not None, "a customer without content is never linked"
    assert body.base_xero is not None, "a link is made to a contact that was read"
    settle.linked(changeset, element.loaded, body.desired, body.base_xero)

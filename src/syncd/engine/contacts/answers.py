"""Says how customers end by what Xero answered, or a look found: linked, changed, refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.model.contact import ContactStatus, ContactWrite, LiveContact
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Reason
from syncd.domain.model.result import CustomerState
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.contacts.field_moves import Field, FieldMoves
from syncd.domain.rules.decide import after_restore
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import (
    Applied,
    Deferred,
    Held,
    Meaning,
    Outcome,
    Transient,
)
from syncd.engine.contacts import end, link_changes, probe_reads
from syncd.engine.contacts.end import NO_NOTES, ContactEnd
from syncd.engine.contacts.loaded_customer import ContactElement, LoadedCustomer, body_of
from syncd.engine.writes import call_splitting
from syncd.ports.ledger import ElementRefused
from syncd.store.journal import RecordType

TAKEN = (Meaning.CONTACT_NAME_TAKEN, Meaning.CONTACT_NUMBER_TAKEN)
"""Another contact has what was to be this one's: who, a look by it says."""
UNKNOWN = (Meaning.NOT_FOUND, Meaning.CONTACT_NOT_FOUND)
TRIES = 3
"""So often is tried again what nobody is shown to have; then somebody not shown has it."""


def _is_new_link(element: ContactElement) -> bool:
    """Whether the customer was not linked to that contact before."""
    link, to = element.loaded.link, element.intent.xero_id
    return link is None or to is None or link_changes.target(link) != to


def _is_only_mark(element: ContactElement) -> bool:
    """Whether it writes nothing but our mark, to link."""
    write = body_of(element.intent).write
    marks = ContactWrite(pipeline_id=write.pipeline_id, xero_id=write.xero_id, number=write.number)
    is_update = element.intent.step is StepKind.UPDATE
    return _is_new_link(element) and is_update and write == marks


def applied(
    element: ContactElement, live: LiveContact, at: datetime, *, is_found: bool = False
) -> ContactEnd:
    """It stands in Xero: made, linked, changed or archived, as was meant.

    `is_found`: by a look, after its answer was lost. A contact we made may have been edited until
    then, and Pipeline is to hear of that.
    """
    loaded = element.loaded
    if body_of(element.intent).write.status is ContactStatus.ARCHIVED:
        return _archived(element, live, at)
    if not _is_new_link(element):
        return _changed(element, live, at)
    if loaded.is_target_anothers:
        # Whose it stays is for the customer's own round to say, and no other work waits for that.
        return ContactEnd(loaded=loaded, outcome=Deferred(retry_after_s=0.0))
    return _linked(element, live, at, is_found=is_found)


def _linked(
    element: ContactElement, live: LiveContact, at: datetime, *, is_found: bool
) -> ContactEnd:
    """A contact we made, or one that has got our mark."""
    loaded, body = element.loaded, body_of(element.intent)
    assert body.desired is not None, "a customer without content is never linked"
    is_ours = element.intent.step is StepKind.CREATE
    altered = field_moves.altered(body.write, live)
    link = link_changes.fresh(body.desired, live, at, is_ours=is_ours, altered=altered)
    offer = None
    if is_ours and is_found:
        base = field_moves.base_of_found(body.desired, body.write, live)
        sides = field_moves.compare(body.desired, live, base)
        offer = field_moves.refresh_of(live, sides.from_xero)
        base = field_moves.base_after_read(base, body.desired, live, sides)
        link = link_changes.agreed(link, live, base, at, body.desired.version)
        altered = sides.altered
    words, kind = end.linked_words(live), RecordType.EDIT
    if is_ours:
        words, kind = f"Created in Xero: {live.name}", RecordType.CREATE
    ended = ContactEnd(
        loaded=loaded,
        outcome=Applied(),
        link=link,
        is_linked_now=True,
        notes=NO_NOTES.saying(words + _but_altered(altered), kind),
        offer=offer,
        offered_on=body.desired.version if offer is not None else None,
        written=element.intent.step,
    )
    return end.unless_altered(ended, altered)


def _changed(element: ContactElement, live: LiveContact, at: datetime) -> ContactEnd:
    """What Pipeline moved has landed; what Xero moved alone is handed over with the same round."""
    loaded, body = element.loaded, body_of(element.intent)
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
    if doubted := _doubted(element, read, sides):
        which = field_moves.in_words(doubted)
        words += f" (perhaps corrected in Xero meanwhile, Pipeline's stands: {which})"
    altered = field_moves.compare(customer, live, moved).altered
    ended = ContactEnd(
        loaded=loaded,
        outcome=Applied(),
        link=link_changes.agreed(link, live, moved, at, customer.version),
        notes=NO_NOTES.saying(words + _but_altered(altered)),
        offer=field_moves.refresh_of(read, sides.from_xero),
        offered_on=customer.version,
        written=element.intent.step,
    )
    return end.unless_altered(ended, altered)


def _doubted(element: ContactElement, read: LiveContact, sides: FieldMoves) -> tuple[Field, ...]:
    """Fields that Xero shows as before, and may have shown otherwise: somebody put them back.

    So it is after a write of unknown outcome that was given up, and after a restore.
    """
    link = element.loaded.link
    if link is not None and after_restore.is_doubtful(link.unverified_from, read.updated_at):
        return tuple(field for field in sides.to_xero if field not in sides.overruled)
    lost = [body_of(one) for one in call_splitting.given_up(element.loaded.earlier)]
    found = {
        field
        for body in lost
        if body.base_xero is not None
        and body.base_xero.id == read.id
        and body.base_xero.updated_at < read.updated_at
        for field in field_moves.carried(body.write)
    }
    return tuple(each for each in sides.to_xero if each in found and each not in sides.overruled)


def _but_altered(fields: Sequence[Field]) -> str:
    if not fields:
        return ""
    words = field_moves.in_words(fields)
    return f"; but Xero shows something else than was sent ({words}): out of sync"


def _archived(element: ContactElement, live: LiveContact, at: datetime) -> ContactEnd:
    link = element.loaded.link
    assert link is not None, "only a linked contact is archived"
    return ContactEnd(
        loaded=element.loaded,
        outcome=Applied(),
        link=link_changes.seen(link, live, at),
        notes=NO_NOTES.saying(f"Archived in Xero: {live.name}", RecordType.DELETE),
        written=element.intent.step,
        state=CustomerState.ARCHIVED,
    )


def refused(
    element: ContactElement,
    answer: ElementRefused,
    namesakes: Sequence[LiveContact],
    at: datetime,
) -> ContactEnd:
    """Xero surely refused this contact; `namesakes` have a name or number it was refused for."""
    meaning = outcome.meaning_of(answer.messages)
    if meaning is Meaning.CONTACT_NUMBER_TAKEN and _is_only_mark(element):
        return _linked_unmarked(element, at)
    if meaning in UNKNOWN:
        return _not_found(element, answer, at)
    ended = _definite(element, answer, namesakes)
    return ContactEnd(loaded=element.loaded, outcome=ended)


def may_be_free(loaded: LoadedCustomer) -> bool:
    """Whether what nobody is shown to have may have been let go while it was refused.

    So it is where another customer gives its name up in the same call.
    """
    return loaded.job.attempt < TRIES and loaded.job.held_for is not Reason.CONTACT_NAME_TAKEN


def _not_found(element: ContactElement, answer: ElementRefused, at: datetime) -> ContactEnd:
    """Xero does not know the contact any more: nothing goes to it until a look has found it."""
    loaded, own = element.loaded, element.intent.xero_id
    link = None if _is_new_link(element) else loaded.link
    said = outcome.of_refusal(answer.messages, of_contact=True)
    assert isinstance(said, Held), "what a contact is not found by is no fault of its content"
    held = Held(reason=said.reason, text=said.text, in_the_way=() if own is None else (own,))
    if link is not None:
        link = link_changes.unknown(link, at)
    return ContactEnd(loaded=loaded, outcome=held, link=link)


def _definite(
    element: ContactElement, answer: ElementRefused, namesakes: Sequence[LiveContact]
) -> Outcome:
    write = body_of(element.intent).write
    others = [
        each
        for each in namesakes
        if each.id != write.xero_id and probe_reads.what_is_taken(write, each, is_refused=True)
    ]
    is_taken = outcome.meaning_of(answer.messages) in TAKEN
    if is_taken and not others and may_be_free(element.loaded):
        return Transient(why="; ".join(answer.messages))
    if not is_taken or not others:
        return outcome.of_refusal(answer.messages, of_contact=True, is_whole=answer.is_whole)
    return Held(
        reason=Reason.CONTACT_NAME_TAKEN,
        text=probe_reads.taken_in_words(write, others),
        in_the_way=tuple(each.id for each in others),
    )


def _linked_unmarked(element: ContactElement, at: datetime) -> ContactEnd:
    """Another contact carries this customer's mark: the link is proof enough without it."""
    body = body_of(element.intent)
    assert body.desired is not None, "a customer without content is never linked"
    assert body.base_xero is not None, "a link is made to a contact that was read"
    return end.linked(element.loaded, body.desired, body.base_xero, at)

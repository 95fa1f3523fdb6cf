"""Whether the end of a round changes an object's state, and what the journal says of it.

Pure. Called by `engine.core.journal_entries` for every settlement: a round that leaves things as
they stood is no change, so that a job that is looked at each hour writes one entry and not one an
hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from syncd.domain.model.job import Job, JobState, Reason
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.state_change import StateChange, StateChangeKind
from syncd.domain.model.value import Value

OUT_OF_SYNC = "out_of_sync"
_LONGEST_LIST = 8
"""Fields named in a line; the detail has them all."""
_AGREED = "Both sides show the same again."
_KEPT = "What still differs was decided to stay so."
"""Why nothing is waited for any more, where the ending itself does not say it."""


class Proof(StrEnum):
    """What a look showed of a write whose outcome nobody knew."""

    FOUND = "found"
    ADOPTED = "adopted"
    NOT_TAKEN = "not_taken"


class Ending(Value, frozen=True, kw_only=True):
    """How a round ends, as far as the journal asks.

    `is_linked_now`: a document was recognised as this invoice's without a write of this round.
    `is_ended`: it is gone on both sides, and this round saw it first. `is_never_sent`: deleted in
    Pipeline while nothing of it stood in Xero.
    """

    not_shown = ("text", "differences", "pipeline_by")

    state: JobState
    reason: Reason | None = None
    is_out_of_sync: bool = False
    text: str = ""
    differences: tuple[Difference, ...] = ()
    is_written: bool = False
    is_linked_now: bool = False
    is_ended: bool = False
    is_never_sent: bool = False
    proof: Proof | None = None
    pipeline_by: str | None = None
    accepted: tuple[str, ...] = ()
    """Fields edited in Xero that the tenant's policy has taken as they stand."""


def state_change(was: Job, ending: Ending) -> StateChange | None:
    """What changed between the claim and the end of a round; None when nothing did."""
    kind = _what(was, ending)
    if kind is None:
        return None
    is_blocked = kind in (
        StateChangeKind.HELD,
        StateChangeKind.OUT_OF_SYNC,
        StateChangeKind.REFUSED,
    )
    text = ending.text
    if kind is StateChangeKind.RESUMED and not text:
        text = _KEPT if ending.differences else _AGREED
    return StateChange(
        what=kind,
        reason=ending.reason if is_blocked else _waited_for(was),
        text=text,
        differences=ending.differences if is_blocked else (),
        fields=ending.accepted,
        pipeline_by=ending.pipeline_by,
    )


def journaled_as(ending: Ending) -> str | None:
    """The state that the journal shows once this ending is in it."""
    return OUT_OF_SYNC if ending.is_out_of_sync else ending.reason


def _waited_for(was: Job) -> Reason | None:
    return None if was.journaled_as in (None, OUT_OF_SYNC) else Reason(was.journaled_as)


def _what(was: Job, ending: Ending) -> StateChangeKind | None:
    is_same = was.journaled_as == journaled_as(ending)
    found: StateChangeKind | None = None
    if ending.state is JobState.UNCERTAIN:
        found = None if was.was_uncertain else StateChangeKind.UNCERTAIN
    elif ending.proof is Proof.ADOPTED or ending.is_linked_now:
        found = StateChangeKind.ADOPTED
    elif ending.proof is Proof.NOT_TAKEN:
        found = StateChangeKind.NOT_TAKEN
    elif ending.state is JobState.FAILED and not is_same:
        found = StateChangeKind.REFUSED
    elif ending.state is JobState.HELD and (ending.is_written or not is_same):
        found = StateChangeKind.OUT_OF_SYNC if ending.is_out_of_sync else StateChangeKind.HELD
    elif ending.state is JobState.DONE:
        found = _done(was, ending)
    return found


def _done(was: Job, ending: Ending) -> StateChangeKind | None:
    if ending.accepted:
        return StateChangeKind.ACCEPTED
    if was.was_uncertain and ending.is_written:
        return StateChangeKind.FOUND if ending.proof is Proof.FOUND else StateChangeKind.SENT_AGAIN
    if ending.is_ended and not ending.is_written:
        return StateChangeKind.ENDED
    if was.journaled_as is not None:
        return StateChangeKind.NEVER_SENT if ending.is_never_sent else StateChangeKind.RESUMED
    return None


def in_words(found: StateChange, label: str) -> str:
    """One line for the journal, for a state change without a confirmed write."""
    line = _line(found, label)
    return f"{line} {found.text}".rstrip() if found.text else line


def _line(found: StateChange, label: str) -> str:
    return _LINES[found.what].format(
        label=label,
        why="" if found.reason is None else f" ({found.reason})",
        fields=", ".join(found.fields),
        moved=moved_in_words(found.differences),
    )


_LINES = {
    StateChangeKind.HELD: "Waiting{why}: {label}.",
    StateChangeKind.OUT_OF_SYNC: "Out of sync{why}: {label}; {moved}.",
    StateChangeKind.RESUMED: "No longer waiting{why}: {label}.",
    StateChangeKind.REFUSED: "Refused by Xero{why}: {label}.",
    StateChangeKind.UNCERTAIN: "Sent to Xero, and whether it was taken is looked for: {label}.",
    StateChangeKind.FOUND: "Found in Xero: {label}.",
    StateChangeKind.SENT_AGAIN: "Sent to Xero once more: {label}.",
    StateChangeKind.NOT_TAKEN: "Xero has not taken the write: {label}. It is decided anew.",
    StateChangeKind.ADOPTED: "Recognised in Xero as ours: {label}.",
    StateChangeKind.EDITED_MEANWHILE: (
        "Edited in Xero while it was being written, and kept: {fields}."
    ),
    StateChangeKind.ACCEPTED: (
        "Changed in Xero, and accepted as xero_edits says: {label}; {fields}."
    ),
    StateChangeKind.NEVER_SENT: (
        "Deleted in Pipeline before it was sent{why}: {label}. Xero has none of it."
    ),
    StateChangeKind.ENDED: "Gone in Xero and withdrawn in Pipeline: {label}.",
}


def after_words(found: StateChange) -> str:
    """What a confirmed write's line adds when the state changed with it."""
    match found.what:
        case StateChangeKind.FOUND:
            return "; its answer had been lost, and a look found it there"
        case StateChangeKind.SENT_AGAIN:
            return "; its first answer had been lost, so the same bytes were sent once more"
        case StateChangeKind.OUT_OF_SYNC:
            fields = ", ".join(one.field for one in found.differences[:_LONGEST_LIST])
            return f"; but Xero shows something else than was sent ({fields}): out of sync"
        case _:
            return f"; it had waited ({found.reason or 'out of sync'})"


def moved_in_words(differences: Sequence[Difference]) -> str:
    """Which fields differ, by who moved them."""
    if not differences:
        return "the two sides differ"
    groups = (
        (MovedBy.BOTH, "moved on both sides"),
        (MovedBy.XERO, "moved in Xero"),
        (MovedBy.PIPELINE, "moved in Pipeline"),
        (None, "different as decided"),
    )
    parts = []
    for side, words in groups:
        fields = [one.field for one in differences if one.moved_by is side]
        if fields:
            more = len(fields) - _LONGEST_LIST
            tail = f" and {more} more" if more > 0 else ""
            parts.append(f"{words}: {', '.join(fields[:_LONGEST_LIST])}{tail}")
    return "; ".join(parts)

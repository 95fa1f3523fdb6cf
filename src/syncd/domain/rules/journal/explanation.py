"""Explains an invoice in plain sentences from the journal, its state and Xero's History.

Pure. Called by `engine.operator.explain`. Whoever moved a field in Xero is named by Xero's History
alone: a person's last record there before we noticed. What this app wrote there shows as the
system's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from syncd.domain.model.explanation import (
    CurrentState,
    Explanation,
    JournalLine,
    Mover,
    Sentence,
    XeroNote,
)
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.state_change import StateChangeKind

PIPELINE, XERO, SYNCD = "Pipeline", "Xero", "syncd"
SYSTEM = "System Generated"
"""Under this name Xero's History shows what apps did, ours among them (facts 3.2)."""
_NO_EDIT = ("paid", "pay", "credit", "email", "mail", "sent", "note", "print", "export")
"""How records begin that move no field of ours."""
_LONGEST_VALUE = 80
"""A nameless contact with its id fits."""
_WHY_ALL_WAITS = {
    Reason.NOT_CONNECTED: "Not connected to Xero. Press Connect to Xero; nothing is lost.",
    Reason.TOKEN_EXPIRED: (
        "Xero no longer accepts the connection. Press Connect to Xero; nothing is lost."
    ),
    Reason.PAUSED: "The tenant is paused. Resume it to go on.",
    Reason.BRAKE_HALTED: (
        "A brake halted the tenant. See what it halted, then release it or undo the cause."
    ),
}
_BY_REASON = {
    Reason.OBSERVING: (
        "Plan, and apply the plan when it is right; or set the tenant live, and all that waits so "
        "goes without one. What is dated before start_date waits for another date."
    ),
    Reason.PAUSED: "Resume the tenant.",
    Reason.NOT_CONNECTED: "Press Connect to Xero, unless another remedy is named above.",
    Reason.TOKEN_EXPIRED: "Press Connect to Xero, unless another remedy is named above.",
    Reason.CONTACT_UNMAPPED: ("Link the customer to its contact, or Create in Xero & Link."),
    Reason.CONTACT_ARCHIVED: "Restore the contact in Xero, or link the customer to another.",
    Reason.CONTACT_NAME_TAKEN: "Link the customer to the contact that has its name, or rename one.",
    Reason.ACCOUNT_UNMAPPED: "Map the cost code to an account in the configuration.",
    Reason.TAX_UNMAPPED: "Map the tax rate to a tax type in the configuration.",
    Reason.CURRENCY_UNAVAILABLE: "Add the currency in Xero.",
    Reason.LOCKED_PERIOD: "Move the lock date in Xero, or the invoice's date in Pipeline.",
    Reason.NUMBER_TAKEN: (
        "Change the number of one of the two, in Pipeline or in Xero; or plan, where both are one "
        "invoice, and apply the plan that adopts it."
    ),
    Reason.TOTALS_MISMATCH: "Correct the lines or the totals in Pipeline.",
    Reason.HAS_PAYMENTS: "Remove the payment or credit in Xero, or undo the change in Pipeline.",
    Reason.INVALID_DOCUMENT: "Correct the invoice in Pipeline.",
    Reason.STATUS_REGRESSION: "Set the status in Pipeline to what Xero shows, or resolve it.",
    Reason.GONE_IN_XERO: (
        "Accept it by taking Xero's side, delete the invoice in Pipeline too, or "
        "give it a new number there and take Pipeline's side."
    ),
    Reason.RATE_LIMITED: "Nothing: it goes on when Xero takes calls again.",
    Reason.BREAKER_OPEN: "Nothing: it goes on when Xero answers again.",
    Reason.BRAKE_HALTED: "Look at what the brake stopped, then release it.",
    Reason.REFUSED: "Correct what Xero names, in Pipeline or in Xero; then retry.",
}
_BY_STATE = {
    PublicState.OUT_OF_SYNC: (
        "Make both sides show the same, and it resumes by itself; or take one side of what differs."
    ),
    PublicState.UNCERTAIN: "Nothing: syncd looks whether Xero took it, and sends nothing before.",
    PublicState.PENDING: "Nothing: its turn comes.",
    PublicState.FAILED: "Correct what is named above, then look again.",
}
_BLOCKED = (StateChangeKind.OUT_OF_SYNC, StateChangeKind.HELD)
_BY_TIME = (Reason.RATE_LIMITED, Reason.BREAKER_OPEN)
_STATES = {
    PublicState.OUT_OF_SYNC: "is out of sync: nothing is written until both sides agree",
    PublicState.UNCERTAIN: "has a write whose outcome nobody knows yet",
    PublicState.SYNCED: "is in sync",
    PublicState.VOIDED: "is voided on both sides",
    PublicState.WAITING: "waits",
    PublicState.FAILED: "has failed",
    PublicState.PENDING: "is queued",
}


def explain(
    journal: Iterable[JournalLine], notes: Sequence[XeroNote], current: CurrentState
) -> Explanation:
    """What happened, oldest first, and how it is now. `notes` is Xero's History, or empty."""
    people = [note for note in notes if note.who != SYSTEM]
    happened = [
        *(_of_xero(note) for note in people),
        _of_pipeline(current),
        *(_of_journal(one, people) for one in journal),
    ]
    happened.sort(key=lambda one: (one.at, one.where == SYNCD))
    return Explanation(
        sentences=tuple(happened),
        now=tuple(_now(current, people)),
        can_do=_can_do(current),
        movers=tuple(_mover(each, current, people) for each in current.differences),
    )


def _of_xero(note: XeroNote) -> Sentence:
    details = f": {note.details}" if note.details else ""
    return Sentence(at=note.at, where=XERO, who=note.who, kind="note", text=f"{note.what}{details}")


def _of_pipeline(current: CurrentState) -> Sentence:
    return Sentence(
        at=current.changed_at,
        where=PIPELINE,
        who=current.changed_by,
        kind="deleted" if current.is_withdrawn else "saved",
        text="Deleted" if current.is_withdrawn else f"Saved as version {current.version}",
    )


def _of_journal(one: JournalLine, people: Sequence[XeroNote]) -> Sentence:
    change = one.state_change
    lines: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    if change is not None:
        fields = change.fields or tuple(each.field for each in change.differences)
        by = change.pipeline_by
        lines = tuple(
            _difference(each, one.at, people, pipeline_by=by) for each in change.differences
        )
    return Sentence(
        at=one.at,
        where=SYNCD,
        who=one.who,
        kind="entry" if change is None else change.what,
        text=one.text,
        fields=fields,
        differences=lines if change is not None and change.what in _BLOCKED else (),
    )


def _mover(one: Difference, current: CurrentState, people: Sequence[XeroNote]) -> Mover:
    """Who moved a field; nobody where it is kept, or Xero altered it by itself."""
    is_altered = one.moved_by is MovedBy.XERO and one.agreed is None and one.pipeline is not None
    in_pipeline = one.moved_by in (MovedBy.PIPELINE, MovedBy.BOTH)
    in_xero = one.moved_by in (MovedBy.XERO, MovedBy.BOTH) and not is_altered
    note = _last(people, None) if in_xero else None
    return Mover(
        field=one.field,
        pipeline_by=(current.changed_by or None) if in_pipeline else None,
        pipeline_at=current.changed_at if in_pipeline else None,
        xero_by=None if note is None else note.who,
        xero_at=None if note is None else note.at,
    )


def _now(current: CurrentState, people: Sequence[XeroNote]) -> Iterable[str]:
    if current.taken_in:
        yield f"Xero showed more than had been read: {current.taken_in}."
    yield f"{current.number} {_state_in_words(current)}. {current.why}".rstrip()
    if current.reason in _BY_TIME and current.next_look_at is not None:
        yield f"It is tried again at {_instant(current.next_look_at)}."
    for each in current.differences:
        yield _difference(each, None, people, pipeline_by=current.changed_by)


def _state_in_words(current: CurrentState) -> str:
    """What is true of it; agreement only as of the last look where Xero cannot be read."""
    if current.state is PublicState.SYNCED and (silent := _silent(current)):
        return f"was in sync when {silent} was last read"
    return _STATES[current.state]


def _silent(current: CurrentState) -> str:
    """The side that cannot be read now; of both, Xero; empty where each can."""
    if current.is_unread:
        return "Xero"
    return "Pipeline" if current.is_unheard else ""


def _difference(
    one: Difference, before: datetime | None, people: Sequence[XeroNote], *, pipeline_by: str | None
) -> str:
    sides = (
        f"{one.field}: Pipeline {_value(one.pipeline)}, Xero {_value(one.xero)}, "
        f"agreed {_value(one.agreed)}"
    )
    if one.moved_by is None:
        return f"{sides}; kept so by decision."
    if one.moved_by is MovedBy.XERO and one.agreed is None and one.pipeline is not None:
        return f"{sides}; Xero shows it so since syncd's write, and nobody has agreed to that."
    movers = []
    if one.moved_by in (MovedBy.PIPELINE, MovedBy.BOTH):
        movers.append(f"in Pipeline by {pipeline_by}" if pipeline_by else "in Pipeline")
    if one.moved_by in (MovedBy.XERO, MovedBy.BOTH):
        note = _last(people, before)
        movers.append("in Xero" if note is None else f"in Xero by {note.who} ({_instant(note.at)})")
    return f"{sides}; moved {' and '.join(movers)}."


def _last(people: Sequence[XeroNote], before: datetime | None) -> XeroNote | None:
    """The last edit of a person in Xero until we noticed."""
    edits = [note for note in people if not note.what.lower().startswith(_NO_EDIT)]
    found = [note for note in edits if before is None or note.at <= before]
    return max(found, key=lambda note: note.at, default=None)


def _value(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _can_do(current: CurrentState) -> str:
    if current.taken_in and current.state is PublicState.SYNCED:
        return "Nothing: what is new in Xero has just been taken in."
    if current.state is PublicState.SYNCED and (silent := _silent(current)):
        return (
            f"Nothing about the invoice: what has changed in {silent} since is read by itself once "
            f"{silent} can be read; the tenant's card says what is in the way."
        )
    if current.state in (PublicState.SYNCED, PublicState.VOIDED):
        return "Nothing: there is nothing to do."
    if current.reason is not None:
        return remedy(current.reason)
    if current.is_stopped and current.state is PublicState.PENDING:
        return "Nothing about the invoice: it goes by itself as soon as that is over."
    return _BY_STATE.get(current.state, "Nothing: it goes on by itself.")


def remedy(reason: Reason) -> str:
    """What a person can do where a state has this reason."""
    return _BY_REASON[reason]


def why_held(reason: Reason) -> str:
    """In plain words why all work of a tenant waits. Raises KeyError for what holds one object."""
    return _WHY_ALL_WAITS[reason]

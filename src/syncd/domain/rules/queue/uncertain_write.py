"""The protocol of an uncertain write: look, replay the same bytes, or wait until it is certain.

Called by the engine for every open intent. Xero knows no compare-and-set, and its idempotency key
lives six minutes and caches errors too (facts §3.9); so certainty comes from looking.

    sent ── no usable answer ──> open
    open ── probe_after_s since the latest send ──> look
    look ── shows what was sent ─────────────────────────────> RecordApplied
         ── a create, edited since ──────────────────────────> Adopt
         ── nothing yet, younger than replay_within_s, and
            no earlier call of it was given up ──────────────> ReplaySame (same bytes, same key)
         ── late_commit_s since the latest send, and clean ──> GiveUp (a new call may be made)
         ── a create whose number was refused, and clean ────> HoldForNumber
         ── anything else, or the look failed ───────────────> StayUncertain

Instants are wall time. A clock set back only makes it wait; whoever persists the records must not
let a clock set forward count as waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.domain.model.invoice import StepKind
from syncd.domain.model.probing import (
    Adopt,
    CallRecord,
    Definite,
    FoundGone,
    FoundMoved,
    FoundNothing,
    FoundOurs,
    FoundUnmanaged,
    FoundUnmoved,
    GiveUp,
    HoldForNumber,
    IntentRecord,
    IntentState,
    Move,
    ProbeById,
    ProbeByNumber,
    ProbeLimits,
    ProbeNow,
    ProbeResult,
    ProbeVerdict,
    ReadFailed,
    RecordApplied,
    RefusalMove,
    ReplaySame,
    Sibling,
    StayUncertain,
    WaitUntil,
)
from syncd.domain.rules.queue.outcome import Meaning

PARTS = 4
ALONE_TWICE = 2
LONGEST_DELAY_ALONE_S = 3600.0
NOT_SHOWN = "held by a document Xero does not show"
OF_ITS_AGE = 8
LONGEST_BETWEEN_LOOKS = timedelta(minutes=5)
"""Of what nobody can read: a look costs calls, and a newer edit waits behind it."""
SINCE_MARGIN_S = 120
"""How much earlier than our send a look by modification time begins: clocks differ."""


def part_of(element: int, together: int) -> int:
    """In which part of a call that was given up an element goes when it is sent anew.

    One document may be what Xero fails at, and the others were only beside it. A quarter each
    finds it in three calls one after the other, where halves would need six of a full batch.
    """
    return element * PARTS // together


def delay_alone_s(given_up_alone: int, limits: ProbeLimits) -> float:
    """How long to delay a write that was given up so often although it was alone in its call.

    The first may have met an outage. From the second on Xero fails at this very document, and each
    try costs a send and the looks after it: ever more rarely, but never no more.
    """
    if given_up_alone < ALONE_TWICE:
        return 0.0
    doublings = min(given_up_alone - ALONE_TWICE, 10)
    return min(limits.late_commit_s * 2.0**doublings, LONGEST_DELAY_ALONE_S)


def certain_at(now: datetime, call: CallRecord, limits: ProbeLimits) -> datetime:
    """By when the write is surely applied or surely not, as long as Xero can be read.

    While the same bytes may go again, the latest send may still be ahead.
    """
    replay_until = call.first_sent_at + timedelta(seconds=limits.replay_within_s)
    is_over = now >= replay_until or (call.sends == 1 and call.any_uncertain_before)
    latest = call.last_sent_at if is_over else max(call.last_sent_at, replay_until)
    return latest + timedelta(seconds=limits.late_commit_s + limits.probe_after_s)


def next_move(
    now: datetime,
    intent: IntentRecord,
    call: CallRecord,
    limits: ProbeLimits,
    *,
    number_now: str | None = None,
) -> Move:
    """Wait or look, and where. `number_now` is the number desired now, if it changed since."""
    due = intent.look_at or _first_probe_at(intent, call, limits)
    # A wall clock that was set back must not make anyone wait for the time it lost.
    due = min(due, now + timedelta(seconds=max(limits.late_commit_s, limits.probe_after_s)))
    if now < due:
        return WaitUntil(at=due)
    if intent.step is not StepKind.CREATE:
        return ProbeById()
    numbers = (number for number in (intent.number_sent, number_now) if number)
    return ProbeByNumber(
        numbers=tuple(dict.fromkeys(numbers)),
        since=call.first_sent_at - timedelta(seconds=SINCE_MARGIN_S),
    )


def after_probe(
    now: datetime,
    intent: IntentRecord,
    call: CallRecord,
    found: ProbeResult,
    *,
    siblings: Sequence[Sibling],
    limits: ProbeLimits,
    is_still: bool = False,
) -> ProbeVerdict:
    """What a probe settles. `siblings` are the other elements of the call, read in the same probe.

    While the tenant `is_still`, nothing goes out again: probes alone settle it.
    """
    if isinstance(found, ReadFailed):
        look_at = _next_probe_at(now, call, limits, may_be_asked_soon=not found.is_its_own)
        return StayUncertain(look_at=look_at, clean_looks=intent.clean_looks)
    may_replay = not is_still and _may_replay(now, intent, call, siblings, limits)
    if intent.step is StepKind.CREATE:
        applied = _found_create(found)
        return applied or _absent_create(
            now, intent, call, found, may_replay=may_replay, limits=limits
        )
    return _probed_update(now, intent, call, found, may_replay=may_replay, limits=limits)


def after_refusal(
    now: datetime,
    intent: IntentRecord,
    call: CallRecord,
    meaning: Meaning,
    limits: ProbeLimits,
) -> RefusalMove:
    """What a refusal of this element settles: a replayed error proves nothing.

    The first answer to a key is Xero's own word. An earlier call that was given up has no say in
    it, but for a number, which that call's document may hold.
    """
    taken = (Meaning.NUMBER_NOT_UNIQUE, Meaning.CONTACT_NAME_TAKEN, Meaning.CONTACT_NUMBER_TAKEN)
    if intent.step is StepKind.CREATE and meaning in taken:
        return ProbeNow()
    if call.sends > 1:
        return StayUncertain(
            look_at=now + timedelta(seconds=limits.probe_after_s), clean_looks=intent.clean_looks
        )
    return Definite()


_GoodRead = FoundNothing | FoundOurs | FoundUnmanaged | FoundUnmoved | FoundMoved | FoundGone


def _found_create(found: _GoodRead) -> RecordApplied | Adopt | None:
    """A create that is found was applied, whatever became of it since."""
    if isinstance(found, FoundNothing | FoundUnmanaged):
        return None
    return RecordApplied() if isinstance(found, FoundOurs) and found.is_as_sent else Adopt()


def _absent_create(
    now: datetime,
    intent: IntentRecord,
    call: CallRecord,
    found: _GoodRead,
    *,
    may_replay: bool,
    limits: ProbeLimits,
) -> ReplaySame | StayUncertain | GiveUp | HoldForNumber:
    is_number_refused = intent.state is IntentState.NUMBER_REFUSED
    if may_replay and not is_number_refused and isinstance(found, FoundNothing):
        return ReplaySame()
    taken = HoldForNumber(text=found.text if isinstance(found, FoundUnmanaged) else NOT_SHOWN)
    if is_number_refused and not call.any_uncertain_before:
        return taken
    clean_looks = intent.clean_looks + 1
    if not (_is_late(now, call, limits) and clean_looks >= limits.clean_looks):
        return StayUncertain(look_at=_next_probe_at(now, call, limits), clean_looks=clean_looks)
    return taken if is_number_refused or isinstance(found, FoundUnmanaged) else GiveUp()


def _probed_update(
    now: datetime,
    intent: IntentRecord,
    call: CallRecord,
    found: _GoodRead,
    *,
    may_replay: bool,
    limits: ProbeLimits,
) -> ProbeVerdict:
    if isinstance(found, FoundOurs) and found.is_as_sent:
        return RecordApplied()
    if isinstance(found, FoundGone | FoundNothing):
        # Gone is final in Xero: it is what a withdrawal wanted, and the end of any update.
        return RecordApplied() if intent.step in (StepKind.VOID, StepKind.DELETE) else GiveUp()
    if may_replay and isinstance(found, FoundUnmoved):
        return ReplaySame()
    if _is_late(now, call, limits):
        return GiveUp()
    return StayUncertain(
        look_at=_next_probe_at(now, call, limits), clean_looks=intent.clean_looks + 1
    )


def _may_replay(
    now: datetime,
    intent: IntentRecord,
    call: CallRecord,
    siblings: Sequence[Sibling],
    limits: ProbeLimits,
) -> bool:
    """Whether the same bytes may go again: the key is remembered and nobody is overwritten.

    A create cannot overwrite, so an applied sibling does no harm; one that was written again
    could come back under its old number if Xero had lost the key. What is sent anew after a call
    was given up is not repeated: repeating did not help then, and every repeat puts off the moment
    from which nothing sent can still take effect.
    """
    if call.sends == 1 and call.any_uncertain_before:
        return False
    age_s = (now - call.first_sent_at).total_seconds()
    if not 0 <= age_s < limits.replay_within_s:
        return False
    harmless = (
        (Sibling.UNMOVED, Sibling.APPLIED) if intent.step is StepKind.CREATE else (Sibling.UNMOVED,)
    )
    return all(sibling in harmless for sibling in siblings)


def _is_late(now: datetime, call: CallRecord, limits: ProbeLimits) -> bool:
    return (now - call.last_sent_at).total_seconds() >= limits.late_commit_s


def _first_probe_at(intent: IntentRecord, call: CallRecord, limits: ProbeLimits) -> datetime:
    if intent.state is IntentState.NUMBER_REFUSED:
        return call.last_sent_at
    return call.last_sent_at + timedelta(seconds=limits.probe_after_s)


def _next_probe_at(
    now: datetime, call: CallRecord, limits: ProbeLimits, *, may_be_asked_soon: bool = True
) -> datetime:
    """Ever rarer until `late_commit_s`, where a look decides; then as often as probes are.

    What fails whenever it is asked is looked at ever more rarely all along, but for a bound.
    """
    soon = timedelta(seconds=limits.probe_after_s)
    decisive = call.last_sent_at + timedelta(seconds=limits.late_commit_s)
    if now >= decisive:
        rarely = min((now - call.last_sent_at) / OF_ITS_AGE, LONGEST_BETWEEN_LOOKS)
        return now + (soon if may_be_asked_soon else max(soon, rarely))
    return min(decisive, now + max(soon, now - call.last_sent_at))

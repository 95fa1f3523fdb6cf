"""The protocol of an uncertain write, against worlds that commit late, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ProbeById,
    ProbeByNumber,
    ProbeLimits,
    ProbeNow,
    ProbeResult,
    ProbeVerdict,
    ReadFailed,
    RecordApplied,
    ReplaySame,
    Sibling,
    StayUncertain,
    WaitUntil,
)
from syncd.domain.rules.queue import uncertain_write
from syncd.domain.rules.queue.outcome import Meaning

LIMITS = ProbeLimits()
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL = CallRecord(first_sent_at=START, last_sent_at=START)
CREATE = IntentRecord(step=StepKind.CREATE, number_sent="INV-1")
UPDATE = IntentRecord(step=StepKind.UPDATE)
REFUSED = replace(CREATE, state=IntentState.NUMBER_REFUSED)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def look(
    seconds: float,
    intent: IntentRecord,
    sight: ProbeResult,
    *,
    call: CallRecord = CALL,
    siblings: tuple[Sibling, ...] = (),
) -> ProbeVerdict:
    return uncertain_write.after_probe(
        after(seconds), intent, call, sight, siblings=siblings, limits=LIMITS
    )


sights: st.SearchStrategy[ProbeResult] = st.one_of(
    st.just(ReadFailed(why="503")),
    st.just(FoundNothing()),
    st.builds(FoundOurs, is_as_sent=st.booleans()),
    st.just(FoundUnmanaged(text="INV-1 of somebody else")),
    st.just(FoundUnmoved()),
    st.just(FoundMoved()),
    st.just(FoundGone()),
)
intents = st.builds(
    IntentRecord,
    step=st.sampled_from(StepKind),
    state=st.just(IntentState.OPEN),
    number_sent=st.just("INV-1"),
    clean_looks=st.integers(0, 5),
) | st.builds(
    IntentRecord,
    step=st.just(StepKind.CREATE),
    state=st.just(IntentState.NUMBER_REFUSED),
    number_sent=st.just("INV-1"),
    clean_looks=st.integers(0, 5),
)
calls = st.builds(
    lambda first, last, before: CallRecord(
        first_sent_at=after(first), last_sent_at=after(first + last), any_uncertain_before=before
    ),
    st.integers(-900, 0),
    st.integers(0, 300),
    st.booleans(),
)
sibling_sets = st.lists(st.sampled_from(Sibling), max_size=3).map(tuple)


@given(intents, calls, sibling_sets, sights)
def test_a_new_call_is_never_made_while_a_byte_may_still_take_effect(
    intent: IntentRecord, call: CallRecord, siblings: tuple[Sibling, ...], sight: ProbeResult
) -> None:
    verdict = look(0, intent, sight, call=call, siblings=siblings)

    if isinstance(verdict, GiveUp) and not isinstance(sight, FoundGone | FoundNothing):
        assert START - call.last_sent_at >= timedelta(seconds=LIMITS.late_commit_s)
    if isinstance(verdict, GiveUp) and intent.step is StepKind.CREATE:
        assert START - call.last_sent_at >= timedelta(seconds=LIMITS.late_commit_s)
        assert intent.clean_looks + 1 >= LIMITS.clean_looks
        assert isinstance(sight, FoundNothing)


@given(intents, calls, sibling_sets, sights)
def test_the_same_bytes_go_again_only_while_xero_remembers_the_key(
    intent: IntentRecord, call: CallRecord, siblings: tuple[Sibling, ...], sight: ProbeResult
) -> None:
    verdict = look(0, intent, sight, call=call, siblings=siblings)

    if isinstance(verdict, ReplaySame):
        assert START - call.first_sent_at < timedelta(seconds=LIMITS.replay_within_s)
        assert intent.state is IntentState.OPEN
        assert Sibling.MOVED not in siblings
        assert Sibling.UNREAD not in siblings
        if intent.step is StepKind.CREATE:
            assert isinstance(sight, FoundNothing)
        else:
            assert isinstance(sight, FoundUnmoved)
            assert Sibling.APPLIED not in siblings


@given(intents, calls, sibling_sets)
def test_what_landed_is_recorded_and_never_sent_again(
    intent: IntentRecord, call: CallRecord, siblings: tuple[Sibling, ...]
) -> None:
    assert (
        look(0, intent, FoundOurs(is_as_sent=True), call=call, siblings=siblings) == RecordApplied()
    )


@given(intents, calls, sibling_sets)
def test_a_failed_read_is_never_a_clean_look(
    intent: IntentRecord, call: CallRecord, siblings: tuple[Sibling, ...]
) -> None:
    verdict = look(0, intent, ReadFailed(why="time-out"), call=call, siblings=siblings)

    assert isinstance(verdict, StayUncertain)
    assert verdict.clean_looks == intent.clean_looks
    assert verdict.look_at > START


@given(intents, calls, sibling_sets, sights)
def test_staying_uncertain_always_looks_again_soon(
    intent: IntentRecord, call: CallRecord, siblings: tuple[Sibling, ...], sight: ProbeResult
) -> None:
    verdict = look(0, intent, sight, call=call, siblings=siblings)

    if isinstance(verdict, StayUncertain):
        wait = verdict.look_at - START
        assert timedelta(0) < wait <= timedelta(seconds=LIMITS.late_commit_s)


# --- whole lives -------------------------------------------------------------------------------


@dataclass
class CreateWorld:
    """Xero for one create: each send may commit late; one number, so one document."""

    commit_delays_s: list[int | None]
    edit_after_s: int | None
    commits_at: list[datetime] = field(default_factory=list)

    def send(self, now: datetime) -> None:
        delay_s = self.commit_delays_s.pop(0) if self.commit_delays_s else None
        if delay_s is not None:
            self.commits_at.append(now + timedelta(seconds=delay_s))

    def landed_at(self) -> datetime | None:
        return min(self.commits_at, default=None)

    def sight(self, now: datetime) -> ProbeResult:
        landed_at = self.landed_at()
        if landed_at is None or landed_at > now:
            return FoundNothing()
        edited = self.edit_after_s is not None and now >= landed_at + timedelta(
            seconds=self.edit_after_s
        )
        return FoundOurs(is_as_sent=not edited)


@given(
    st.lists(st.none() | st.integers(0, 419), min_size=1, max_size=4),
    st.none() | st.integers(0, 100),
    st.lists(st.booleans(), max_size=12),
)
def test_an_uncertain_create_ends_in_time_and_never_in_a_second_document(
    delays_s: list[int | None], edit_after_s: int | None, failing: list[bool]
) -> None:
    world = CreateWorld(commit_delays_s=list(delays_s), edit_after_s=edit_after_s)
    now, intent, call = START, CREATE, CALL
    world.send(now)
    failures = iter(failing)
    bound = LIMITS.replay_within_s + LIMITS.late_commit_s + LIMITS.probe_after_s * 20

    while True:
        assert now - START <= timedelta(seconds=bound + len(failing) * LIMITS.late_commit_s)
        move = uncertain_write.next_move(now, intent, call, LIMITS)
        if isinstance(move, WaitUntil):
            assert move.at > now
            now = move.at
            continue
        assert isinstance(move, ProbeByNumber)
        sight = ReadFailed(why="503") if next(failures, False) else world.sight(now)
        verdict = uncertain_write.after_probe(now, intent, call, sight, siblings=(), limits=LIMITS)
        if isinstance(verdict, StayUncertain):
            intent = replace(intent, look_at=verdict.look_at, clean_looks=verdict.clean_looks)
        elif isinstance(verdict, ReplaySame):
            world.send(now)
            call = replace(call, last_sent_at=now, sends=call.sends + 1, any_uncertain_before=True)
            intent = replace(intent, look_at=None, clean_looks=0)
        else:
            break

    landed_at = world.landed_at()
    if isinstance(verdict, GiveUp):
        assert landed_at is None
    else:
        assert isinstance(verdict, RecordApplied | Adopt)
        assert landed_at is not None


@given(
    st.lists(st.none() | st.integers(0, 419), min_size=1, max_size=4),
    st.none() | st.integers(1, 800),
)
def test_an_uncertain_update_never_overwrites_an_edit_and_ends(
    delays_s: list[int | None], edit_after_s: int | None
) -> None:
    edit_at = None if edit_after_s is None else after(edit_after_s)
    now, intent, call = START, UPDATE, CALL
    pending = list(delays_s)
    commits_at: list[datetime] = []

    def send() -> None:
        delay_s = pending.pop(0) if pending else None
        # The key makes one effect of all sends: only the first commit counts.
        if delay_s is not None:
            commits_at.append(now + timedelta(seconds=delay_s))

    def sight() -> ProbeResult:
        landed_at = min(commits_at, default=None)
        has_landed = landed_at is not None and landed_at <= now
        if edit_at is not None and edit_at <= now and not (has_landed and landed_at > edit_at):
            return FoundMoved()
        return FoundOurs(is_as_sent=True) if has_landed else FoundUnmoved()

    send()
    while True:
        assert now - START <= timedelta(seconds=1200)
        move = uncertain_write.next_move(now, intent, call, LIMITS)
        if isinstance(move, WaitUntil):
            now = move.at
            continue
        assert isinstance(move, ProbeById)
        verdict = uncertain_write.after_probe(
            now, intent, call, sight(), siblings=(), limits=LIMITS
        )
        if isinstance(verdict, StayUncertain):
            intent = replace(intent, look_at=verdict.look_at, clean_looks=verdict.clean_looks)
        elif isinstance(verdict, ReplaySame):
            assert edit_at is None or edit_at > now
            send()
            call = replace(call, last_sent_at=now, sends=call.sends + 1)
            intent = replace(intent, look_at=None, clean_looks=0)
        else:
            break

    if isinstance(verdict, GiveUp):
        assert all(commit_at <= now for commit_at in commits_at)


# --- single laws -------------------------------------------------------------------------------


def test_the_first_look_waits_until_the_write_had_time() -> None:
    assert uncertain_write.next_move(after(5), CREATE, CALL, LIMITS) == WaitUntil(at=after(20))
    assert isinstance(uncertain_write.next_move(after(20), CREATE, CALL, LIMITS), ProbeByNumber)


def test_a_create_is_looked_for_by_both_numbers_and_by_its_mark() -> None:
    move = uncertain_write.next_move(after(20), CREATE, CALL, LIMITS, number_now="INV-2")

    assert move == ProbeByNumber(numbers=("INV-1", "INV-2"), since=after(-120))


def test_the_same_number_is_asked_for_once() -> None:
    move = uncertain_write.next_move(after(20), CREATE, CALL, LIMITS, number_now="INV-1")

    assert isinstance(move, ProbeByNumber)
    assert move.numbers == ("INV-1",)


def test_an_update_is_looked_for_by_id() -> None:
    assert uncertain_write.next_move(after(20), UPDATE, CALL, LIMITS) == ProbeById()


def test_a_clock_set_back_a_day_delays_a_look_by_minutes_only() -> None:
    move = uncertain_write.next_move(after(-86_400), CREATE, CALL, LIMITS)

    assert move == WaitUntil(at=after(-86_400 + LIMITS.late_commit_s))


def test_a_refused_number_is_looked_for_at_once() -> None:
    assert isinstance(uncertain_write.next_move(START, REFUSED, CALL, LIMITS), ProbeByNumber)


def test_an_edited_create_is_adopted_not_recorded() -> None:
    assert look(20, CREATE, FoundOurs(is_as_sent=False)) == Adopt()


def test_a_voided_create_is_adopted() -> None:
    assert look(20, CREATE, FoundGone()) == Adopt()


def test_a_young_create_not_found_is_sent_again() -> None:
    assert look(20, CREATE, FoundNothing()) == ReplaySame()


def test_a_create_whose_sibling_was_written_again_is_not_replayed() -> None:
    verdict = look(20, CREATE, FoundNothing(), siblings=(Sibling.MOVED,))

    assert verdict == StayUncertain(look_at=after(40), clean_looks=1)


def test_a_create_under_a_strangers_number_is_not_replayed() -> None:
    verdict = look(20, CREATE, FoundUnmanaged(text="held by INV-1"))

    assert isinstance(verdict, StayUncertain)


def test_a_stranger_still_there_in_the_end_has_the_number() -> None:
    seen = FoundUnmanaged(text="held by another invoice")

    assert look(420, replace(CREATE, clean_looks=2), seen) == HoldForNumber(
        text="held by another invoice"
    )


def test_three_clean_looks_before_the_end_are_not_enough() -> None:
    verdict = look(419, replace(CREATE, clean_looks=9), FoundNothing())

    assert verdict == StayUncertain(look_at=after(420), clean_looks=10)


def test_two_clean_looks_are_not_enough_after_the_end() -> None:
    verdict = look(420, replace(CREATE, clean_looks=1), FoundNothing())

    assert verdict == StayUncertain(look_at=after(440), clean_looks=2)


def test_an_update_is_not_replayed_once_a_sibling_landed() -> None:
    verdict = look(20, UPDATE, FoundUnmoved(), siblings=(Sibling.APPLIED,))

    assert isinstance(verdict, StayUncertain)


def test_an_unmoved_update_may_be_planned_anew_only_after_the_end() -> None:
    assert isinstance(look(419, UPDATE, FoundUnmoved()), StayUncertain)
    assert look(420, UPDATE, FoundUnmoved()) == GiveUp()


def test_a_moved_document_is_settled_after_the_end() -> None:
    assert isinstance(look(60, UPDATE, FoundMoved()), StayUncertain)
    assert look(420, UPDATE, FoundMoved()) == GiveUp()


@pytest.mark.parametrize("step", [StepKind.VOID, StepKind.DELETE])
def test_a_withdrawal_that_is_gone_has_landed(step: StepKind) -> None:
    assert look(20, IntentRecord(step=step), FoundGone()) == RecordApplied()


def test_nothing_can_land_on_a_document_that_is_gone() -> None:
    assert look(20, UPDATE, FoundGone()) == GiveUp()


def test_a_refused_number_nobody_shows_is_taken_at_once_when_every_send_was_answered() -> None:
    verdict = look(1, REFUSED, FoundNothing())

    assert verdict == HoldForNumber(text="held by a document Xero does not show")


def test_a_refused_number_is_ours_when_our_document_shows() -> None:
    assert look(1, REFUSED, FoundOurs(is_as_sent=False)) == Adopt()


def test_a_refused_number_waits_when_an_earlier_send_was_uncertain() -> None:
    call = replace(CALL, any_uncertain_before=True, sends=2)

    early = look(30, REFUSED, FoundNothing(), call=call)
    late = look(420, replace(REFUSED, clean_looks=2), FoundNothing(), call=call)

    assert isinstance(early, StayUncertain)
    assert late == HoldForNumber(text="held by a document Xero does not show")


@pytest.mark.parametrize("meaning", [Meaning.NUMBER_NOT_UNIQUE, Meaning.CONTACT_NAME_TAKEN])
def test_a_taken_name_or_number_of_a_create_asks_for_a_look(meaning: Meaning) -> None:
    assert uncertain_write.after_refusal(START, CREATE, CALL, meaning, LIMITS) == ProbeNow()


def test_a_first_refusal_counts() -> None:
    assert uncertain_write.after_refusal(START, CREATE, CALL, Meaning.OTHER, LIMITS) == Definite()
    assert (
        uncertain_write.after_refusal(START, UPDATE, CALL, Meaning.NUMBER_NOT_UNIQUE, LIMITS)
        == Definite()
    )


def test_a_first_refusal_counts_also_after_an_earlier_call_was_given_up() -> None:
    call = replace(CALL, any_uncertain_before=True, sends=1)

    assert uncertain_write.after_refusal(START, CREATE, call, Meaning.OTHER, LIMITS) == Definite()


def test_a_replayed_error_proves_nothing() -> None:
    call = replace(CALL, any_uncertain_before=True, sends=2)

    verdict = uncertain_write.after_refusal(START, CREATE, call, Meaning.OTHER, LIMITS)

    assert verdict == StayUncertain(look_at=after(20), clean_looks=0)


def test_what_is_sent_anew_after_a_call_was_given_up_is_not_repeated() -> None:
    anew = replace(CALL, any_uncertain_before=True, sends=1)

    assert isinstance(look(20, CREATE, FoundNothing()), ReplaySame)
    assert isinstance(look(20, CREATE, FoundNothing(), call=anew), StayUncertain)
    assert isinstance(look(20, UPDATE, FoundUnmoved(), call=anew), StayUncertain)


@given(st.integers(1, 50))
def test_parts_hold_every_element_once_and_shrink_to_one(together: int) -> None:
    parts: dict[int, list[int]] = {}
    for element in range(together):
        parts.setdefault(uncertain_write.part_of(element, together), []).append(element)

    assert sorted(element for part in parts.values() for element in part) == [*range(together)]
    assert max(map(len, parts.values())) <= -(-together // uncertain_write.PARTS)


def test_rest_of_a_write_that_fails_alone_grows_and_never_ends_it() -> None:
    rests = [uncertain_write.delay_alone_s(times, LIMITS) for times in range(8)]

    assert rests == [0, 0, 420, 840, 1680, 3360, 3600, 3600]
    assert uncertain_write.delay_alone_s(10_000, LIMITS) == 3600

"""Where a job goes: nothing is dropped, nothing transient ever ends, every hold has an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineCustomerId, TenantId
from syncd.domain.model.job import Job, JobKind, JobState, PublicState, Reason
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.rules.queue import backoff, holds, job, outcome

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = job.SettleLimits()
CONTEXT = holds.HoldContext(now=NOW, customer=PipelineCustomerId("c"), number="INV-1")
draws = st.floats(0, 1, exclude_max=True)
outcomes: st.SearchStrategy[outcome.Outcome] = st.one_of(
    st.just(outcome.Applied()),
    st.just(outcome.NothingToDo()),
    st.just(outcome.ElementRefused(messages=("Email address must be valid",))),
    st.builds(outcome.Held, reason=st.sampled_from(Reason), text=st.just("why")),
    st.just(outcome.OutOfSync(text="moved on both sides")),
    st.builds(outcome.Deferred, retry_after_s=st.floats(0, 90_000), why=st.just("minute")),
    st.just(outcome.Transient(why="503")),
    st.just(outcome.Uncertain(why="time-out")),
    st.just(outcome.LookAt(at=NOW, why="not shown yet")),
)


def leased(attempt: int = 0) -> Job:
    return Job(
        tenant=TenantId("acme"),
        kind=JobKind.PUSH_INVOICE,
        key="i",
        attempt=attempt,
        first_wanted_at=NOW,
    )


def settle(
    found: outcome.Outcome, draw: float = 0.5, attempt: int = 0, now: datetime = NOW
) -> job.Transition:
    context = replace(CONTEXT, now=now)
    return job.settle(leased(attempt), found, context, draw=draw, limits=LIMITS)


@given(outcomes, draws, st.integers(0, 1000))
def test_every_outcome_goes_somewhere_from_which_it_returns(
    found: outcome.Outcome, draw: float, attempt: int
) -> None:
    transition = settle(found, draw, attempt)

    match transition:
        case job.Waiting():
            assert transition.recheck_at >= NOW
        case job.RetryAt() | job.Probing():
            assert transition.at >= NOW
        case job.Dead():
            assert transition.text
        case job.Done():
            assert isinstance(found, outcome.Applied | outcome.NothingToDo)


@given(draws, st.integers(0, 10**6))
def test_what_is_transient_is_tried_for_ever(draw: float, attempt: int) -> None:
    transition = settle(outcome.Transient(why="503"), draw, attempt)

    assert isinstance(transition, job.RetryAt)
    assert transition.attempt == attempt + 1
    assert transition.at <= NOW + timedelta(seconds=backoff.CAP_S)


@given(st.floats(0, job.SHOWN_AS_WAITING_S), st.integers(0, 9))
def test_a_short_rest_asked_of_us_costs_no_attempt(retry_after_s: float, attempt: int) -> None:
    found = outcome.Deferred(retry_after_s=retry_after_s, why="minute")

    assert settle(found, attempt=attempt) == job.RetryAt(
        at=NOW + timedelta(seconds=retry_after_s), attempt=attempt, text="minute"
    )


def test_a_long_rest_asked_of_us_is_shown_and_ends_by_the_clock() -> None:
    transition = settle(outcome.Deferred(retry_after_s=50_000, why="the day's calls are spent"))

    until = NOW + timedelta(seconds=50_000)
    assert isinstance(transition, job.Waiting)
    assert transition.reason is Reason.RATE_LIMITED
    assert transition.recheck_at == until


def test_a_long_rest_because_xero_fails_is_shown_as_such() -> None:
    transition = settle(outcome.Deferred(retry_after_s=240, reason=Reason.BREAKER_OPEN))

    assert isinstance(transition, job.Waiting)
    assert transition.reason is Reason.BREAKER_OPEN
    assert transition.recheck_at == NOW + timedelta(seconds=240)


def test_a_refusal_is_dead_in_xeros_words() -> None:
    found = outcome.ElementRefused(messages=("one", "two"))

    assert settle(found) == job.Dead(reason=Reason.REFUSED, text="one; two")


def test_a_taken_number_waits_for_the_number() -> None:
    transition = settle(outcome.Held(reason=Reason.NUMBER_TAKEN, text="held by another invoice"))

    assert isinstance(transition, job.Waiting)
    assert transition.reason is Reason.NUMBER_TAKEN
    assert "number_free:inv-1" in transition.predicates


def test_an_uncertain_write_is_probed() -> None:
    assert settle(outcome.Uncertain(why="time-out")) == job.Probing(
        at=NOW + timedelta(seconds=20), text="time-out"
    )


def test_a_write_not_shown_yet_is_looked_for_when_the_protocol_says() -> None:
    at = NOW + timedelta(seconds=77)

    assert settle(outcome.LookAt(at=at, why="not shown")) == job.Probing(at=at, text="not shown")


@given(st.lists(st.floats(min_value=0, max_value=LIMITS.recheck_s), min_size=1))
def test_the_clock_looks_at_holds_within_their_period_and_few_times(later_s: list[float]) -> None:
    rechecks = set()
    for each in later_s:
        now = NOW + timedelta(seconds=each)
        held = settle(outcome.OutOfSync(text="moved on both sides"), now=now)
        assert isinstance(held, job.Waiting)
        assert (held.reason, held.text) == (None, "moved on both sides")
        delay_s = (held.recheck_at - now).total_seconds()
        assert 0.75 * LIMITS.recheck_s <= delay_s <= LIMITS.recheck_s
        rechecks.add(held.recheck_at)

    assert len(rechecks) <= job.LOOKS_TOGETHER + 1


@pytest.mark.parametrize(
    ("status", "delay_s"),
    [
        (PipelineStatus.DRAFT, 10),
        (PipelineStatus.APPROVED, 0),
        (PipelineStatus.SENT, 0),
        (None, 0),
    ],
)
def test_only_draft_edits_rest(status: PipelineStatus | None, delay_s: int) -> None:
    assert job.ready_at(status, NOW, 10) == NOW + timedelta(seconds=delay_s)


@pytest.mark.parametrize(
    ("state", "reason", "is_voided", "is_out_of_sync", "word"),
    [
        (JobState.READY, None, False, False, PublicState.PENDING),
        (JobState.LEASED, Reason.PAUSED, False, True, PublicState.PENDING),
        (JobState.HELD, Reason.PAUSED, False, False, PublicState.WAITING),
        (JobState.HELD, Reason.HAS_PAYMENTS, True, False, PublicState.WAITING),
        (JobState.HELD, None, False, True, PublicState.OUT_OF_SYNC),
        (JobState.HELD, Reason.STATUS_REGRESSION, False, True, PublicState.OUT_OF_SYNC),
        (JobState.UNCERTAIN, None, True, False, PublicState.UNCERTAIN),
        (JobState.FAILED, Reason.REFUSED, False, False, PublicState.FAILED),
        (JobState.DONE, None, False, False, PublicState.SYNCED),
        (JobState.DONE, None, True, False, PublicState.VOIDED),
    ],
)
def test_public_state_is_the_word_people_know(
    state: JobState,
    reason: Reason | None,
    is_voided: bool,
    is_out_of_sync: bool,
    word: PublicState,
) -> None:
    found = job.public_state(state, reason, is_voided=is_voided, is_out_of_sync=is_out_of_sync)

    assert found is word

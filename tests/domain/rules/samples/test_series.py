"""Steps are added up in any order, nothing is counted twice, and what is missing stays missing."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.sample import (
    COUNTED,
    NO_DELAYS,
    PERIOD_S,
    STANDING,
    Sample,
    SampleSeries,
    period_of,
)
from syncd.domain.rules.samples import series

COUNTS = st.integers(0, 1000)
STOOD = st.none() | COUNTS
BUCKETS = st.tuples(*[st.integers(0, 9)] * len(NO_DELAYS))
LAST = 5_979_000


def samples(periods: st.SearchStrategy[int]) -> st.SearchStrategy[Sample]:
    return st.builds(
        Sample,
        period=periods,
        seen_s=st.integers(0, PERIOD_S),
        most_queued=STOOD,
        push_delays=BUCKETS,
        webhook_delays=BUCKETS,
        **dict.fromkeys(STANDING, STOOD),
        **dict.fromkeys(COUNTED, COUNTS),
    )


WEEKS = st.lists(
    samples(st.integers(LAST - 700, LAST)), max_size=30, unique_by=lambda one: one.period
)


@given(WEEKS, st.randoms(use_true_random=False))
def test_samples_are_one_in_whatever_order_they_are_added(found: list[Sample], rng: Random) -> None:
    shuffled = list(found)
    rng.shuffle(shuffled)

    assert series.merged(shuffled) == series.merged(found)


@given(st.integers(1, 400), st.integers(0, 5000), st.integers(2, 12))
def test_calls_that_fall_evenly_last_as_long_as_they_fall(
    a_step: int, left: int, steps: int
) -> None:
    found = {
        LAST - place: Sample(period=LAST - place, seen_s=PERIOD_S, day_left=left + a_step * place)
        for place in range(steps)
    }
    day = series.spread(found, last_period=LAST, periods=288)

    lasts_s = series.runs_out_in_s(day, steps=12)

    assert lasts_s == pytest.approx(PERIOD_S * left / a_step)
    assert series.runs_out_in_s(day, steps=1) is None


def test_calls_given_back_begin_the_pace_anew_and_a_still_day_has_none() -> None:
    def day(*lefts: int | None) -> SampleSeries:
        found = {
            LAST - place: Sample(period=LAST - place, seen_s=PERIOD_S, day_left=left)
            for place, left in enumerate(reversed(lefts))
        }
        return series.spread(found, last_period=LAST, periods=288)

    assert series.runs_out_in_s(day(10, 5, 5000, 4000), steps=12) == PERIOD_S * 4
    assert series.runs_out_in_s(day(90, None, 60), steps=12) == PERIOD_S * 4
    for still in (day(), day(None), day(70), day(70, 70), day(5, 70)):
        assert series.runs_out_in_s(still, steps=12) is None


@given(WEEKS.filter(bool))
def test_what_is_counted_adds_up_and_what_stands_is_as_it_was_seen_last(
    found: list[Sample],
) -> None:
    whole = series.merged(found)

    assert whole is not None
    assert whole.seen_s == sum(one.seen_s for one in found)
    for name in COUNTED:
        assert getattr(whole, name) == sum(getattr(one, name) for one in found)
    newest_first = sorted(found, key=lambda one: -one.period)
    for name in STANDING:
        seen = [value for one in newest_first if (value := getattr(one, name)) is not None]
        assert getattr(whole, name) == (seen[0] if seen else None)
    assert whole.most_queued == max(
        (one.most_queued for one in found if one.most_queued is not None), default=None
    )


@given(WEEKS, st.sampled_from([(288, 1), (288, 12), (2016, 12), (12, 1)]))
def test_a_series_counts_each_sample_of_its_span_once_and_nothing_else(
    found: list[Sample], shape: tuple[int, int]
) -> None:
    periods, step = shape
    made = series.spread(
        {one.period: one for one in found},
        last_period=LAST,
        periods=periods,
        periods_a_step=step,
    )

    assert len(made.points) == periods // step
    assert made.begins_at < made.ends_at
    first, end = period_of(made.begins_at), period_of(made.ends_at)
    assert end - step <= LAST < end
    inside = [one for one in found if first <= one.period <= LAST]
    for name in COUNTED:
        counted = sum(getattr(one, name) for one in made.points if one is not None)
        assert counted == sum(getattr(one, name) for one in inside)
    for place, point in enumerate(made.points):
        steps = range(first + place * step, first + (place + 1) * step)
        assert (point is None) == (not any(one.period in steps for one in inside))


def test_hours_are_those_of_the_clock() -> None:
    made = series.spread({}, last_period=LAST + 5, periods=288, periods_a_step=12)

    assert (made.begins_at.minute, made.step_s) == (0, 3600)
    assert made.at(1) - made.begins_at == timedelta(hours=1)


@given(WEEKS)
def test_longer_steps_hold_the_same_samples(found: list[Sample]) -> None:
    fine = series.spread({one.period: one for one in found}, last_period=LAST + 3, periods=288)

    coarse = series.coarser(fine, 12)

    assert coarse.begins_at <= fine.begins_at
    assert coarse.ends_at >= fine.ends_at
    assert coarse.begins_at.minute == 0
    for name in COUNTED:
        assert sum(getattr(one, name) for one in coarse.points if one) == sum(
            getattr(one, name) for one in fine.points if one
        )


@given(WEEKS, st.integers(0, 300))
def test_what_lies_before_the_first_sample_is_left_out_and_nothing_else(
    found: list[Sample], least: int
) -> None:
    fine = series.spread({one.period: one for one in found}, last_period=LAST, periods=288)

    shown = series.since_known(fine, least=least)

    assert shown.ends_at == fine.ends_at
    assert shown.points == fine.points[288 - len(shown.points) :]
    assert [one for one in shown.points if one] == [one for one in fine.points if one]
    if len(shown.points) > min(least, 288):
        assert shown.points[0] is not None

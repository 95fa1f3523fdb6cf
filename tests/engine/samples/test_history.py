"""A day and a week as series: kept, not kept yet and running, each once; gaps stay gaps."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.model.sample import PERIOD_S, PERIODS_AN_HOUR, period_of
from syncd.domain.rules.samples import series
from syncd.engine.samples import keep
from tests.engine.samples.test_fold import call
from tests.engine.support.operating import Clock, Desk, desk
from tests.store.build import ACME, BETA

PERIOD = timedelta(seconds=PERIOD_S)


def clock_of(served: Desk) -> Clock:
    clock = served.samples._clock
    assert isinstance(clock, Clock)
    return clock


async def some_hours(served: Desk) -> None:
    """An hour at work, an hour down, ten minutes at work of which the first five are not kept."""
    clock = clock_of(served)
    for _ in range(12):
        served.samples.observe(call())
        clock.at += PERIOD
        await keep.keep_ended(served.store, served.samples)
    served.samples.observe(call())
    clock.at += timedelta(hours=1) + PERIOD
    await keep.keep_ended(served.store, served.samples)
    served.samples.observe(call())
    clock.at += PERIOD
    served.samples.observe(call())


async def test_a_day_holds_every_sample_once_and_shows_where_nobody_was() -> None:
    async with desk() as served:
        await some_hours(served)

        day = await served.operations.samples.of(ACME)

        seen = [point for point in day.points if point is not None]
        assert (day.step_s, len(day.points)) == (PERIOD_S, 288)
        assert day.points[-1] is not None
        assert sum(point.write_calls for point in seen) == 15
        assert [point is None for point in day.points[-27:]] == [
            *[False] * 13, *[True] * 12, *[False] * 2,
        ]  # fmt: skip
        assert period_of(day.ends_at) == period_of(clock_of(served).at) + 1


async def test_a_week_is_shown_by_the_hour_with_the_same_sums() -> None:
    async with desk() as served:
        await some_hours(served)

        day = await served.operations.samples.of(ACME)
        by_hour = series.coarser(day, PERIODS_AN_HOUR)
        week = await served.operations.samples.of(ACME, hours=168)

        assert (week.step_s, len(week.points)) == (3600, 168)
        assert (by_hour.step_s, len(by_hour.points)) == (3600, 25)
        sums = [
            sum(point.write_calls for point in each.points if point is not None)
            for each in (day, by_hour, week)
        ]
        assert sums == [15, 15, 15]


async def test_what_one_tenant_did_is_no_other_ones() -> None:
    async with desk() as served:
        await some_hours(served)

        day = await served.operations.samples.of(BETA)

        assert sum(point.write_calls for point in day.points if point is not None) == 0

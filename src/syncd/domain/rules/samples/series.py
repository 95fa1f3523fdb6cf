"""Samples into a series of equal steps, each step added up; what is missing stays missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from syncd.domain.model.sample import (
    COUNTED,
    PERIOD_S,
    STANDING,
    Sample,
    SampleSeries,
    begins_at,
    period_of,
)
from syncd.domain.rules.samples import delays


def merged(samples: Iterable[Sample]) -> Sample | None:
    """All of them as one, in whatever order they come; None where there are none."""
    by_age = sorted(samples, key=lambda each: each.period)
    if not by_age:
        return None
    values: dict[str, Any] = {name: _last(by_age, name) for name in STANDING}
    values |= {name: sum(getattr(each, name) for each in by_age) for name in COUNTED}
    return Sample(
        period=by_age[-1].period,
        seen_s=sum(each.seen_s for each in by_age),
        most_queued=max(
            (each.most_queued for each in by_age if each.most_queued is not None), default=None
        ),
        push_delays=reduce(delays.added, (each.push_delays for each in by_age)),
        webhook_delays=reduce(delays.added, (each.webhook_delays for each in by_age)),
        **values,
    )


def spread(
    samples: Mapping[int, Sample], *, last_period: int, periods: int, periods_a_step: int = 1
) -> SampleSeries:
    """The samples by their period, as a series that ends with the step of `last_period`.

    Steps begin at whole multiples of their length, so that hours are those of the clock.
    """
    end = (last_period // periods_a_step + 1) * periods_a_step
    begin = end - periods
    steps = range(begin, end, periods_a_step)
    return SampleSeries(
        begins_at=begins_at(begin),
        step_s=PERIOD_S * periods_a_step,
        points=tuple(_step(samples, step, periods_a_step) for step in steps),
    )


def coarser(fine: SampleSeries, periods_a_step: int) -> SampleSeries:
    """The same samples in longer steps, those at both ends perhaps not whole."""
    first, end = period_of(fine.begins_at), period_of(fine.ends_at)
    begin = first // periods_a_step * periods_a_step
    found = {point.period: point for point in fine.points if point is not None}
    whole = -(-(end - begin) // periods_a_step) * periods_a_step
    return spread(found, last_period=end - 1, periods=whole, periods_a_step=periods_a_step)


def since_known(fine: SampleSeries, *, least: int) -> SampleSeries:
    """Without what lies before the first sample, but the last `least` steps all the same."""
    known = (place for place, point in enumerate(fine.points) if point is not None)
    begin = max(0, min(next(known, len(fine.points)), len(fine.points) - least))
    return SampleSeries(begins_at=fine.at(begin), step_s=fine.step_s, points=fine.points[begin:])


def runs_out_in_s(fine: SampleSeries, *, steps: int) -> float | None:
    """How long the calls left last at the pace of the last so many steps; None without a pace.

    What was given back in between, as a new day gives it, begins the pace anew.
    """
    falling: list[tuple[int, int]] = []
    for place, point in enumerate(fine.points[-steps:]):
        if point is not None and point.day_left is not None:
            if falling and point.day_left > falling[-1][1]:
                falling.clear()
            falling.append((place, point.day_left))
    if not falling:
        return None
    (begin, most), (end, left) = falling[0], falling[-1]
    return None if most == left else fine.step_s * (end - begin) * left / (most - left)


def _step(samples: Mapping[int, Sample], begin: int, periods: int) -> Sample | None:
    return merged(samples[one] for one in range(begin, begin + periods) if one in samples)


def _last(by_age: Sequence[Sample], name: str) -> int | None:
    """What stood last; where nobody looked, what stood before."""
    seen = (getattr(each, name) for each in reversed(by_age))
    return next((value for value in seen if value is not None), None)

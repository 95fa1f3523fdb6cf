"""A forecast costs two calls a batch, spends what is left, and never promises what a day lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.limits.forecast import Forecast, for_writes, forecast


def left(minute: int = 60, day: int | None = 5_000) -> BudgetLeft:
    return BudgetLeft(minute=minute, day=day, in_flight=0, parked_until_s=None, day_limit=5_000)


def of(backlog: int, budget: BudgetLeft, *, is_held: bool = False) -> Forecast:
    return forecast(backlog, budget, batch_size=50, calls_per_minute=60, is_held=is_held)


@pytest.mark.parametrize(
    ("backlog", "calls", "lasts_s"), [(1, 2, 0.0), (1_500, 60, 60.0), (3_000, 120, 120.0)]
)
def test_a_batch_is_a_read_and_a_write(backlog: int, calls: int, lasts_s: float) -> None:
    found = of(backlog, left())

    assert found.calls_needed == calls
    assert found.lasts_s == pytest.approx(lasts_s, abs=0.1)


def test_a_spent_minute_is_waited_for() -> None:
    fresh, spent = of(1_500, left()), of(1_500, left(minute=0))

    assert fresh.lasts_s is not None
    assert spent.lasts_s is not None
    assert spent.lasts_s > fresh.lasts_s


def test_a_day_that_does_not_suffice_is_said_and_nothing_is_promised() -> None:
    found = of(3_000, left(day=800))

    assert (found.lasts_s, found.is_day_short, found.calls_needed) == (None, True, 120)
    assert of(3_000, left(day=None)).lasts_s is not None


def test_nothing_moves_where_nothing_waits_or_writes_are_held() -> None:
    assert of(0, left()).lasts_s is None
    assert of(10, left(), is_held=True).lasts_s is None


@given(st.integers(0, 100_000), st.integers(0, 60), st.integers(0, 5_000))
def test_more_work_or_less_budget_never_ends_sooner(backlog: int, minute: int, day: int) -> None:
    one, more, less = (
        of(backlog, left(minute, day)),
        of(backlog + 50, left(minute, day)),
        of(backlog, left(max(0, minute - 1), day)),
    )

    assert more.calls_needed == one.calls_needed + 2
    for other in (more, less):
        assert other.lasts_s is None or one.lasts_s is None or other.lasts_s >= one.lasts_s
    assert not one.is_day_short or more.is_day_short
    assert for_writes(day, 5_000) <= day

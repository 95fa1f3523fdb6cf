"""Sweeps at rest cost at most a tenth of the day's calls, and come round all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.limits import sweep_pace
from syncd.domain.rules.limits.sweep_pace import DAY_S, Task, TaskProgress

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PACED = dict.fromkeys(Task, 600.0)


@given(
    reconcile_every_s=st.floats(60, 86_400),
    full_every_s=st.floats(3_600, 864_000),
    documents=st.integers(0, 300_000),
    day_remaining=st.none() | st.integers(0, 5_000),
)
def test_an_idle_day_costs_at_most_a_tenth_of_the_days_calls(
    reconcile_every_s: float, full_every_s: float, documents: int, day_remaining: int | None
) -> None:
    paced = sweep_pace.periods(
        reconcile_every_s=reconcile_every_s,
        full_every_s=full_every_s,
        documents=documents,
        day_remaining=day_remaining,
    )

    cost = sum(sweep_pace.cost_a_day(task, paced[task], documents) for task in Task)
    assert cost <= sweep_pace.IDLE_SHARE * sweep_pace.day_calls(day_remaining) + 1e-6


def test_the_periods_asked_for_are_kept_where_the_day_has_room() -> None:
    paced = sweep_pace.periods(
        reconcile_every_s=900, full_every_s=DAY_S, documents=20_000, day_remaining=4_800
    )

    assert (paced[Task.INVOICES], paced[Task.CONTACTS], paced[Task.FULL]) == (900, 3_600, DAY_S)


def test_a_trials_periods_are_kept_as_they_are() -> None:
    paced = sweep_pace.periods(
        reconcile_every_s=0.5, full_every_s=5, documents=100_000, day_remaining=900
    )

    assert (paced[Task.INVOICES], paced[Task.FULL], paced[Task.SETTINGS]) == (0.5, 5, DAY_S)


def test_settings_come_round_soon_for_who_has_just_begun_to_wait_and_hourly_in_the_end() -> None:
    def every(waited_s: float | None) -> float:
        return sweep_pace.periods(
            reconcile_every_s=900, full_every_s=DAY_S, documents=10, day_remaining=900,
            settings_waited_s=waited_s,
        )[Task.SETTINGS]  # fmt: skip

    assert every(None) == DAY_S
    assert (every(0), every(3_600), every(DAY_S)) == (300, 900, 3_600)


def test_a_day_of_waiting_for_settings_costs_about_forty_reads() -> None:
    waited_s, reads = 0.0, 0
    while waited_s < DAY_S:
        waited_s += sweep_pace.settings_delay_s(waited_s)
        reads += 1

    assert reads <= 40


@pytest.mark.parametrize(("documents", "calls"), [(0, 0), (1, 2), (1_000, 2), (100_000, 103)])
def test_a_full_sweep_costs_a_page_per_thousand_and_its_ranges(documents: int, calls: int) -> None:
    assert sweep_pace.full_calls(documents) == calls


def test_every_document_is_in_the_rotations_of_thirty_days() -> None:
    assert sweep_pace.rotation_calls(100_000) * sweep_pace.FULL_A_CALL * 30 >= 100_000


@pytest.mark.parametrize(
    ("remaining", "calls"), [(None, 1_000), (0, 1_000), (1_001, 5_000), (9_000, 9_000)]
)
def test_the_day_is_judged_by_the_smallest_plan_that_covers_what_is_left(
    remaining: int | None, calls: int
) -> None:
    assert sweep_pace.day_calls(remaining) == calls


def test_what_never_ended_is_due_and_the_most_urgent_comes_first() -> None:
    assert sweep_pace.due({}, PACED, AT) == (Task.REVIEW, 0.0)


def test_an_order_is_due_until_a_sweep_that_began_after_it_has_ended() -> None:
    ended = {task: TaskProgress(ended_at=AT) for task in Task}
    ordered = ended | {Task.FULL: TaskProgress(ended_at=AT, wanted_seq=1)}
    served = ended | {Task.FULL: TaskProgress(ended_at=AT, wanted_seq=1, began_seq=1, served_seq=1)}

    assert sweep_pace.due(ordered, PACED, AT) == (Task.FULL, 0.0)
    assert sweep_pace.due(served, PACED, AT)[1] == 600


def test_a_clock_set_back_puts_nothing_off() -> None:
    """A rest of one period, asked for anew each time, ends when the clock has caught up."""
    ended = {task: TaskProgress(ended_at=AT + timedelta(days=300)) for task in Task}

    assert sweep_pace.due(ended, PACED, AT) == (Task.REVIEW, 0.0)


def test_what_is_under_way_goes_on_at_once() -> None:
    ended = {task: TaskProgress(ended_at=AT) for task in Task}
    ended[Task.FULL] = TaskProgress(ended_at=AT, is_under_way=True)

    assert sweep_pace.due(ended, PACED, AT) == (Task.FULL, 0.0)

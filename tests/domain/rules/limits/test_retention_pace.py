"""Old rows leave in pieces that keep nobody waiting, whatever the disk costs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.limits.retention_pace import FEWEST_ROWS, MOST_ROWS, SLOW_S, next_rows

WAIT_S = 2 * SLOW_S
COSTS = st.tuples(st.floats(0, 0.005), st.floats(0, 0.000_25))
"""Seconds of a transaction, and of each row in it; the fewest rows never take too long."""


@given(COSTS)
def test_nobody_waits_longer_than_a_write_may_whatever_a_row_costs(
    costs: tuple[float, float],
) -> None:
    fixed_s, row_s = costs
    rows = FEWEST_ROWS
    for _ in range(20):
        took_s = fixed_s + rows * row_s
        assert took_s <= WAIT_S
        rows = next_rows(rows, took_s)


@given(st.integers(FEWEST_ROWS, MOST_ROWS), st.floats(0, 100))
def test_pieces_have_bounds(rows: int, took_s: float) -> None:
    assert FEWEST_ROWS <= next_rows(rows, took_s) <= MOST_ROWS


def test_a_fast_disk_takes_the_most_soon_and_a_slow_one_the_fewest() -> None:
    rows = FEWEST_ROWS
    for _ in range(3):
        rows = next_rows(rows, 0.001)
    assert rows == MOST_ROWS
    for _ in range(3):
        rows = next_rows(rows, 1.0)
    assert rows == FEWEST_ROWS


@given(st.integers(FEWEST_ROWS, MOST_ROWS), st.floats(0, 1), st.floats(0, 1))
def test_slower_never_means_more(rows: int, one: float, other: float) -> None:
    fast, slow = sorted((one, other))

    assert next_rows(rows, slow) <= next_rows(rows, fast)

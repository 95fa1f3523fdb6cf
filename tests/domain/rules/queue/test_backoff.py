"""Rests grow, stay under their cap, and are spread by the draw."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.queue import backoff

attempts = st.integers(1, 10**9)
draws = st.floats(0, 1, exclude_max=True)


@given(attempts, draws)
def test_a_rest_is_never_above_its_ceiling_nor_the_cap(attempt: int, draw: float) -> None:
    delay_s = backoff.delay_s(attempt, draw)

    assert 0 <= delay_s <= backoff.ceiling_s(attempt) <= backoff.CAP_S


@given(attempts, draws)
def test_a_ceiling_never_falls_with_more_failures(attempt: int, draw: float) -> None:
    assert backoff.delay_s(attempt, draw) <= backoff.delay_s(attempt + 1, draw)


def test_ceilings_double_until_the_cap() -> None:
    assert [backoff.ceiling_s(attempt) for attempt in (1, 2, 3, 9, 10, 11)] == [
        2,
        4,
        8,
        512,
        900,
        900,
    ]


def test_a_rest_is_the_drawn_share_of_its_ceiling() -> None:
    assert backoff.delay_s(3, 0.25) == 2
    assert backoff.delay_s(3, 0.25, first_s=1, cap_s=2) == 0.5


def test_a_first_attempt_counts_as_one_failure_at_most() -> None:
    assert backoff.ceiling_s(0) == backoff.ceiling_s(1)

"""How often somebody may try to sign in."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.web.console.tries import MOST, MOST_AN_ADDRESS, WINDOW, LoginTries
from tests.engine.support.operating import Clock


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 40)), max_size=120))
def test_no_minute_sees_more_tries_than_the_limits(steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    tries = LoginTries(clock)
    made = []

    for address, seconds in steps:
        clock.at += timedelta(seconds=seconds)
        if tries.may_try(address):
            made.append((clock.at, address))

    for at, address in made:
        window = [who for when, who in made if at - WINDOW < when <= at]
        assert len(window) <= MOST
        assert window.count(address) <= MOST_AN_ADDRESS


def test_a_clock_that_is_set_back_keeps_nobody_out() -> None:
    clock = Clock()
    tries = LoginTries(clock)
    assert [tries.may_try(f"{number % 6}") for number in range(MOST)] == [True] * MOST

    clock.at -= timedelta(hours=1)

    assert tries.may_try("1")


def test_who_waits_a_minute_may_try_again_and_others_are_not_kept_out() -> None:
    clock = Clock()
    tries = LoginTries(clock)
    assert all(tries.may_try("a") for _ in range(MOST_AN_ADDRESS))

    assert not tries.may_try("a")
    assert tries.may_try("b")
    clock.at += WINDOW
    assert tries.may_try("a")

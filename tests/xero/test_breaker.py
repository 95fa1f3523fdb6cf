"""The breaker rests after five bad answers, and one good one lets everybody go."""

from __future__ import annotations

import pytest

from syncd.xero.breaker import LONGEST_OPEN_S, OPEN_S, TRIP_AFTER, Breaker


def failed(times: int, *, at_s: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.begin()
        breaker.failed(at_s)
    return breaker


@pytest.mark.parametrize("times", range(TRIP_AFTER))
def test_fewer_than_five_in_a_row_rest_nobody(times: int) -> None:
    assert failed(times).wait_s(0) is None


def test_five_in_a_row_rest_everybody() -> None:
    breaker = failed(TRIP_AFTER)

    assert breaker.is_open
    assert breaker.wait_s(10) == OPEN_S - 10


def test_a_good_answer_between_begins_the_count_again() -> None:
    breaker = failed(TRIP_AFTER - 1)
    breaker.succeeded()
    breaker.failed(0)

    assert not breaker.is_open


def test_one_probe_goes_at_a_time() -> None:
    breaker = failed(TRIP_AFTER)

    assert breaker.wait_s(OPEN_S) is None
    breaker.begin()
    assert breaker.wait_s(OPEN_S) is not None


def test_good_probe_reopens() -> None:
    breaker = failed(TRIP_AFTER)
    breaker.begin()
    breaker.succeeded()

    assert not breaker.is_open
    assert breaker.wait_s(OPEN_S) is None


def test_bad_probe_rests_twice_as_long_up_to_a_bound() -> None:
    breaker = failed(TRIP_AFTER)
    now_s, rests = OPEN_S, []
    for _ in range(6):
        breaker.begin()
        breaker.failed(now_s)
        rests.append(breaker.wait_s(now_s))
        now_s += rests[-1] or 0

    assert rests == [60, 120, 240, LONGEST_OPEN_S, LONGEST_OPEN_S, LONGEST_OPEN_S]


def test_cancelled_probe_leaves_the_next_one_free() -> None:
    breaker = failed(TRIP_AFTER)
    breaker.begin()
    breaker.cancelled()

    assert breaker.wait_s(OPEN_S) is None


def test_late_bad_answer_of_an_earlier_call_does_not_lengthen_the_rest() -> None:
    breaker = failed(TRIP_AFTER)
    breaker.failed(OPEN_S - 1)

    assert breaker.wait_s(OPEN_S) is None


def test_resting_breaker_says_since_when_and_until_when() -> None:
    breaker = Breaker()
    for at_s in range(TRIP_AFTER):
        breaker.begin()
        breaker.failed(at_s)
    assert (breaker.failing_since_s, breaker.retry_at_s) == (0, TRIP_AFTER - 1 + OPEN_S)

    breaker.succeeded()
    assert breaker.failing_since_s is None


def test_a_few_bad_answers_are_no_outage() -> None:
    assert failed(TRIP_AFTER - 1).failing_since_s is None


def test_person_who_asks_lets_one_try_at_once_and_no_second_beside_it() -> None:
    breaker = failed(TRIP_AFTER)

    breaker.try_now(1)
    assert breaker.wait_s(1) is None
    breaker.begin()
    breaker.try_now(2)

    assert breaker.wait_s(2) is not None
    assert breaker.is_open


def test_person_who_asks_of_a_closed_one_changes_nothing() -> None:
    breaker = failed(TRIP_AFTER - 1)
    breaker.try_now(1)
    breaker.failed(2)

    assert breaker.wait_s(2) == OPEN_S


def test_person_whose_try_fails_puts_nobodys_next_one_off() -> None:
    breaker = failed(TRIP_AFTER)
    planned_s = breaker.retry_at_s

    breaker.try_now(1)
    breaker.begin()
    breaker.failed(1)

    assert breaker.retry_at_s == max(planned_s, 1 + OPEN_S)
    breaker.begin()
    breaker.failed(breaker.retry_at_s)
    assert breaker.wait_s(breaker.retry_at_s - 2 * OPEN_S) == 2 * OPEN_S, "it doubled once"

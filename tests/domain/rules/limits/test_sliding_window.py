"""Sliding logs count exactly, and the app's minute is one for all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.limits.sliding_window import (
    SLOT_POLL_S,
    AllowanceLimits,
    AppMinute,
    SlidingLog,
)

TINY = AllowanceLimits(app_minute=3)


@given(st.lists(st.floats(0, 300), max_size=40), st.floats(0, 400))
def test_a_log_counts_what_ended_within_the_window(ends: list[float], now_s: float) -> None:
    log = SlidingLog(60)
    for end_s in sorted(ends):
        log.end(end_s)

    assert log.count(now_s) == sum(1 for end_s in ends if end_s + 60 > now_s)


def test_a_log_counts_pending_calls_for_as_long_as_they_last() -> None:
    log = SlidingLog(60)
    log.pending += 2

    assert log.count(1e9) == 2


def test_expiries_are_told_in_halves() -> None:
    log = SlidingLog(60)
    log.end(1, calls=2)
    log.end(5)

    assert list(log.expiries()) == [61, 61, 65]


def test_the_app_has_room_when_its_oldest_call_expires() -> None:
    app = AppMinute(TINY)
    app.take(3)
    for now_s in (1, 2, 3):
        app.spent(now_s)

    assert app.ready_at(10, calls=1) == 61
    assert app.ready_at(10, calls=2) == 62
    assert app.ready_at(61, calls=1) == 61


def test_the_app_waits_shortly_for_calls_that_have_not_ended() -> None:
    app = AppMinute(TINY)
    app.take(3)

    assert app.ready_at(10, calls=1) == 10 + SLOT_POLL_S
    app.give_back(1)
    assert app.ready_at(10, calls=1) == 10


def test_the_app_learns_what_others_spent() -> None:
    app = AppMinute(TINY)

    app.learn(5, remaining=0)
    app.learn(6, remaining=0)

    assert app.ready_at(10, calls=1) == 65


def test_the_app_pauses_for_all() -> None:
    app = AppMinute(TINY)

    app.pause(100)
    app.pause(50)

    assert app.ready_at(10, calls=1) == 100

"""The Clock port's promise: an aware instant in UTC that does not stand still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncd.ports.clock import Clock
from syncd.runtime.system_clock import SystemClock


@pytest.mark.parametrize("clock", [SystemClock()])
def test_clock_shows_aware_utc_that_never_runs_back_between_two_looks(clock: Clock) -> None:
    first, second = clock.now(), clock.now()

    assert first.tzinfo is UTC
    assert first <= second


def test_system_clock_agrees_with_the_machine() -> None:
    assert abs((SystemClock().now() - datetime.now(UTC)).total_seconds()) < 5

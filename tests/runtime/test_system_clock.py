"""The machine's clock is what its name says; its promises stand in tests/contracts."""

from __future__ import annotations

from datetime import timedelta

from syncd.runtime.system_clock import SystemClock


def test_system_clock_has_no_offset() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)

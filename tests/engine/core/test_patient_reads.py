"""A spent minute is waited for, read by read; a spent day is its caller's to wait for."""

from __future__ import annotations

import anyio
import pytest

from syncd.domain.errors import Throttled
from syncd.engine.core.patient_reads import MOST_WAITS, patiently
from tests.xero.support import worlds


class Full:
    """A read that has no turn so many times, each for so long."""

    def __init__(self, times: int, wait_s: float) -> None:
        self.left = times
        self.asked = 0
        self._wait_s = wait_s

    async def __call__(self) -> str:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise Throttled("spent", retry_after_s=self._wait_s, limit="minute", system="xero")
        return "read"


def test_a_spent_minute_is_waited_for() -> None:
    async def story() -> None:
        began_s = anyio.current_time()

        assert await patiently(Full(2, 40.0)) == "read"
        assert anyio.current_time() - began_s >= 80.0

    worlds.virtually(story)


@pytest.mark.parametrize(("times", "wait_s", "asked"), [(1, 3600, 1), (99, 0, MOST_WAITS + 1)])
async def test_what_takes_longer_is_told(times: int, wait_s: float, asked: int) -> None:
    full = Full(times, wait_s)
    with pytest.raises(Throttled):
        await patiently(full)

    assert full.asked == asked

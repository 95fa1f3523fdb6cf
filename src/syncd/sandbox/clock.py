"""The pretend worlds' own time: a base clock that can be advanced and run faster.

Called by both emulators. The base is handed in (`time.time` on a real machine, the loop's virtual
time in the simulation), so the sandbox itself never reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


class SandboxClock:
    """World time in seconds since the epoch, moving `rate` times as fast as its base."""

    def __init__(self, base: Callable[[], float], *, start: float | None = None) -> None:
        self._base = base
        self._anchor_base = base()
        self._anchor_world = self._anchor_base if start is None else start
        self.rate = 1.0

    def now(self) -> float:
        """World time, seconds since the epoch."""
        return self._anchor_world + (self._base() - self._anchor_base) * self.rate

    def utc(self) -> datetime:
        """World time as an aware UTC instant."""
        return datetime.fromtimestamp(self.now(), tz=UTC)

    def advance(self, seconds: float) -> None:
        """Jump ahead by `seconds` of world time (negative jumps back)."""
        now = self.now()
        self._anchor_base, self._anchor_world = self._base(), now + seconds

    def set_rate(self, rate: float) -> None:
        """From here on world time moves `rate` seconds per second of the base."""
        self.advance(0.0)
        self.rate = rate

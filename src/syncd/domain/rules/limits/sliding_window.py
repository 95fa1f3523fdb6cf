"""Sliding logs: exactly how many calls count in the window behind an instant.

Used by `allowance` per tenant and lane, and by the app's minute, which all tenants share. A call
counts from its grant until a window after its end, so that no delay on the way to Xero can crowd
two windows into one. A bucket would let nearly twice the limit through.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

from syncd.domain.model.value import Value

SLOT_POLL_S = 0.5
"""When to ask again where only the end of a call can make room."""

LEAST_MINUTE = 4
"""With fewer calls a minute a read and its write would never fit beside what others are kept."""
LEAST_APP_MINUTE = 2
"""A read and its write."""


class AllowanceLimits(Value, frozen=True, kw_only=True):
    """Xero's limits."""

    minute: int = 60
    window_s: float = 60.0
    in_flight: int = 5
    app_minute: int = 10_000


class SlidingLog:
    """Calls of one kind inside the window: pending ones, and ended ones until they expire."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._expiries: deque[tuple[float, int]] = deque()
        self._ended = 0
        self.pending = 0

    def count(self, now_s: float) -> int:
        """Calls that count at `now_s`."""
        while self._expiries and self._expiries[0][0] <= now_s:
            self._ended -= self._expiries.popleft()[1]
        return self._ended + self.pending

    def end(self, now_s: float, calls: int = 1) -> None:
        """`calls` calls have ended at `now_s`, whether or not they were pending here."""
        self._expiries.append((now_s + self._window_s, calls))
        self._ended += calls

    def expiries(self) -> Iterator[float]:
        """When each ended call stops counting, soonest first."""
        for expires_s, calls in self._expiries:
            for _ in range(calls):
                yield expires_s


class AppMinute:
    """The app's limit over all its tenants; shared by their allowances."""

    def __init__(self, limits: AllowanceLimits) -> None:
        self._limits = limits
        self._log = SlidingLog(limits.window_s)
        self.paused_until_s = -math.inf
        """Until when Xero has asked everybody to wait."""

    def ready_at(self, now_s: float, calls: int) -> float:
        """`now_s` when there is room for `calls` calls, else when to ask again."""
        over = self._log.count(now_s) + calls - self._limits.app_minute
        free_s = now_s if over <= 0 else nth_expiry(self._log.expiries(), over, now_s)
        return max(free_s, self.paused_until_s)

    def take(self, calls: int) -> None:
        """`calls` calls were granted."""
        self._log.pending += calls

    def spent(self, now_s: float) -> None:
        """A granted call has ended."""
        self._log.pending -= 1
        self._log.end(now_s)

    def give_back(self, calls: int) -> None:
        """`calls` granted calls will not be made."""
        self._log.pending -= calls

    def learn(self, now_s: float, remaining: int) -> None:
        """What Xero says is left; others may use the same app."""
        unseen = self._limits.app_minute - remaining - self._log.count(now_s)
        if unseen > 0:
            self._log.end(now_s, unseen)

    def pause(self, until_s: float) -> None:
        """Xero said that the app's minute is spent: everybody waits."""
        self.paused_until_s = max(self.paused_until_s, until_s)


def nth_expiry(expiries: Iterator[float], position: int, now_s: float) -> float:
    """When the `position`-th ended call stops counting; soon, where it has not even ended."""
    for index, expires_s in enumerate(expiries, start=1):
        if index == position:
            return expires_s
    return now_s + SLOT_POLL_S

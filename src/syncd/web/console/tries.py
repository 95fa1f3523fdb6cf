"""Limits how often somebody may try to sign in: a window of a minute, per address and in all.

Called by the login page. In memory: a restart forgives.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from syncd.ports.clock import Clock

MOST_AN_ADDRESS = 5
MOST = 30
WINDOW = timedelta(minutes=1)


class LoginTries:
    """The tries of the last minute; bounded by `MOST`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: deque[tuple[datetime, str]] = deque()

    def may_try(self, address: str) -> bool:
        """Count one more try, or say that there were too many."""
        now = self._clock.now()
        # A clock that was set back shows tries of later than now: they keep nobody out.
        while self._tries and not timedelta(0) <= now - self._tries[0][0] < WINDOW:
            self._tries.popleft()
        own = sum(1 for _, who in self._tries if who == address)
        if own >= MOST_AN_ADDRESS or len(self._tries) >= MOST:
            return False
        self._tries.append((now, address))
        return True

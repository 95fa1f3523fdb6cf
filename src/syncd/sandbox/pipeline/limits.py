"""Pipeline's rate limit: so many calls a minute per key, told in headers, else 429.

Called by `pipeline.app` (product page 1.10, Developer API).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

_WINDOW_S = 60


class Limit:
    """Calls of one key in the current minute of world time."""

    def __init__(self) -> None:
        self._window = 0
        self._spent = 0

    def spend(self, now: float, allowed: int) -> tuple[bool, Mapping[str, str]]:
        """Count one call at `now` (seconds): whether it passes, and the headers of the answer."""
        window = int(now // _WINDOW_S)
        if window != self._window:
            self._window, self._spent = window, 0
        passes = self._spent < allowed
        self._spent += passes
        reset = (window + 1) * _WINDOW_S
        headers = {
            "X-RateLimit-Limit": str(allowed),
            "X-RateLimit-Remaining": str(max(allowed - self._spent, 0)),
            "X-RateLimit-Reset": str(reset),
        }
        if not passes:
            headers["Retry-After"] = str(max(math.ceil(reset - now), 1))
        return passes, headers

"""How long to wait between attempts: exponential, capped, with full jitter.

Called by `job.settle` and by every loop that retries. There is no last attempt: what is transient
is tried for ever, ever more rarely. The draw comes from the entropy port.
"""

from __future__ import annotations

FIRST_S = 2.0
"""The longest delay after a first failure."""
CAP_S = 900.0
"""The longest delay at all: an outage of a day costs about 200 attempts."""
_DOUBLINGS = 30
"""Enough to pass any cap; keeps an attempt number of years from overflowing."""


def ceiling_s(attempt: int, *, first_s: float = FIRST_S, cap_s: float = CAP_S) -> float:
    """The longest delay after `attempt` failures in a row, in seconds; `attempt` counts from 1."""
    return min(cap_s, first_s * 2.0 ** min(max(attempt - 1, 0), _DOUBLINGS))


def delay_s(attempt: int, draw: float, *, first_s: float = FIRST_S, cap_s: float = CAP_S) -> float:
    """The delay after `attempt` failures in a row: `draw`, in [0, 1), of the ceiling.

    Full jitter spreads callers who failed together over the whole delay.
    """
    return ceiling_s(attempt, first_s=first_s, cap_s=cap_s) * draw

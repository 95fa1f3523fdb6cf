"""How many old rows are taken out at once, so that nobody waits long for the store behind them.

Called by `engine.loops.retention` after each transaction. A round begins with few rows, for what a
disk can do is not known before.
"""

from __future__ import annotations

FEWEST_ROWS, MOST_ROWS = 20, 100
SLOW_S = 0.005
"""A transaction that took longer is followed by a smaller one; half of a write's time to wait."""
FAST_S = SLOW_S / 2
"""So fast that twice as many rows are still not slow."""


def next_rows(rows: int, took_s: float) -> int:
    """How many rows the next transaction takes, after one of so many took so long."""
    if took_s > SLOW_S:
        return max(FEWEST_ROWS, rows // 2)
    return min(MOST_ROWS, 2 * rows) if took_s < FAST_S else rows

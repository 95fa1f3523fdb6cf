"""When a backlog clears: what it costs in calls, and what is left this minute and today.

Pure. Called by `engine.operator.statuses`. A forecast, not a promise: it knows nothing of what
comes, and takes every batch to be full.
"""

from __future__ import annotations

import math

from syncd.domain.model.value import Value
from syncd.domain.rules.limits.allowance import FLOORS, BudgetLeft, Lane

CALLS_A_BATCH = 2
"""A read and a write."""
_KEPT = FLOORS[Lane.WEBHOOK] + FLOORS[Lane.SWEEP]
"""The part of every limit that writes leave to the others."""


class Forecast(Value, frozen=True, kw_only=True):
    """`lasts_s` is None where nothing waits, nothing may pass, or the day does not suffice."""

    calls_needed: int
    lasts_s: float | None
    is_day_short: bool = False
    """The day has fewer calls for writes than are needed."""


def forecast(
    backlog: int, budget: BudgetLeft, *, batch_size: int, calls_per_minute: int, is_held: bool
) -> Forecast:
    """How long `backlog` invoices take, at the allowance's pace after what is left this minute."""
    calls = math.ceil(backlog / batch_size) * CALLS_A_BATCH
    if backlog == 0 or is_held:
        return Forecast(calls_needed=calls, lasts_s=None)
    if budget.day is not None and calls > for_writes(budget.day, budget.day_limit):
        return Forecast(calls_needed=calls, lasts_s=None, is_day_short=True)
    a_minute = max(1.0, calls_per_minute * (1 - _KEPT))
    beyond = max(0, calls - for_writes(budget.minute, calls_per_minute))
    paced_s = backlog * CALLS_A_BATCH / batch_size / calls_per_minute * 60
    return Forecast(calls_needed=calls, lasts_s=round(max(paced_s, beyond / a_minute * 60), 1))


def for_writes(left: int, limit: int | None) -> int:
    """What of the calls left writes may spend; of an unknown limit, the part of what is left."""
    return max(0, left - math.ceil(_KEPT * (left if limit is None else limit)))

"""Splits calls that were given up: each part is sent again in a quarter of the call it was in.

Called before anything is sent, and by the probe when a write is given up. So the document that Xero
fails at is alone after a few calls, and named; its neighbours went long before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from syncd.domain.model.job import Reason
from syncd.domain.rules.queue import uncertain_write
from syncd.domain.rules.queue.outcome import Deferred
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import write_ahead
from syncd.store.intents import Intent, IntentEnd

T = TypeVar("T")


def given_up(earlier: Iterable[Intent]) -> list[Intent]:
    """Those of an object's closed intents that were given up, oldest first."""
    return [one for one in earlier if one.end is IntentEnd.ABANDONED]


def apart(chosen: Sequence[T], earlier: Callable[[T], Sequence[Intent]]) -> list[list[T]]:
    """What may be sent together; `earlier` are an element's intents that were given up."""
    found: dict[tuple[int, int] | None, list[T]] = {}
    for one in chosen:
        before = earlier(one)
        last = before[-1] if before else None
        place = None
        if last is not None:
            place = (last.call, uncertain_write.part_of(last.element, last.together))
        found.setdefault(place, []).append(one)
    return list(found.values())


def ended(context: SyncContext, one: Intent, earlier: Iterable[Intent], what: str) -> Deferred:
    """What follows for a write that is given up: it goes anew, later where it fails even alone."""
    alone = [each for each in given_up(earlier) if each.together == 1 and each.id != one.id]
    times = len(alone) + (one.together == 1)
    was_beside = any(each.together > 1 for each in given_up(earlier))
    if was_beside and times:
        times += 1  # it was one of many before: those went, and it did not
    delay_s = uncertain_write.delay_alone_s(times, write_ahead.probe_limits(context))
    if not delay_s:
        return Deferred(retry_after_s=0.0)
    why = (
        f"Xero fails each time this {what} is sent, also alone, and does not say why. Change it in "
        "Pipeline, or ask Xero's support. Nothing of it stands in Xero; it is sent again by itself."
    )
    return Deferred(retry_after_s=delay_s, why=why, reason=Reason.REFUSED)

"""The wall clock as the daemon goes by it: when somebody sets it, what waits is moved along.

Instants are stored by the wall clock and compared with it. Set back an hour, it would make
everything that waits wait an hour more; set forward, it would let an unanswered write look old
enough to be given up. So a set clock is noticed by the loop's own time, carried on as it was, and
then taken over together with what waits in the store. Built in `bootstrap` around the machine's
clock; the schedule gives `follow_once` a loop.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import anyio

from syncd.domain.facts import ClockSet
from syncd.engine.core.context import SyncContext
from syncd.ports.clock import Clock
from syncd.store import pending
from syncd.store.unit_of_work import Store, Transaction

FOLLOW_EVERY_S = 5.0
LEAST_SET = timedelta(seconds=1)
"""Less is a time server at work, and moves nothing that matters."""
_NOTHING = timedelta(0)


class CarriedClock:
    """The Clock port over another one: a set clock counts from the moment it is taken over."""

    def __init__(self, wall: Clock) -> None:
        self._wall = wall
        self._anchor_at = wall.now()
        self._anchor_s = anyio.current_time()
        self.owed = _NOTHING
        """What was taken over and not yet passed on to what waits in the store."""

    def now(self) -> datetime:
        """The wall clock; while a set one is not taken over, what it would say without that."""
        now_s = anyio.current_time()
        wall_at, carried_at = self._wall.now(), self._carried_at(now_s)
        if abs(wall_at - carried_at) >= LEAST_SET:
            return carried_at
        self._anchor_at, self._anchor_s = wall_at, now_s
        return wall_at

    def set_by(self) -> timedelta:
        """By how much the wall clock was set, as long as that is not taken over."""
        found = self._wall.now() - self._carried_at(anyio.current_time())
        return found if abs(found) >= LEAST_SET else _NOTHING

    def take_over(self, by: timedelta) -> None:
        """Go by the set clock from here on."""
        self._anchor_at += by
        self.owed += by

    def _carried_at(self, now_s: float) -> datetime:
        return self._anchor_at + timedelta(seconds=now_s - self._anchor_s)


async def start_up(store: Store, clock: Clock) -> timedelta:
    """A clock that was set back while nobody ran: what waits is moved back with it.

    Answers by how much, at the least. Raises StoreError.
    """
    now = clock.now()
    (newest,) = await store.fetch(pending.newest())
    if newest is None or newest - now < LEAST_SET:
        return _NOTHING
    by = now - newest
    await _move(store, by, now)
    return by


async def follow_once(context: SyncContext, clock: CarriedClock) -> float | None:
    """Take over a clock that was set, and what waits with it. Answers when to look again.

    Before and after, open calls count as just sent by whichever clock is later: so none is given up
    early. Raises StoreError; the next round tries again.
    """
    by = clock.set_by()
    if by:
        now = context.now()
        await context.store.run(pending.doubt_open_calls(max(now, now + by)))
        clock.take_over(by)
        context.observe(ClockSet(by_s=by.total_seconds()))
    if clock.owed:
        await _move(context.store, clock.owed, context.now())
        clock.owed = _NOTHING
    return FOLLOW_EVERY_S


async def _move(store: Store, by: timedelta, now: datetime) -> None:
    tx = Transaction()
    tx.add_all(pending.moved(by, now))
    tx.add(pending.doubt_open_calls(now))
    await store.commit(tx)

"""The wall clock as the daemon goes by it: when somebody sets it, what waits is moved along.

Instants are stored by the wall clock and compared with it. Set back an hour, it would make
everything that waits wait an hour more; set forward, it would let an unanswered write look old
enough to be given up. So a set clock is noticed by the loop's own time, carried on as it was, and
then taken over together with what waits in the store. Set while nobody ran, it is noticed by the
time since the machine's boot, of which the store remembers how far the wall clock was ahead. Built
in `bootstrap` around the machine's clock; the schedule gives `follow_once` a loop.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import anyio

from syncd.domain.facts import ClockSet
from syncd.engine.core.context import SyncContext
from syncd.ports.clock import Clock
from syncd.store import installation, pending
from syncd.store.installation import MachineTime
from syncd.store.unit_of_work import Store, Transaction

FOLLOW_EVERY_S = 5.0
MENDED_AFTER_S = (5.0, 30.0, 120.0)
"""When it is looked whether somebody has still written by the clock as it was: whatever was under
way is over by the last."""
LEAST_SET = timedelta(seconds=1)
"""Less is a time server at work, and moves nothing that matters."""
_NOTHING = timedelta(0)
_MS = timedelta(milliseconds=1)
_REMEMBERED_WITHIN = LEAST_SET / 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CarriedClock:
    """The Clock port over another one: a set clock counts from the moment it is taken over.

    `boot` names the boot of the machine since which the loop's time counts; empty: unknown.
    """

    def __init__(self, wall: Clock, boot: str = "") -> None:
        self._wall = wall
        self._boot = boot
        self._anchor_at = wall.now()
        self._anchor_s = anyio.current_time()
        self.owed = _NOTHING
        """What was taken over and not yet passed on to what waits in the store."""
        self.mends_at_s: list[float] = []
        """By the loop's time: when to look for what was written by the clock as it was."""
        self.remembered: MachineTime | None = None
        """What the store was last told of `machine_time`."""

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

    @property
    def machine_time(self) -> MachineTime | None:
        """By which clock it goes; None where the machine's boot is unknown."""
        if not self._boot:
            return None
        ahead = self._anchor_at - _EPOCH - timedelta(seconds=self._anchor_s)
        return MachineTime(boot=self._boot, ahead_ms=ahead // _MS)

    def take_over(self, by: timedelta) -> None:
        """Go by the set clock from here on."""
        self._anchor_at += by
        self.owed += by

    def _carried_at(self, now_s: float) -> datetime:
        return self._anchor_at + timedelta(seconds=now_s - self._anchor_s)


async def start_up(store: Store, clock: CarriedClock) -> timedelta:
    """A clock that was set while nobody ran: what waits is moved with it, as if somebody had.

    Within one boot of a machine that is known exactly; else only that it was set back, and by how
    much at the least. Answers by how much. Raises StoreError.
    """
    now, here = clock.now(), clock.machine_time
    (newest,) = await store.fetch(pending.newest())
    known = await store.fetch(installation.machine_time())
    by = _NOTHING
    if here is not None and known and known[0].boot == here.boot:
        by = (here.ahead_ms - known[0].ahead_ms) * _MS
    elif newest is not None:
        by = min(now - newest, _NOTHING)
    if abs(by) < LEAST_SET:
        return _NOTHING
    await _move(store, by, now, here)
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
        here = clock.machine_time
        await _move(context.store, clock.owed, context.now(), here)
        clock.remembered = here
        clock.mends_at_s = [anyio.current_time() + after_s for after_s in MENDED_AFTER_S]
        clock.owed = _NOTHING
    elif clock.mends_at_s and clock.mends_at_s[0] <= anyio.current_time():
        await _mend(context, is_first=len(clock.mends_at_s) == len(MENDED_AFTER_S))
        clock.mends_at_s.pop(0)
    await _remember(context.store, clock)
    return FOLLOW_EVERY_S


async def _mend(context: SyncContext, *, is_first: bool) -> None:
    """A round that was under way while the clock was set may have stored an instant of before."""
    now = context.now()
    tx = Transaction()
    tx.add_all(pending.mended(now))
    if is_first:  # a call that has just opened went by the clock as it was for no longer
        tx.add(pending.doubt_open_calls(now))
    await context.store.commit(tx)


async def _remember(store: Store, clock: CarriedClock) -> None:
    """Keep by which clock the store is used; a time server's small steps add up."""
    here, told = clock.machine_time, clock.remembered
    if here is None:
        return
    if told is None or abs(here.ahead_ms - told.ahead_ms) * _MS >= _REMEMBERED_WITHIN:
        await store.run(installation.remember_machine_time(here))
        clock.remembered = here


async def _move(store: Store, by: timedelta, now: datetime, here: MachineTime | None) -> None:
    tx = Transaction()
    if here is not None:
        tx.add(installation.remember_machine_time(here))
    tx.add_all(pending.moved(by, now))
    tx.add(pending.doubt_open_calls(now))
    await store.commit(tx)

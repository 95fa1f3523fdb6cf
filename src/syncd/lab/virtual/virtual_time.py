"""Virtual time and the order of callbacks: the lower half of the simulation's event loop.

`virtual_loop.VirtualLoop` adds processes, signals and the network. When nothing is ready, time
jumps to the next timer; no clock, descriptor or thread is ever touched. Garbage is collected every
so many steps instead of when memory happens to be full, because finalisers have effects.
"""
# ruff: noqa: SLF001 - the loop below asyncio's handles and timers has to open them

from __future__ import annotations

import asyncio
import gc
import heapq
import math
import random
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import NoReturn, TypeVarTuple

from syncd.lab.virtual.numbered_tasks import where
from syncd.lab.virtual.processes import OWNER, Process

_Ts = TypeVarTuple("_Ts")
START_S = 1_000.0
"""Where virtual time begins, in seconds; not zero, which libraries take for "never"."""
MAX_STEPS = 5_000_000
"""Callbacks in one run; a busy schedule takes some 65,000."""
MAX_TIME_S = 400 * 86_400.0
"""Virtual seconds in one run: longer than a simulated year."""
GC_EVERY_STEPS = 200_000
"""What waits for it is some 100 MB on a busy day, which is over before."""
_CLEAN_UP_STEPS = 20_000  # granted once a limit was hit, for the runner's own cancelling
_CANCELLED_TIMERS = 200  # and more than half of all: time to sweep them out
_NAMED_TASKS = 20  # of a stuck run, in its message


class SimulationError(RuntimeError):
    """The simulated world cannot go on."""


class Stuck(SimulationError):
    """Nothing is ready and no timer is set: every task waits for another."""


class TooManySteps(SimulationError):
    """The step limit was reached, most often by something that spins."""


class TooLate(SimulationError):
    """The next timer lies beyond the limit of virtual time."""


class VirtualTime(asyncio.BaseEventLoop):
    """A loop whose time is a number and whose order is first come, first served, or dealt by seed.

    `on_step`, when set, is called with every callback just before it runs, so that the simulation
    can kill a process between any two callbacks. `steps` counts the callbacks run.
    """

    _closed: bool
    _ready: deque[asyncio.Handle]
    _stopping: bool
    _timer_cancelled_count: int

    def __init__(
        self,
        *,
        seed: int,
        shuffle: bool,
        start_s: float,
        max_steps: int,
        max_time_s: float,
        gc_every_steps: int,
    ) -> None:
        super().__init__()
        self._now = start_s
        self._ends_at = start_s + max_time_s
        self._max_steps = max_steps
        self._gc_every_steps = gc_every_steps
        self._dice = random.Random(seed) if shuffle else None  # noqa: S311 - nothing secret
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._serial = 0
        self.steps = 0
        self.on_step: Callable[[asyncio.Handle], None] | None = None

    # Asked for each handle, task and future: `bool()` is False, and costs no frame of Python.
    get_debug = bool

    def time(self) -> float:
        """Virtual seconds; they pass only when nothing is ready."""
        return self._now

    def next_serial(self) -> int:
        """A number nobody has had: the age of a timer, a task or a future."""
        self._serial += 1
        return self._serial

    def call_soon(
        self,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run `callback` in the next round."""
        if self._closed:
            self._check_closed()  # type: ignore[attr-defined] # raises asyncio's own error
        step = asyncio.Handle(callback, args, self, context)
        self._ready.append(step)
        return step

    def call_soon_threadsafe(
        self,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As `call_soon`; RuntimeError when it really comes from another thread."""
        running_in = self._thread_id  # type: ignore[attr-defined] # BaseEventLoop's own
        if running_in is not None and running_in != threading.get_ident():
            raise RuntimeError(f"a thread called {callback!r}: threads end determinism")
        return self.call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run `callback` at this loop time; never if it is infinite."""
        if self._closed:
            self._check_closed()  # type: ignore[attr-defined] # raises asyncio's own error
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        if when != math.inf:
            self._serial += 1
            heapq.heappush(self._timers, (when, self._serial, timer))
            timer._scheduled = True  # type: ignore[attr-defined] # counts its cancelling
        return timer

    def call_later(
        self,
        delay: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run `callback` after `delay` virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def run_forever(self) -> None:
        """Run until stopped, collecting garbage at fixed steps only."""
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            super().run_forever()
        finally:
            if was_enabled:
                gc.enable()

    def _run_once(self) -> None:
        """Rounds until stopped: the due timers join, then everything ready at its start is run."""
        ready, dice = self._ready, self._dice
        while True:
            self._ring_timers()
            if self.steps >= self._max_steps:
                self._give_up_stepping()
            if dice is not None and len(ready) > 1:
                shuffled = list(ready)
                dice.shuffle(shuffled)
                ready.clear()
                ready.extend(shuffled)
            for _ in range(len(ready)):
                step = ready.popleft()
                if not step._cancelled:
                    self._run_step(step)
            if self._stopping:
                return

    def _run_step(self, step: asyncio.Handle) -> None:
        """Run one callback, unless its process is dead; what it raises goes to the handler."""
        context: Context = step._context  # type: ignore[attr-defined] # no stub
        owner = context.get(OWNER)
        if owner is not None and not owner.alive:
            owner.grave.append(step)
            return
        self.steps += 1
        if not self.steps % self._gc_every_steps:
            gc.collect()
        if self.on_step is not None:
            self._announce(step, self.on_step)
            if step._cancelled or self._is_of_the_dead(step):
                return
        try:  # as the handle's own `_run` has it, a frame less for each of them
            context.run(step._callback, *step._args)  # type: ignore[attr-defined] # no stub
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - asyncio ends no loop over a callback
            self.call_exception_handler(
                {"message": f"Exception in {step!r}", "exception": error, "handle": step}
            )

    def _announce(self, step: asyncio.Handle, on_step: Callable[[asyncio.Handle], None]) -> None:
        try:
            on_step(step)
        except BaseException:
            self._ready.appendleft(step)  # the run ends here; its clean-up still needs this step
            raise

    def _is_of_the_dead(self, step: asyncio.Handle) -> bool:
        owner: Process | None = step._context.get(OWNER)  # type: ignore[attr-defined] # no stub
        if owner is None or owner.alive:
            return False
        owner.grave.append(step)
        return True

    def _ring_timers(self) -> None:
        """Move due timers to the ready ones; with nothing else to do, time jumps to the next."""
        timers, ready = self._timers, self._ready
        if self._timer_cancelled_count > _CANCELLED_TIMERS:
            self._sweep_timers()
            timers = self._timers
        while timers:
            when, _, timer = timers[0]
            if when > self._now and (ready or self._stopping):
                return
            if timer._cancelled:
                self._timer_cancelled_count -= 1
            elif not self._is_of_the_dead(timer):
                if when > self._now:
                    self._jump(when)
                ready.append(timer)
            heapq.heappop(timers)
            timer._scheduled = False  # type: ignore[attr-defined] # it has left the heap
        if not ready and not self._stopping:
            self._give_up_waiting()

    def _sweep_timers(self) -> None:
        if self._timer_cancelled_count * 2 > len(self._timers):
            self._timers = [entry for entry in self._timers if not entry[2]._cancelled]
            heapq.heapify(self._timers)
            self._timer_cancelled_count = 0

    def _jump(self, when: float) -> None:
        if when > self._ends_at:
            limit, self._ends_at = self._ends_at, math.inf
            raise TooLate(
                f"the next timer is due at {when:.3f} s, the limit is {limit:.3f} s: "
                "end the run earlier or raise max_time_s"
            )
        self._now = when

    def _give_up_stepping(self) -> NoReturn:
        limit, self._max_steps = self._max_steps, self.steps + _CLEAN_UP_STEPS
        raise TooManySteps(
            f"{limit} steps were run by {self._now:.3f} s of virtual time: something spins, "
            f"or max_steps is too low. Pending: {self._pending()}"
        )

    def _give_up_waiting(self) -> NoReturn:
        raise Stuck(
            f"nothing is ready and no timer is set at {self._now:.3f} s. Pending: {self._pending()}"
        )

    def _pending(self) -> str:
        tasks = sorted(asyncio.all_tasks(self), key=hash)
        more = f"; and {len(tasks) - _NAMED_TASKS} more" if len(tasks) > _NAMED_TASKS else ""
        return "; ".join(map(where, tasks[:_NAMED_TASKS])) + more

    def close(self) -> None:
        """Drop everything scheduled and close."""
        super().close()
        self._timers.clear()

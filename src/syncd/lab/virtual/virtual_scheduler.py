"""The Scheduler port on the event loop's own timers: named jobs that follow virtual time.

Stands where `runtime.apscheduler_timer` stands on a real machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

Wake = Callable[[], None]


class VirtualScheduler:
    """One job per name, on whatever loop runs when it is started."""

    def __init__(self) -> None:
        self._beats: dict[str, tuple[float, Wake]] = {}
        self._first_s: dict[str, float] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._is_running = False

    def every(self, name: str, seconds: float, wake: Wake) -> None:
        """Call `wake` every `seconds`; a second call of a name replaces it."""
        self._beats[name] = (seconds, wake)
        if self._is_running:
            self._set(name)

    def set_next(self, name: str, in_s: float) -> None:
        """Let a job's next beat come in so many seconds."""
        self._first_s[name] = in_s
        if self._is_running:
            self._set(name)

    def forget(self, name: str) -> None:
        """No beat of this job any more."""
        self._beats.pop(name, None)
        self._first_s.pop(name, None)
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def next_runs(self) -> Mapping[str, float]:
        """In how many seconds each job's next beat comes; empty unless it runs."""
        if not self._timers:
            return {}
        now_s = asyncio.get_running_loop().time()
        return {name: max(0.0, timer.when() - now_s) for name, timer in self._timers.items()}

    def start(self) -> None:
        """Begin; asks for a running event loop."""
        self._is_running = True
        for name in self._beats:
            self._set(name)

    def stop(self) -> None:
        """End; no beat after this. Idempotent."""
        self._is_running = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _set(self, name: str) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        seconds = self._first_s.pop(name, self._beats[name][0])
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, self._beat, name)

    def _beat(self, name: str) -> None:
        if self._is_running:
            self._set(name)
            self._beats[name][1]()

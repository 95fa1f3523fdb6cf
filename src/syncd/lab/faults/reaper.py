"""Death on a simulated day: when the daemon is killed, and when it stands up again.

Random deaths rarely hit the few milliseconds that matter, so most are aimed: within so many
callbacks after a commit in Xero, or after one in the daemon's own store.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from random import Random

from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.faults.fault_mix import FaultMix
from syncd.lab.virtual.processes import owner_of
from syncd.lab.virtual.virtual_loop import VirtualLoop

WITHIN_CALLBACKS = 60
_HOUR_S = 3600.0
_MOSTLY_SHORT = 5
_YOUNG_S = 60.0
"""Whoever dies younger stands up within so long: deaths in a row that outlast the half hour in
which Xero takes a refresh token once more, its answer lost, end a grant that nobody could keep."""


class Reaper:
    """Kills one daemon by seeded dice, and starts it again; `rest` ends the dying."""

    def __init__(
        self, loop: VirtualLoop, daemon: SimulatedDaemon, rng: Random, mix: FaultMix
    ) -> None:
        self._loop = loop
        self._daemon = daemon
        self._rng = rng
        self._mix = mix
        self._callbacks_left = 0
        self._why = ""
        self._is_at_rest = True
        self._stood_up_s = -math.inf
        self.kills: Counter[str] = Counter()
        self.on_death: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """From here on people die."""
        self._is_at_rest = False
        self._plan()

    def rest(self) -> None:
        """Nobody dies any more; whoever is dead stands up within the time it was given."""
        self._is_at_rest = True
        self._loop.on_step = None

    def committed_in_xero(self) -> None:
        """Something was just written into Xero's books, and nobody was told yet."""
        self._aim(self._mix.aimed_at_xero, "after a commit in Xero")

    def committed_in_store(self) -> None:
        """The daemon is about to commit, in this very callback."""
        self._aim(self._mix.aimed_at_store, "after a commit in the store")

    def _plan(self) -> None:
        if self._mix.kills_an_hour:
            delay_s = self._rng.expovariate(self._mix.kills_an_hour / _HOUR_S)
            self._loop.call_later(delay_s, self._random_death)

    def _random_death(self) -> None:
        if not self._is_at_rest:
            self._aim(1.0, "at random")
            self._plan()

    def _aim(self, chance: float, why: str) -> None:
        if self._is_at_rest or not chance or self._rng.random() >= chance:
            return
        if self._loop.on_step is None:
            self._callbacks_left = self._rng.randint(1, WITHIN_CALLBACKS)
            self._why = why
            self._loop.on_step = self._watch

    def _watch(self, step: asyncio.Handle) -> None:
        process = self._daemon.process
        if process is None or owner_of(step) is not process:
            return
        self._callbacks_left -= 1
        if self._callbacks_left > 0:
            return
        self._loop.on_step = None
        self.kills[self._why] += 1
        self.on_death()
        self._daemon.kill()
        self._stand_up_later()

    def _stand_up_later(self) -> None:
        # A service manager starts it again within seconds; a machine takes longer, now and then.
        delay_s = self._rng.random() ** _MOSTLY_SHORT * self._mix.longest_death_s
        if self._loop.time() - self._stood_up_s < _YOUNG_S:
            delay_s = min(delay_s, _YOUNG_S)
        self._loop.call_later(delay_s, self._stand_up)

    def _stand_up(self) -> None:
        if not self._daemon.is_alive:
            self._stood_up_s = self._loop.time()
            self._daemon.start()

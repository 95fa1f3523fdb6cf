"""Watches the loops: names one that has hung, and says so when it goes on.

A loop shows that it moves by ending a round, and within one by every fact told: a call that ended,
work that was committed. One that shows nothing for `hung_after_s` has hung. The time is counted in
looks, so that a machine that was stopped for an hour finds no loop hung when it goes on. Asked on a
beat by the schedule, and by whoever feeds the service manager's watchdog.
"""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from typing import Protocol

import anyio

from syncd.domain.facts import ServiceHung
from syncd.ports.observer import Observer

LATE = 2.0
"""A look that comes later than so many beats: what was longer was not the loops' alone."""


class Watched(Protocol):
    """A loop, as it is watched."""

    name: str
    beats: int
    """Rises whenever it shows that it moves."""
    is_waiting: bool


MOVING: ContextVar[Watched | None] = ContextVar("syncd_loop", default=None)
"""The loop that runs here; whatever it starts inherits it."""


def beat() -> None:
    """Show that the loop running here moves, if one does."""
    loop = MOVING.get()
    if loop is not None:
        loop.beats += 1


class Watch:
    """How long each loop has shown nothing; `loops` may gain and lose some meanwhile."""

    def __init__(
        self,
        loops: Collection[Watched],
        *,
        hung_after_s: float,
        look_every_s: float,
        observe: Observer,
    ) -> None:
        self._loops = loops
        self._hung_after_s = hung_after_s
        self._most_s = LATE * look_every_s
        self._observe = observe
        self._seen: dict[str, int] = {}
        self._silent_s: dict[str, float] = {}
        self._looked_at_s: float | None = None
        self._hung: tuple[str, ...] = ()

    def look(self) -> tuple[str, ...]:
        """The loops that have hung, by name; what has changed is told."""
        now_s = anyio.current_time()
        since_s = 0.0 if self._looked_at_s is None else now_s - self._looked_at_s
        self._looked_at_s = now_s
        counted_s = min(since_s, self._most_s)
        silent_s: dict[str, float] = {}
        for loop in self._loops:
            has_moved = loop.is_waiting or loop.beats != self._seen.get(loop.name)
            before_s = self._silent_s.get(loop.name, 0.0)
            silent_s[loop.name] = 0.0 if has_moved else before_s + counted_s
        self._seen = {loop.name: loop.beats for loop in self._loops}
        self._silent_s = silent_s
        hung = tuple(name for name, for_s in silent_s.items() if for_s >= self._hung_after_s)
        self._tell(hung)
        return hung

    def _tell(self, hung: tuple[str, ...]) -> None:
        before, self._hung = self._hung, hung
        for name in (*before, *hung):
            if (name in before) is not (name in hung):
                for_s = self._silent_s.get(name, 0.0)
                self._observe(ServiceHung(service=name, is_hung=name in hung, for_s=for_s))

"""Judges isolation while it storms: one tenant's trouble makes no other tenant's work wait.

Looked at every minute, in the store: how long the oldest work that is due has not been taken up.
Work that waits for a time of its own is not due. Nothing is asked of a daemon that is dead, whose
clock was just set, or of a tenant whose writes wait for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from syncd.domain.ids import TenantId
from syncd.lab.daemon.machine import SimulatedClock
from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.watch.store_reader import StoreReader

LOOKS_EVERY_S = 60.0
STARVED_S = 600.0
"""Work of a tenant that is not sick is taken up within so long of being due, while all storms.

Each refusal that names the day's limit makes it wait a minute, and by chance five come in a row.
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IsolationJudge:
    """Remembers each tenant's longest wait, in seconds."""

    def __init__(
        self,
        daemon: SimulatedDaemon,
        clock: SimulatedClock,
        readers: Mapping[TenantId, StoreReader],
    ) -> None:
        self._daemon = daemon
        self._clock = clock
        self._readers = readers
        self._starts = 0
        self._alive_since = _EPOCH
        self._times_set = 0
        self._free_since: dict[TenantId, datetime] = {}
        self.longest_s: Counter[TenantId] = Counter()

    def look(self, times_set: int = 0) -> None:
        """See how long what is due has waited by now; the clock was set so often."""
        now = self._clock.now()
        was_set, self._times_set = times_set != self._times_set, times_set
        if was_set or not self._daemon.is_alive or self._daemon.starts != self._starts:
            self._starts, self._alive_since = self._daemon.starts, now
            return
        for name, reader in self._readers.items():
            if reader.is_held():
                self._free_since[name] = now
                continue
            due_ms = reader.oldest_due_ms()
            if due_ms is not None:
                free_at = max(self._alive_since, self._free_since.get(name, _EPOCH))
                waits = (
                    (now - _EPOCH).total_seconds() - due_ms / 1000,
                    (now - free_at).total_seconds(),
                )
                self.longest_s[name] = max(self.longest_s[name], int(min(waits)))

    def judge(self, sick: TenantId | None) -> Iterator[str]:
        """Every tenant that waited too long without being sick, as a sentence."""
        for name, waited_s in self.longest_s.items():
            if name != sick and waited_s > STARVED_S:
                yield f"isolation: work of {name} was due for {waited_s} s and not taken up"

"""One replica among those of a site: its name, where the others reach it, and its own time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syncd.domain.model.replica import Replica, ReplicaStanding
from syncd.engine.replicas.known import KnownReplicas
from syncd.ports.clock import Clock
from syncd.ports.observer import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What this process is among the replicas. Addresses are what the others reach it by.

    `now_s` is a monotonic clock that goes on while the process, or the machine, stands still.
    """

    name: str
    url: str
    public_url: str
    version: str
    lease_s: float
    clock: Clock
    now_s: Callable[[], float]
    observe: Observer
    known: KnownReplicas
    """The others, and itself, as it has seen them."""

    def announced(self) -> Replica:
        """What it says of itself now."""
        return Replica(
            name=self.name,
            url=self.url,
            public_url=self.public_url,
            version=self.version,
            seen_at=self.clock.now(),
        )

    def replicas(self) -> tuple[ReplicaStanding, ...]:
        """The replicas of the site, itself among them, as it has seen them last."""
        return self.known.standings(at_s=self.now_s())

"""The replicas of the site as this one has seen them, kept in memory for whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.model.replica import Replica, ReplicaStanding
from syncd.domain.model.value import like
from syncd.domain.rules import replicas_seen
from syncd.domain.rules.replicas_seen import ReplicaSeen


class KnownReplicas:
    """What was read of the replicas, by the time of the replica that reads them."""

    def __init__(self, lease_s: float) -> None:
        self._lease_s = lease_s
        self._seen: tuple[ReplicaSeen, ...] = ()
        self.holder = ""
        """The name of the one that works; empty: none that is known."""

    def see(self, replicas: Sequence[Replica], *, at_s: float) -> None:
        """These were read; `at_s` is when the answer had come."""
        self._seen = replicas_seen.seen(self._seen, replicas, at_s=at_s)
        self.holder = next((one.name for one in replicas if one.works), "")

    def unheard(self, *, at_s: float, for_s: float) -> tuple[str, ...]:
        """The names of those that have not been heard of for so long."""
        return replicas_seen.unheard(self._seen, at_s=at_s, for_s=for_s)

    def standings(
        self,
        *,
        at_s: float,
        since: datetime | None = None,
        lease_until: datetime | None = None,
    ) -> tuple[ReplicaStanding, ...]:
        """How each stands, by name; `since` and `lease_until` are the holder's."""
        found = []
        for one in self._seen:
            state = replicas_seen.state(one, holder=self.holder, at_s=at_s, lease_s=self._lease_s)
            is_holder = one.replica.name == self.holder
            standing = like(
                ReplicaStanding,
                one.replica,
                state=state,
                since=since if is_holder else None,
                lease_until=lease_until if is_holder else None,
            )
            found.append(standing)
        return tuple(found)

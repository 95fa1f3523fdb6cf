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
        self._own: Replica | None = None
        self._shared: tuple[str, float] = ("", 0.0)

    def see(self, replicas: Sequence[Replica], *, at_s: float) -> None:
        """These were read; `at_s` is when the answer had come."""
        self._seen = replicas_seen.seen(self._seen, replicas, at_s=at_s)
        self.holder = next((one.name for one in replicas if one.works), "")

    def last_word(self) -> Replica | None:
        """What it said of itself last, as that was read; answered once.

        While the next is on its way nobody knows which of the two stands there.
        """
        own, self._own = self._own, None
        return own

    def compare(
        self, name: str, last: Replica | None, stood: Sequence[Replica], *, at_s: float
    ) -> None:
        """`stood` there before it said anew, under that name, that it is there.

        Its own last word stood there, or another process has the name, too.
        """
        own = next((one for one in stood if one.name == name), None)
        if last is not None and own is not None and own.seen_at != last.seen_at:
            self._shared = name, at_s
        self._own = next((one.replica for one in self._seen if one.replica.name == name), None)

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
        shared, shared_s = self._shared
        for one in self._seen:
            state = replicas_seen.state(one, holder=self.holder, at_s=at_s, lease_s=self._lease_s)
            is_holder = one.replica.name == self.holder
            standing = like(
                ReplicaStanding,
                one.replica,
                state=state,
                since=since if is_holder else None,
                lease_until=lease_until if is_holder else None,
                is_name_shared=one.replica.name == shared and at_s - shared_s < self._lease_s,
            )
            found.append(standing)
        return tuple(found)

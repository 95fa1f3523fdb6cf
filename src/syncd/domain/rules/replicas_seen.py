"""Which replicas there are, and which of them have not been heard of: by the time of who asks.

A replica says again and again that it is there. As with the lease no clock of one machine is
compared with another's: what counts is for how long nothing of it has moved. Pure;
`engine.replicas` reads, and keeps what was seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.replica import Replica, ReplicaState
from syncd.domain.model.value import Value


class ReplicaSeen(Value, frozen=True, kw_only=True):
    """What a replica said of itself last, and since when, by the time of who reads it."""

    replica: Replica
    since_s: float


def seen(
    before: Sequence[ReplicaSeen], replicas: Sequence[Replica], *, at_s: float
) -> tuple[ReplicaSeen, ...]:
    """What is known once these were read; `at_s` is when the answer had come."""
    known = {one.replica.name: one for one in before}
    return tuple(_seen(known.get(one.name), one, at_s) for one in replicas)


def _seen(before: ReplicaSeen | None, now: Replica, at_s: float) -> ReplicaSeen:
    has_moved = before is None or before.replica.seen_at != now.seen_at
    return ReplicaSeen(replica=now, since_s=at_s if before is None or has_moved else before.since_s)


def unheard(seen: Sequence[ReplicaSeen], *, at_s: float, for_s: float) -> tuple[str, ...]:
    """The names of those of which nothing has moved for so long."""
    return tuple(one.replica.name for one in seen if at_s - one.since_s >= for_s)


def state(one: ReplicaSeen, *, holder: str, at_s: float, lease_s: float) -> ReplicaState:
    """How it stands: whoever is not heard of for a whole lease is gone, the `holder` too."""
    if at_s - one.since_s >= lease_s:
        return ReplicaState.GONE
    return ReplicaState.WORKS if one.replica.name == holder else ReplicaState.STANDS_BY

"""What any replica's metrics say of every replica of the site. Mounted by `metrics` and `standby`.

Asked of memory at each scrape: replicas come and go, and a series that stays would mislead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from syncd.domain.model.replica import ReplicaStanding, ReplicaState


class ReplicaMetrics(Collector):
    """How each replica stands, as this one sees it; nothing where a daemon has its store alone."""

    def __init__(self, replicas: Callable[[], Sequence[ReplicaStanding]]) -> None:
        self._replicas = replicas

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families of a scrape."""
        states = GaugeMetricFamily(
            "syncd_replica_state",
            "1 for the state a replica of the site is in, as the one asked sees it.",
            labels=("replica", "state"),
        )
        seen = GaugeMetricFamily(
            "syncd_replica_last_seen_timestamp_seconds",
            "When a replica of the site last said that it is there, by its own clock.",
            labels=("replica",),
        )
        for one in self._replicas():
            seen.add_metric((one.name,), one.seen_at.timestamp())
            for state in ReplicaState:
                states.add_metric((one.name, state.value), int(one.state is state))
        yield states
        yield seen

"""Any replica's metrics name every replica of the site; a daemon alone says nothing of them."""

from __future__ import annotations

from syncd.domain.model.replica import ReplicaStanding, ReplicaState
from syncd.telemetry.metrics import Metrics
from syncd.telemetry.standby import StandbyMetrics
from tests.store.build import AT


def standing(name: str, state: ReplicaState) -> ReplicaStanding:
    return ReplicaStanding(name=name, url="", public_url="", version="1", state=state, seen_at=AT)


def test_each_replica_is_named_in_its_state_by_whoever_is_asked() -> None:
    site = [standing("alpha", ReplicaState.WORKS), standing("beta", ReplicaState.GONE)]
    for metrics in (
        Metrics(version="1", tenants=(), replicas=lambda: site),
        StandbyMetrics(version="1", replicas=lambda: site),
    ):
        shown = metrics.exposition().decode()

        assert 'syncd_replica_state{replica="alpha",state="works"} 1.0' in shown
        assert 'syncd_replica_state{replica="beta",state="works"} 0.0' in shown
        assert 'syncd_replica_state{replica="beta",state="gone"} 1.0' in shown
        seen = f'syncd_replica_last_seen_timestamp_seconds{{replica="beta"}} {AT.timestamp()}'
        assert seen.partition("} ")[0] in shown


def test_one_that_ended_has_no_series_any_more() -> None:
    site = [standing("alpha", ReplicaState.WORKS), standing("beta", ReplicaState.STANDS_BY)]
    metrics = StandbyMetrics(version="1", replicas=lambda: site)
    assert 'replica="beta"' in metrics.exposition().decode()

    site.pop()

    assert 'replica="beta"' not in metrics.exposition().decode()


def test_a_daemon_alone_has_no_series_of_replicas() -> None:
    assert "replica=" not in Metrics(version="1", tenants=()).exposition().decode()

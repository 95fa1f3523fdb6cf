"""What a replica knows of the others is kept by its own time, and the holder's lease with it."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.model.replica import Replica, ReplicaState
from syncd.engine.replicas.known import KnownReplicas
from tests.store.build import AT


def replica(name: str, *, works: bool = False) -> Replica:
    url = f"http://{name}:8080"
    return Replica(name=name, url=url, public_url=url, version="1", seen_at=AT, works=works)


def test_the_holder_is_who_was_read_to_work_until_another_took_the_lease() -> None:
    known = KnownReplicas(15.0)
    known.see([replica("alpha", works=True), replica("beta")], at_s=0.0)
    before = {one.name: one.state for one in known.standings(at_s=1.0)}
    known.holder = "beta"
    after = {one.name: one.state for one in known.standings(at_s=1.0)}

    assert before == {"alpha": ReplicaState.WORKS, "beta": ReplicaState.STANDS_BY}
    assert after == {"alpha": ReplicaState.STANDS_BY, "beta": ReplicaState.WORKS}


def test_since_and_lease_are_the_holders_alone() -> None:
    known, until = KnownReplicas(15.0), AT + timedelta(seconds=12)
    known.see([replica("alpha", works=True), replica("beta")], at_s=0.0)

    alpha, beta = known.standings(at_s=1.0, since=AT, lease_until=until)

    assert (alpha.since, alpha.lease_until) == (AT, until)
    assert (beta.since, beta.lease_until) == (None, None)


def test_one_not_heard_of_for_a_lease_is_gone_also_who_held_it() -> None:
    known = KnownReplicas(15.0)
    known.see([replica("alpha", works=True)], at_s=0.0)

    (alpha,) = known.standings(at_s=15.0)

    assert alpha.is_gone
    assert not alpha.works

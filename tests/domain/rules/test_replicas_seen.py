"""A replica is gone once nothing of it has moved for a whole lease, whatever its clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.replica import Replica, ReplicaState
from syncd.domain.rules import replicas_seen

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
LEASE_S = 15.0


def replica(name: str, *, said_s: float = 0) -> Replica:
    url = f"http://{name}:8080"
    seen_at = AT + timedelta(seconds=said_s)
    return Replica(name=name, url=url, public_url=url, version="1", seen_at=seen_at)


@pytest.mark.parametrize(
    ("name", "at_s", "expected"),
    [
        ("alpha", 0.0, ReplicaState.WORKS),
        ("beta", LEASE_S - 0.1, ReplicaState.STANDS_BY),
        ("beta", LEASE_S, ReplicaState.GONE),
        ("alpha", LEASE_S, ReplicaState.GONE),
    ],
)
def test_state_follows_from_who_holds_the_lease_and_who_was_heard_of(
    name: str, at_s: float, expected: ReplicaState
) -> None:
    (one,) = replicas_seen.seen((), [replica(name)], at_s=0.0)

    assert replicas_seen.state(one, holder="alpha", at_s=at_s, lease_s=LEASE_S) is expected


@given(st.lists(st.tuples(st.floats(0.1, 10), st.booleans()), max_size=40), st.floats(-1e6, 1e6))
def test_a_replica_is_gone_exactly_when_it_has_not_moved_for_a_lease(
    looks: list[tuple[float, bool]], clock_s: float
) -> None:
    """Whatever its own clock shows, also one that is hours wrong."""
    now_s, moved_s, said = 0.0, 0.0, 0
    known = replicas_seen.seen((), [replica("beta", said_s=clock_s)], at_s=now_s)
    for pause_s, moves in looks:
        now_s += pause_s
        if moves:
            said, moved_s = said + 1, now_s
        known = replicas_seen.seen(known, [replica("beta", said_s=clock_s + said)], at_s=now_s)

        state = replicas_seen.state(known[0], holder="alpha", at_s=now_s, lease_s=LEASE_S)
        assert (state is ReplicaState.GONE) == (now_s - moved_s >= LEASE_S)


def test_one_that_withdrew_is_known_no_more() -> None:
    known = replicas_seen.seen((), [replica("alpha"), replica("beta")], at_s=0.0)

    known = replicas_seen.seen(known, [replica("alpha")], at_s=1.0)

    assert [one.replica.name for one in known] == ["alpha"]


def test_who_is_unheard_of_is_told_by_the_time_of_who_reads() -> None:
    days = 86_400.0
    at_first = replicas_seen.seen((), [replica("dead", said_s=3 * days), replica("old")], at_s=0)
    later = [replica("dead", said_s=3 * days), replica("old", said_s=-3 * days)]
    known = replicas_seen.seen(at_first, later, at_s=days)

    assert replicas_seen.unheard(known, at_s=days, for_s=days) == ("dead",)
    assert replicas_seen.unheard(at_first, at_s=days - 1, for_s=days) == ()

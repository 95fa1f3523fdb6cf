"""Replicas are listed with who works, since when and until when; a daemon alone has none."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.model.replica import ReplicaStanding, ReplicaState
from tests.store.build import AT
from tests.web.support.serving import operators

PATH = "/api/v1/replicas"
ALPHA = ReplicaStanding(
    name="alpha",
    url="https://alpha.example",
    public_url="https://alpha.example/public",
    version="1",
    state=ReplicaState.WORKS,
    seen_at=AT,
    since=AT - timedelta(hours=1),
    lease_until=AT + timedelta(seconds=12),
)
BETA = ReplicaStanding(
    name="beta", url="", public_url="", version="1", state=ReplicaState.GONE, seen_at=AT
)


async def test_a_daemon_alone_has_no_replicas() -> None:
    async with operators() as served:
        answer = await served.client.get(PATH, role="Office")

    assert (answer.status, answer.json) == (200, {"items": [], "next_cursor": None})


async def test_each_replica_is_listed_with_how_it_stands() -> None:
    async with operators() as served:
        served.desk.operations.replicas = lambda: (ALPHA, BETA)
        alpha, beta = (await served.client.get(PATH, role="Office")).json["items"]

    assert (alpha["name"], alpha["works"], alpha["state"]) == ("alpha", True, "works")
    assert (alpha["url"], alpha["since"] < alpha["lease_until"]) == ("https://alpha.example", True)
    assert (beta["works"], beta["state"], beta["since"]) == (False, "gone", None)

"""Replicas are listed with who works; a daemon alone has none."""

from __future__ import annotations

from syncd.domain.model.replica import Replica
from syncd.domain.rules.site_lease import LeaseRow
from syncd.store import leases
from tests.store.build import AT
from tests.web.support.serving import operators

PATH = "/api/v1/replicas"
NEVER = LeaseRow(holder=None, fence=0, renewals=0, lease_s=0.0)


async def test_a_daemon_alone_has_no_replicas() -> None:
    async with operators() as served:
        answer = await served.client.get(PATH, role="Office")

    assert (answer.status, answer.json) == (200, {"items": [], "next_cursor": None})


async def test_each_replica_is_listed_and_one_works() -> None:
    async with operators() as served:
        store = served.desk.store
        for name in ("beta", "alpha"):
            url = f"https://{name}.example"
            await store.run(
                leases.announce(
                    Replica(name=name, url=url, public_url=url, version="1", seen_at=AT)
                )
            )
        await store.run(leases.take("alpha", NEVER, lease_s=15.0))
        answer = await served.client.get(PATH, role="Office")

    assert [(one["name"], one["works"]) for one in answer.json["items"]] == [
        ("alpha", True),
        ("beta", False),
    ]
    assert answer.json["items"][0]["url"] == "https://alpha.example"

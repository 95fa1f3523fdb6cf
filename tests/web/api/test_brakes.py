"""R48: everybody sees halted brakes, a Super User releases one, bound to what was seen."""

from __future__ import annotations

from tests.engine.support.braked import halt, widen
from tests.web.support.serving import operators

RELEASE = "/api/v1/tenants/acme/brakes/release"


async def test_brakes_are_listed_with_what_they_would_have_done() -> None:
    async with operators() as served:
        await halt(served.desk)
        answer = (await served.client.get("/api/v1/brakes", role="Office")).json
        tenant = (await served.client.get("/api/v1/tenants/acme")).json

        (brake,) = answer["items"]
        assert (brake["tenant"], brake["kind"]) == ("acme", "voids")
        assert (brake["documents"], brake["waiting"]) == (2, 3)
        assert brake["sample"][0] == {
            "id": "a",
            "number": "A",
            "step": "void",
            "xero_invoice_id": "x-a",
            "amount": 115.0,
            "currency": "NZD",
        }
        assert brake["limits"] == {"voids": 20, "window_s": 3600, "money": None}
        assert tenant["halted"] == brake["text"] == "Too many voids."


async def test_all_that_is_held_is_paged_once_each() -> None:
    async with operators() as served:
        path = "/api/v1/tenants/acme/brakes/documents"
        before = (await served.client.get(path, role="Office")).json
        await halt(served.desk)
        await widen(served.desk)

        seen, cursor = list[str](), ""
        while cursor is not None:
            page = (await served.client.get(f"{path}?limit=1&cursor={cursor}")).json
            seen += [one["number"] for one in page["items"]]
            cursor = page["next_cursor"]
        brake = (await served.client.get("/api/v1/brakes")).json["items"][0]

        assert before == {"items": [], "next_cursor": None, "seen": None}
        assert seen == sorted(seen)
        assert len(set(seen)) == len(seen) == brake["documents"]
        assert page["seen"] == brake["seen"]


async def test_a_release_is_bound_to_what_was_seen() -> None:
    async with operators() as served:
        await halt(served.desk)
        seen = (await served.client.get("/api/v1/brakes")).json["items"][0]["seen"]
        await widen(served.desk)
        stale = await served.client.post(RELEASE, {"seen": seen})
        seen = (await served.client.get("/api/v1/brakes")).json["items"][0]["seen"]
        fresh = await served.client.post(RELEASE, {"seen": seen})
        again = await served.client.post(RELEASE, {"seen": seen})

        assert stale.status == 409
        assert seen in stale.json["detail"]
        assert (fresh.status, fresh.json["released"]) == (200, 3)
        assert again.status == 409


async def test_only_a_super_user_releases() -> None:
    async with operators() as served:
        answer = await served.client.post(RELEASE, {"seen": ""}, role="Admin")

        assert answer.status == 403

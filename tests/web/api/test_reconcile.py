"""Findings are listed with their age; a round is ordered once, then asked for by its ticket."""

from __future__ import annotations

from typing import Any

from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.store import findings, sweeps
from tests.engine.support.operating import SYNCED
from tests.store.build import ACME, AT, later
from tests.web.support.serving import Served, operators

FOUND = [
    Found(kind=FindingKind.CONTACTS_MERGED, key=f"c{index}", label=f"C{index}", text="merged")
    for index in range(3)
]


async def _seed(served: Served) -> None:
    await served.desk.store.run(findings.open_(ACME, FOUND, AT))


async def test_findings_are_listed_by_kind_page_by_page() -> None:
    async with operators() as served:
        await _seed(served)
        seen: list[Any] = []
        query = "?kind=contacts_merged&limit=2"
        first = (await served.client.get(f"/api/v1/tenants/acme/findings{query}")).json
        seen += first["items"]
        query += f"&cursor={first['next_cursor']}"
        second = (await served.client.get(f"/api/v1/tenants/acme/findings{query}")).json
        seen += second["items"]

        assert [one["id"] for one in seen] == ["c0", "c1", "c2"]
        assert second["next_cursor"] is None
        assert seen[0]["opened_at"] == "2026-11-22T12:00:00Z"


async def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    async with operators() as served:
        answer = await served.client.get("/api/v1/tenants/acme/findings?kind=strange")

        assert answer.status == 400
        assert "missed_webhook" in answer.json["detail"]


async def test_a_round_is_ordered_once_and_complete_when_its_sweeps_have_ended() -> None:
    async with operators() as served:
        path = "/api/v1/tenants/acme/reconcile"
        first = (await served.client.post(path, {"full": True}, role="Admin")).json
        assert first["complete"] is False

        for task in (Task.INVOICES, Task.CONTACTS, Task.FULL):
            await served.desk.store.run(sweeps.remember(ACME, task, None, began=1, ended_at=AT))
        again = (await served.client.post(path, {"ticket": first["ticket"]})).json

        assert again["complete"] is True
        standings = await served.desk.store.fetch(sweeps.tasks(ACME))
        assert {one.progress.wanted_seq for one in standings} == {1}


async def test_a_round_of_a_tenant_without_connection_is_refused_with_what_to_press() -> None:
    async with operators() as served:
        served.desk.column.state = ConnectionState.NOT_CONNECTED
        answer = await served.client.post("/api/v1/tenants/acme/reconcile", {})

        assert answer.status == 409
        assert "Connect to Xero" in answer.json["detail"]


async def test_what_is_no_ticket_is_refused() -> None:
    async with operators() as served:
        answer = await served.client.post("/api/v1/tenants/acme/reconcile", {"ticket": "tea"})

        assert answer.status == 400


async def test_a_finding_has_its_ids_on_both_sides() -> None:
    async with operators() as served:
        await served.desk.seed({"a": SYNCED})
        await served.desk.link("a")
        kinds = {FindingKind.PAID_UNPAID_MISMATCH: "a", FindingKind.EXTRA: "x-9"}
        kinds[FindingKind.MISSED_WEBHOOK] = "webhooks"
        found = [Found(kind=kind, key=key, label="A", text="so") for kind, key in kinds.items()]
        await served.desk.store.run(findings.open_(ACME, found, AT))

        items = (await served.client.get("/api/v1/tenants/acme/findings")).json["items"]

        about = {
            one["kind"]: (one["object_type"], one["pipeline_id"], one["xero_id"]) for one in items
        }
        assert about == {
            "extra": ("invoice", None, "x-9"),
            "missed_webhook": (None, None, None),
            "paid_unpaid_mismatch": ("invoice", "a", "x-a"),
        }


async def test_what_went_lately_is_listed_the_last_first() -> None:
    async with operators() as served:
        await _seed(served)
        for number, key in enumerate(("c1", "c0")):
            gone = findings.close(ACME, FindingKind.CONTACTS_MERGED, [key], later(number + 1))
            await served.desk.store.run(gone)

        path = "/api/v1/tenants/acme/findings?closed=1"
        closed = (await served.client.get(path)).json["items"]
        none = (await served.client.get(f"{path}&kind=missing")).json["items"]

        assert [(one["id"], one["object_type"]) for one in closed] == [
            ("c0", "customer"),
            ("c1", "customer"),
        ]
        assert closed[0]["closed_at"] == "2026-11-22T12:00:02Z"
        assert none == []

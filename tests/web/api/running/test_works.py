"""Slow work over real HTTP: ordered with 202, looked at, and its result kept by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from syncd.domain.rules.tenant.connection import ConnectionState
from tests.web.support.serving import Served, operators

TENANT = "/api/v1/tenants/acme"


@asynccontextmanager
async def working() -> AsyncIterator[Served]:
    async with operators() as served, anyio.create_task_group() as group:
        works = served.desk.operations.orders.works
        await group.start(lambda *, task_status: works.run(task_status=task_status))
        yield served
        works.stop()


async def ended(served: Served, job: Any) -> Any:
    with anyio.fail_after(10):
        while True:
            found = (await served.client.get(f"{TENANT}/jobs/{job['id']}", role="Office")).json
            if found["state"] != "running":
                return found


async def test_an_order_that_cannot_be_carried_out_says_what_to_press() -> None:
    async with working() as served:
        served.desk.column.state = ConnectionState.NOT_CONNECTED
        jobs = []
        for kind in ("plan", "report"):
            ordered = await served.client.post(
                f"{TENANT}/jobs/{kind}", {} if kind == "plan" else None
            )
            jobs.append(await ended(served, ordered.json))
        newest = (await served.client.get(f"{TENANT}/jobs")).json["items"]

    assert {one["state"] for one in jobs} == {"failed"}
    assert all("Connect to Xero" in one["text"] for one in jobs)
    assert [one["kind"] for one in newest] == ["report", "plan"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "jobs/77", None),
        ("GET", "jobs/x", None),
        ("GET", "plans/abc", None),
        ("GET", "reports/sha256:0", None),
        ("POST", "reports/sha256:0/review", None),
        ("POST", "jobs/apply", {"hash": "abc"}),
    ],
)
async def test_what_is_not_kept_is_not_there(
    served: Served, method: str, path: str, body: object
) -> None:
    answer = await served.client.call(method, f"{TENANT}/{path}", json=body)

    assert answer.status == 404
    assert "kept" in answer.json["detail"]


async def test_the_chain_is_checked_and_webhooks_are_replayed_to_their_end() -> None:
    async with working() as served:
        await served.client.post(f"{TENANT}/invoices/retry", {"reason": "refused"})
        check = await served.client.post(f"{TENANT}/jobs/check", role="Admin")
        since = {"since": "2026-11-22T08:00:00Z"}
        replay = await served.client.post(f"{TENANT}/jobs/replay", since)
        checked, replayed = await ended(served, check.json), await ended(served, replay.json)
        odd = await served.client.post(f"{TENANT}/jobs/replay", {"since": "soon"})
        head = (await served.client.get("/api/v1/journal/verify")).json["head"]

    assert (check.status, replay.status, odd.status) == (202, 202, 400)
    assert (checked["kind"], checked["state"], checked["result"]) == ("check", "done", head)
    assert checked["text"] == "Its one entry is what was written."
    assert (replayed["kind"], replayed["state"], replayed["result"]) == ("replay", "done", "0")


async def test_roles_are_those_of_the_table(served: Served) -> None:
    for path, role in (
        ("plan", "Office"),
        ("report", "Office"),
        ("apply", "Admin"),
        ("check", "Office"),
        ("replay", "Admin"),
    ):
        answer = await served.client.post(f"{TENANT}/jobs/{path}", {"hash": "abc"}, role=role)
        assert answer.status == 403

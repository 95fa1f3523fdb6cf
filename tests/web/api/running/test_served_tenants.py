"""Tenants over real HTTP: added with what was given, removed, or refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.domain.ids import TenantId
from syncd.engine.core.tenant_keeping import TenantRefusal
from syncd.store import tenants
from tests.web.support.serving import operators

TENANTS = "/api/v1/tenants"
GIVEN: dict[str, Any] = {
    "id": "gamma",
    "pipeline_url": "https://p.example.com/api/v1",
    "pipeline_key": "k",
    "invoice_url": "https://p.example.com/{id}",
    "start_date": "2026-01-31",
    "totals_tolerance": 0.05,
    "cost_codes": {"LAB": {"account": "200"}},
}

OF_GAMMA = {key: value for key, value in GIVEN.items() if key != "id"}


async def test_added_tenant_is_answered_with_its_card_and_removed_by_its_name() -> None:
    async with operators() as served:
        await served.desk.store.run(tenants.ensure([TenantId("gamma")]))
        added = await served.client.post(TENANTS, GIVEN)
        removed = await served.client.call("DELETE", f"{TENANTS}/gamma")
        gone = await served.client.call("DELETE", f"{TENANTS}/gamma")

    (name, given, _), (of, nothing, _) = served.desk.keeping.ordered
    assert (added.status, added.json["id"], added.json["named_in"]) == (201, "gamma", "store")
    assert added.json["message"] == "gamma: said so"
    assert (name, given) == ("gamma", OF_GAMMA | {"totals_tolerance": "0.05"})
    assert (removed.status, removed.json) == (200, {"id": "gamma", "message": "gamma: said so"})
    assert (of, nothing, gone.status) == ("gamma", {}, 404)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (TenantRefusal.NOT_UNDERSTOOD, 400),
        (TenantRefusal.NOT_POSSIBLE, 409),
        (TenantRefusal.NOT_NOW, 503),
    ],
)
async def test_refusal_is_a_problem_with_its_words(refusal: TenantRefusal, status: int) -> None:
    async with operators() as served:
        served.desk.keeping.refusal = refusal
        added = await served.client.post(TENANTS, GIVEN)
        removed = await served.client.call("DELETE", f"{TENANTS}/acme")

    assert (added.status, removed.status) == (status, status)
    assert added.json["detail"] == "gamma: said so"


@pytest.mark.parametrize(
    "body",
    [{}, {"id": 5}, {**GIVEN, "pipline_key": "s3cret"}, {**GIVEN, "start_date": "yesterday"}],
)
async def test_body_of_another_shape_is_refused_and_no_secret_said(body: dict[str, Any]) -> None:
    async with operators() as served:
        answer = await served.client.post(TENANTS, body)

    assert answer.status == 400
    assert "s3cret" not in answer.json["detail"]
    assert served.desk.keeping.ordered == []


@pytest.mark.parametrize("role", ["Admin", "Office"])
async def test_only_a_super_user_adds_and_removes(role: str) -> None:
    async with operators() as served:
        added = await served.client.post(TENANTS, GIVEN, role=role)
        removed = await served.client.call("DELETE", f"{TENANTS}/acme", role=role)

    assert (added.status, removed.status) == (403, 403)
    assert served.desk.keeping.ordered == []

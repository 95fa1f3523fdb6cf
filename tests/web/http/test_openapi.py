"""The description says what is there: no more, no less."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.job import PublicState
from syncd.domain.model.planned import Plan
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.operator.resolve import Resolved, ResolveService
from syncd.engine.plans.service import PlanService
from syncd.store import kept_files, tenants
from syncd.store.unit_of_work import Transaction
from syncd.web.api import resolve, shapes
from syncd.web.api.application import endpoints
from syncd.web.api.journal import EraseWanted
from syncd.web.api.running import webhooks
from syncd.web.api.running.served_tenants import TenantWanted
from syncd.web.api.running.works import ApplyWanted
from syncd.web.http.guard import OPEN_PATHS
from tests.engine.support.braked import halt_alone
from tests.engine.support.operating import OUT_OF_SYNC, differing
from tests.store.build import ACME, AT
from tests.web.api import test_plans
from tests.web.api.test_resolve import Decided
from tests.web.support.serving import Served

BODIES: dict[type[msgspec.Struct] | None, dict[str, Any]] = {
    TenantWanted: {"id": "gamma"},
    EraseWanted: {"customer": "c1"},
    ApplyWanted: {"hash": "kept"},
    Plan: test_plans.BODY,
    webhooks.ReplayWanted: {"since": "2026-11-22T08:00:00Z"},
    resolve.ResolveWanted: {"take": "xero", "seen": "s"},
    shapes.RetryWanted: {"reason": "refused"},
    shapes.ModeWanted: {"mode": "live"},
    shapes.LinkWanted: {"contact_id": "7a2b9f7c-0d9e-4c55-9a55-2f0d0a5a1b11"},
    shapes.ContactWanted: {"company_name": "Ada Ltd"},
}


@pytest.fixture
async def document(served: Served) -> Any:
    return (await served.client.get("/openapi.json", role=None)).json


async def test_every_route_is_described_and_every_description_is_a_route(
    served: Served, document: Any
) -> None:
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }

    assert document["openapi"] == "3.1.0"
    assert described == {(one.method, one.path) for one in endpoints(served.desk.operations)}
    assert not described & {("GET", path) for path in OPEN_PATHS}


async def test_every_reference_leads_to_a_schema(document: Any) -> None:
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.extend(value for key, value in node.items() if key == "$ref")
            node = list(node.values())
        if isinstance(node, list):
            for each in node:
                walk(each)

    walk(document)

    names = {reference.removeprefix("#/components/schemas/") for reference in found}
    assert names == set(document["components"]["schemas"])


async def test_filters_name_their_allowed_words(document: Any) -> None:
    operation = document["paths"]["/api/v1/tenants/{tenant}/invoices"]["get"]
    by_name = {each["name"]: each for each in operation["parameters"]}

    assert by_name["state"]["schema"]["enum"] == [str(state) for state in PublicState]
    assert by_name["tenant"]["in"] == "path"


async def test_amounts_are_described_as_numbers(document: Any) -> None:
    line = document["components"]["schemas"]["PipelineLine"]["properties"]

    assert line["quantity"]["type"] == "number"
    assert "format" not in line["quantity"]
    assert {"type": "number"} in line["taxRate"]["anyOf"]


async def keep(served: Served) -> str:
    """A plan and a report are kept; the report's digest."""
    report = await served.client.get("/api/v1/tenants/acme/report")
    digest = str(report.json["digest"])
    plan = msgspec.json.encode(test_plans.BODY)
    tx = Transaction()
    tx.add_all(kept_files.put_plan(ACME, "kept", plan, at=AT, who="Ada"))
    tx.add_all(kept_files.put_report(ACME, digest, report.body, at=AT, who="Ada", ties_out=True))
    await served.desk.store.commit(tx)
    return digest


async def test_answers_are_exactly_what_is_described(served: Served) -> None:
    await served.desk.seed({"a": OUT_OF_SYNC})
    await served.desk.link("a", result=differing("a"))
    await served.desk.seed_customer("c1")
    await halt_alone(served.desk)
    served.desk.operations.resolutions = cast("ResolveService", Decided(Resolved()))
    served.desk.operations.plans = cast("PlanService", test_plans.Asked())
    digest = await keep(served)
    await served.desk.store.run(tenants.ensure([TenantId("gamma")]))
    names = {"invoice": "a", "customer": "c1", "number": "Z", "job": "1"}

    for one in endpoints(served.desk.operations):
        served.desk.column.state = ConnectionState.CONNECTED  # also behind a Disconnect
        tenant = "gamma" if one.name == "removeTenant" else "acme"
        path = one.path.format(tenant=tenant, hash="kept", digest=digest, **names)
        body = BODIES.get(one.body)
        if one.name == "releaseBrake":
            (brake,) = await served.desk.operations.brakes.halted()
            body = {"seen": brake.seen}
        answer = await served.client.call(one.method, path, json=body)

        assert answer.status == one.status, one.name
        value = msgspec.json.decode(answer.body, type=one.answers)
        # A field the class does not know would be lost on the way back.
        again = msgspec.json.Encoder(decimal_format="number").encode(value)
        assert again == answer.body, one.name

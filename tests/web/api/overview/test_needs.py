"""Needs over real HTTP: by cause, with what to press and the role it takes."""

from __future__ import annotations

from syncd.domain.model.finding import FindingKind, Found
from syncd.store import findings
from tests.engine.operator.test_needs import NO_ACCOUNT, UNMAPPED
from tests.store.build import ACME, AT
from tests.web.support.serving import Served


async def test_needs_are_listed_by_cause_with_their_actions(served: Served) -> None:
    await served.desk.seed({"a": NO_ACCOUNT, "b": NO_ACCOUNT, "c": UNMAPPED})

    answer = await served.client.get("/api/v1/tenants/acme/needs", role="Office")

    paint, customer = answer.json["items"]
    assert paint["cause"] == {
        "kind": "cost_code", "name": "PAINT", "id": "PAINT", "filter": "cost_code:PAINT",
    }  # fmt: skip
    assert (paint["state"], paint["reason_code"], paint["invoices"]) == (
        "waiting", "account_unmapped", 2,
    )  # fmt: skip
    assert paint["example"] == {"id": "a", "label": "A", "text": "map it"}
    assert paint["actions"] == [
        {"label": "Show what to set", "operation": None, "role": None, "place": "configuration"}
    ]
    assert [(one["operation"], one["role"]) for one in customer["actions"]] == [
        ("createContact", "Admin"),
        ("linkContact", "Super User"),
    ]


async def test_needs_of_a_stranger_are_not_there(served: Served) -> None:
    assert (await served.client.get("/api/v1/tenants/stranger/needs")).status == 404


async def test_a_finding_that_wants_a_person_is_one_of_them(served: Served) -> None:
    seen = Found(
        kind=FindingKind.DUPLICATE_SUSPECTED, key="x1", label="INV-9", text="Void one of the two."
    )
    await served.desk.store.run(findings.open_(ACME, [seen], AT))

    (need,) = (await served.client.get("/api/v1/tenants/acme/needs", role="Office")).json["items"]

    assert (need["state"], need["finding"], need["findings"]) == (None, "duplicate_suspected", 1)
    assert need["example"] == {"id": "x1", "label": "INV-9", "text": "Void one of the two."}
    assert [one["operation"] for one in need["actions"]] == ["listFindings"]

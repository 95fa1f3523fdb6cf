from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User

PAYMENT = "3f0f0e6c-3f7f-4f9a-8a27-0a6b3f3f3f3f"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def put(ask: Any, *items: Any) -> list[dict[str, Any]]:
    status, body = ask("POST", "/sync-results", body={"results": items})
    assert status == 200
    assert [answer.pop("index") for answer in body["results"]] == list(range(len(items)))
    return list(body["results"])


def of_invoice(invoice: str, revision: int, **more: Any) -> dict[str, Any]:
    return {"kind": "invoice", "id": invoice, "revision": revision, "state": "synced", **more}


def of_customer(customer: str, revision: int, **more: Any) -> dict[str, Any]:
    return {"kind": "customer", "id": customer, "revision": revision, "state": "synced", **more}


def test_first_result_is_stored_and_stands(ask: Any, world: PipelineWorld, invoice: str) -> None:
    item = of_invoice(invoice, 5, amountDue=10.5, unknownField={"x": 1})
    assert put(ask, item) == [{"outcome": "stored", "revision": 5}]
    stands = world.dump()["tenants"]["demo"]["results"]["invoice"][invoice]
    assert (stands["amountDue"], stands["state"]) == ("10.5", "synced")
    assert "unknownField" not in stands


def test_older_revision_is_stale_and_changes_nothing(
    ask: Any, world: PipelineWorld, invoice: str
) -> None:
    put(ask, of_invoice(invoice, 5))
    assert put(ask, of_invoice(invoice, 4, state="failed")) == [{"outcome": "stale", "revision": 5}]
    results = world.dump()["tenants"]["demo"]["results"]
    assert results["invoice"][invoice]["state"] == "synced"


def test_equal_revision_is_unchanged_only_with_the_same_content(ask: Any, invoice: str) -> None:
    put(ask, of_invoice(invoice, 5, amountDue=10, reasonCode=None))
    same = {"outcome": "unchanged", "revision": 5}
    assert put(ask, of_invoice(invoice, 5, amountDue=10.00)) == [same]
    assert put(ask, of_invoice(invoice, 5, amountDue=11))[0]["outcome"] == "stale"


def test_higher_revision_with_the_same_content_is_unchanged_and_stands(
    ask: Any, invoice: str
) -> None:
    put(ask, of_invoice(invoice, 5, asOf="2026-11-22T00:00:00Z"))
    newer = of_invoice(invoice, 9, asOf="2026-11-22T01:00:00Z")
    assert put(ask, newer) == [{"outcome": "unchanged", "revision": 9}]
    assert put(ask, of_invoice(invoice, 8, state="failed"))[0] == {
        "outcome": "stale",
        "revision": 9,
    }


def test_higher_revision_with_other_content_is_stored(ask: Any, invoice: str) -> None:
    put(ask, of_invoice(invoice, 5, syncedVersion=1))
    assert put(ask, of_invoice(invoice, 6, syncedVersion=2))[0]["outcome"] == "stored"


def test_unknown_id_is_not_found_and_a_deleted_one_is_stored(
    ask: Any, user: User, invoice: str
) -> None:
    user({"do": "delete", "id": invoice})
    voided = of_invoice(invoice, 1, state="voided", xeroStatus="VOIDED")
    found, missing = put(ask, voided, of_invoice(UNKNOWN, 1))
    assert (found["outcome"], missing["outcome"]) == ("stored", "not_found")


def test_payments_stand_by_their_own_key(ask: Any, world: PipelineWorld, invoice: str) -> None:
    paid = {
        "kind": "payment",
        "id": invoice,
        "paymentId": PAYMENT,
        "revision": 1,
        "type": "Payment",
        "amount": 100.05,
        "paidOn": "2026-11-20",
        "status": "Authorised",
    }
    answers = put(ask, of_invoice(invoice, 9), paid, {**paid, "revision": 2, "status": "Deleted"})
    assert [answer["outcome"] for answer in answers] == ["stored"] * 3
    stands = world.dump()["tenants"]["demo"]["payments"][invoice][PAYMENT]
    assert (stands["amount"], stands["status"], stands["revision"]) == ("100.05", "Deleted", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "paid"},
        {"revision": "5"},
        {"revision": True},
        {"amountPaid": "10.00"},
        {"amountPaid": 0.00001},
        {"reasonCode": "because"},
        {"reason": None},
        {"fullyPaidOn": "2026-13-01"},
        {"asOf": "2026-11-22T00:00:00+13:00"},
        {"xeroInvoiceId": "not a uuid"},
        {"differences": [{"pipeline": 1}]},
        {"kind": "quote"},
        {"id": 7},
    ],
)
def test_item_off_the_contract_is_invalid_and_names_the_field(
    ask: Any, invoice: str, wrong: dict[str, Any]
) -> None:
    bad, good = put(ask, of_invoice(invoice, 1) | wrong, of_invoice(invoice, 2))
    assert bad["outcome"] == "invalid"
    assert next(iter(wrong)) in bad["detail"]
    assert good["outcome"] == "stored"


def test_from_xero_refreshes_the_customer_once(ask: Any, customer: str) -> None:
    item = of_customer(customer, 3, basedOnVersion=1, fromXero={"phone": "09 111"})
    assert put(ask, item)[0]["outcome"] == "stored"
    assert put(ask, item)[0]["outcome"] == "unchanged"
    assert put(ask, {**item, "revision": 4})[0]["outcome"] == "unchanged"
    _, page = ask("GET", "/changes")
    assert [(entry["version"], entry["by"]) for entry in page["changes"]][1:] == [(2, "syncd")]
    assert page["changes"][-1]["data"]["phone"] == "09 111"
    assert page["changes"][-1]["data"]["email"] == "a@b.nz"


def test_from_xero_on_a_newer_customer_conflicts_and_the_rest_is_stored(
    ask: Any, world: PipelineWorld, user: User, customer: str
) -> None:
    user({"do": "edit_customer", "id": customer, "set": {"phone": "09 222"}})
    item = of_customer(customer, 3, basedOnVersion=1, fromXero={"phone": "09 111"})
    assert put(ask, item)[0]["outcome"] == "conflict"
    assert put(ask, item)[0]["outcome"] == "conflict"
    books = world.dump()["tenants"]["demo"]
    assert books["customers"][customer]["phone"] == "09 222"
    assert books["results"]["customer"][customer]["state"] == "synced"
    rebased = {**item, "revision": 4, "basedOnVersion": 2}
    assert put(ask, rebased)[0]["outcome"] == "stored"
    assert world.dump()["tenants"]["demo"]["customers"][customer]["version"] == 3


def test_from_xero_needs_the_version_it_was_compared_with(ask: Any, customer: str) -> None:
    answer = put(ask, of_customer(customer, 1, fromXero={"phone": "1"}))[0]
    assert answer["outcome"] == "invalid"
    assert "basedOnVersion" in answer["detail"]


def test_results_appear_nowhere_in_the_feed(ask: Any, invoice: str) -> None:
    _, before = ask("GET", "/changes")
    put(ask, of_invoice(invoice, 1))
    assert ask("GET", "/changes")[1] == before


def test_batch_over_200_is_400_and_stores_nothing(
    ask: Any, world: PipelineWorld, invoice: str
) -> None:
    body = {"results": [of_invoice(invoice, at) for at in range(201)]}
    assert ask("POST", "/sync-results", body=body)[0] == 400
    assert world.dump()["tenants"]["demo"]["results"]["invoice"] == {}


def test_body_that_is_no_batch_is_400(ask: Any) -> None:
    assert ask("POST", "/sync-results", body=b"{")[0] == 400
    assert ask("POST", "/sync-results", body=[])[0] == 400
    assert ask("POST", "/sync-results", body={"results": {}})[0] == 400


def test_body_too_large_is_413(ask: Any, world: PipelineWorld, invoice: str) -> None:
    world.set_switches({"max_body_bytes": 50})
    assert ask("POST", "/sync-results", body={"results": [of_invoice(invoice, 1)]})[0] == 413


def test_results_survive_a_dump_and_load_and_are_unchanged_after(
    ask: Any, world: PipelineWorld, invoice: str
) -> None:
    item = of_invoice(
        invoice, 5, amountDue=1.1, differences=[{"field": "total", "pipeline": 1.1, "xero": 2}]
    )
    put(ask, item)
    dumped = json.loads(json.dumps(world.dump()))
    world.reset()
    world.load(dumped)
    assert world.dump() == dumped
    assert put(ask, item)[0]["outcome"] == "unchanged"

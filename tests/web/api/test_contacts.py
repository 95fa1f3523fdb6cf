"""Customers over real HTTP: one in full, with candidates as objects and what can be pressed."""

from __future__ import annotations

import msgspec

from syncd.domain.model.job import JobState, Reason
from tests.engine.operator.test_contact_details import TWO
from tests.engine.operator.test_needs import UNMAPPED, hold_customer
from tests.web.support.serving import Served

CONTACTS = "/api/v1/tenants/acme/contacts"


async def test_a_customer_in_full_has_every_field(served: Served) -> None:
    await served.desk.seed({"a": UNMAPPED})
    await hold_customer(
        served.desk, JobState.HELD, Reason.CONTACT_UNMAPPED, detail=msgspec.json.encode(TWO)
    )
    await served.desk.link("a")

    found = (await served.client.get(f"{CONTACTS}/c1", role="Office")).json

    assert (found["id"], found["name"], found["state"]) == ("c1", "Kiwi Plumbing", "waiting")
    assert found["particulars"]["city"] == "Ōtautahi"
    first, second = found["candidates"]
    assert (first["contact_id"], first["name"], first["owner"]) == ("x1", "Kiwi Plumbing", None)
    assert first["xero_url"].endswith("/Contacts/View/x1")
    assert (second["status"], second["owner"]) == ("ARCHIVED", "c9")
    assert found["waiting"] == [{"id": "a", "number": "A", "reason_code": "contact_unmapped"}]
    assert found["waiting_invoices"] == 1
    assert [one["operation"] for one in found["actions"]] == ["createContact", "linkContact"]
    assert found["ordered"] is None


async def test_an_unknown_customer_is_not_there(served: Served) -> None:
    answer = await served.client.get(f"{CONTACTS}/stranger")

    assert answer.status == 404
    assert "stranger" in answer.json["detail"]

"""R27, R48: a Super User links a contact and an Admin creates one; both stand in the trail."""

from __future__ import annotations

import pytest

from syncd.store import journal
from tests.store.build import ACME as TENANT
from tests.web.support.serving import Served

CONTACTS = "/api/v1/tenants/acme/contacts"
CONTACT = "7a2b9f7c-0d9e-4c55-9a55-2f0d0a5a1b11"


async def trail(served: Served) -> list[tuple[str, str]]:
    found = await served.desk.store.fetch(journal.of_object(TENANT, "Customer", "c1"))
    return [(one.entry.description, one.entry.who) for one in found]


async def test_link_is_a_super_users_order_and_wakes_the_tenant(served: Served) -> None:
    await served.desk.seed_customer("c1")

    body = {"contact_id": CONTACT.upper()}
    refused = await served.client.post(f"{CONTACTS}/c1/link", body, role="Admin")
    answer = await served.client.post(f"{CONTACTS}/c1/link", body)

    assert refused.status == 403
    assert (answer.status, answer.json["id"], answer.json["state"]) == (200, "c1", "pending")
    assert await trail(served) == [(f"Link to the contact {CONTACT} asked for", "super user")]
    assert served.desk.woken == [TENANT]


@pytest.mark.parametrize("body", [None, {"company_name": "Ada Ltd", "city": "Napier"}])
async def test_create_is_an_admins_order_with_a_body_or_without(
    served: Served, body: dict[str, str] | None
) -> None:
    await served.desk.seed_customer("c1")

    refused = await served.client.post(f"{CONTACTS}/c1/create", body, role="Office")
    answer = await served.client.post(f"{CONTACTS}/c1/create", body, role="Admin")

    assert (refused.status, answer.status) == (403, 200)
    assert await trail(served) == [("Create in Xero & Link asked for", "admin")]


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("c1/link", {"contact_id": "Harbour"}, 400, "uuid"),
        ("c1/link", {"contact_id": "00000000-0000-0000-0000-000000000000"}, 400, "uuid"),
        ("c1/link", {}, 400, "contact_id"),
        ("c9/link", {"contact_id": CONTACT}, 404, "c9"),
        ("c1/create", {"company_name": "  "}, 400, "company_name"),
        ("c1/create", {"company": "x"}, 400, "company"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_by_name(
    served: Served, path: str, body: dict[str, str], status: int, word: str
) -> None:
    await served.desk.seed_customer("c1")

    answer = await served.client.post(f"{CONTACTS}/{path}", body)

    assert answer.status == status
    assert word in answer.json["detail"]
    assert await trail(served) == []

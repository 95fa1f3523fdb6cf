"""The operator API over real HTTP: every documented field, every refusal, every role."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import msgspec
import pytest
from aiohttp import web

from syncd.domain.facts import ServiceFailed
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.rules.tenant.connection import WARNING, ConnectionState
from syncd.web.api import shapes
from syncd.web.api.application import MOST_BODY_BYTES, endpoints, public_application
from tests.engine.support.operating import (
    FAILED,
    OUT_OF_SYNC,
    QUEUED,
    SYNCED,
    UNMAPPED,
    URL,
    differing,
    payment,
)
from tests.web.support.serving import Served, listening

ACME = "/api/v1/tenants/acme"


async def test_tenant_has_every_field_of_the_card(served: Served) -> None:
    await served.desk.seed({"a": QUEUED, "b": SYNCED})

    answer = await served.client.get(ACME, role="Office")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json == {
        "id": "acme",
        "status": "Connected",
        "mode": "live",
        "paused": False,
        "named_in": "configuration",
        "halted": None,
        "organisation": "Demo Company",
        "organisation_id": "o1",
        "connected_at": "2026-11-22T12:00:00Z",
        "warning": WARNING,
        "note": None,
        "token_expires_at": "2026-11-22T12:30:00Z",
        "refresh_token_expires_at": "2027-01-21T12:00:00Z",
        "budget": {
            "minute": 41,
            "minute_limit": 60,
            "minute_free_at": None,
            "day": 4000,
            "day_limit": None,
            "day_free_at": None,
        },
        "backlog": 1,
        "invoices": {str(state): 0 for state in PublicState} | {"pending": 1, "synced": 1},
        "clears_in_s": 0.0,
        "forecast": {"clears_at": "2026-11-22T12:01:00Z", "calls_needed": 2, "held_by": None},
        "troubles": [
            {"kind": "token_expiring", "text": f"{WARNING}.", "since": None, "until": None}
        ],
        "waits_for": None,
        "restore": None,
    }


async def test_tenants_are_listed_as_a_page(served: Served) -> None:
    page = (await served.client.get("/api/v1/tenants")).json

    assert [each["id"] for each in page["items"]] == ["acme", "beta"]
    assert page["next_cursor"] is None


async def test_invoice_in_full_has_every_field(served: Served) -> None:
    await served.desk.seed({"a": OUT_OF_SYNC})
    await served.desk.link("a", result=differing("a"))
    await served.desk.pay("a", payment("a", reference="BANK-7"))
    await served.client.post(f"{ACME}/invoices/a/retry")

    found = (await served.client.get(f"{ACME}/invoices/a", role="Office")).json

    assert {key: found[key] for key in ("id", "number", "state", "xero_invoice_id")} == {
        "id": "a", "number": "A", "state": "pending", "xero_invoice_id": "x-a",
    }  # fmt: skip
    assert (found["xero_status"], found["synced_version"]) == ("AUTHORISED", 1)
    assert found["differences"] == [
        {"field": "total", "pipeline": "115", "xero": "120", "agreed": "100", "moved_by": "both",
         "follows": False}
    ]  # fmt: skip
    assert found["payments"] == [
        {"id": "p1", "type": "Payment", "amount": 40, "currency_code": "NZD",
         "paid_on": "2026-11-22", "reference": "BANK-7", "status": "Authorised"}
    ]  # fmt: skip
    assert len(found["seen"]) == 32
    assert found["xero_url"].endswith("InvoiceID=x-a")
    assert found["sides"]["pipeline"]["customerId"] == "c1"
    assert found["sides"]["pipeline"]["lines"][0]["taxRate"] == 0.15
    assert found["sides"]["agreed_xero"]["lines"][0]["unitAmount"] == "50"
    assert found["history"][0] == {
        "at": "2026-11-22T12:01:00Z",
        "record_type": "Edit",
        "description": "Retry asked for",
        "who": "super user",
    }


async def test_amounts_are_numbers_digit_for_digit(served: Served) -> None:
    await served.desk.seed({"a": SYNCED})

    body = (await served.client.get(f"{ACME}/invoices/a")).body

    assert b'"quantity":2.0000' in body
    assert b'"total":0.23' in body
    full = msgspec.json.decode(body, type=shapes.InvoiceInFull)
    assert full.sides.pipeline is not None
    assert full.sides.pipeline.nett == Decimal("0.20")


async def test_listing_filters_and_pages(served: Served) -> None:
    await served.desk.seed({"a": FAILED, "b": SYNCED, "c": FAILED, "d": UNMAPPED})

    first = (await served.client.get(f"{ACME}/invoices?state=failed&limit=1")).json
    rest = f"{ACME}/invoices?state=failed&limit=1&cursor={first['next_cursor']}"
    second = (await served.client.get(rest)).json
    by_reason = (await served.client.get(f"{ACME}/invoices?reason=account_unmapped")).json
    by_number = (await served.client.get(f"{ACME}/invoices?q=B")).json

    assert [each["number"] for each in first["items"]] == ["A"]
    assert [each["number"] for each in second["items"]] == ["C"]
    assert second["next_cursor"] is None
    assert [each["reason"] for each in by_reason["items"]] == ["map LAB to an account"]
    assert [each["number"] for each in by_number["items"]] == ["B"]


async def test_contacts_are_listed_by_name(served: Served) -> None:
    await served.desk.seed_customer("c1")

    (contact,) = (await served.client.get(f"{ACME}/contacts?q=söhne")).json["items"]

    assert (contact["id"], contact["name"]) == ("c1", "Ada & Söhne")
    assert (contact["state"], contact["xero_contact_id"]) == ("pending", None)


async def test_closed_gate_shows_in_listing_and_invoice(served: Served) -> None:
    await served.desk.seed({"a": QUEUED})
    served.desk.column.state = ConnectionState.TOKEN_EXPIRED

    (row,) = (await served.client.get(f"{ACME}/invoices?state=waiting")).json["items"]
    card = (await served.client.get(ACME)).json

    assert (row["state"], row["reason_code"]) == ("waiting", "token_expired")
    assert row["reason"]
    assert (card["status"], card["clears_in_s"]) == ("TOKEN_EXPIRED", None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=lost", str(PublicState.OUT_OF_SYNC)),
        ("reason=because", str(Reason.CONTACT_UNMAPPED)),
        ("limit=0", "1 to 500"),
        ("limit=many", "1 to 500"),
        ("cursor=%C3%A4", "next_cursor"),
        ("cursor=bm9uc2Vuc2U", "next_cursor"),
        ("colour=red", "state, reason, cause, q, sort, cursor, limit"),
    ],
)
async def test_wrong_parameter_names_what_is_allowed(
    served: Served, query: str, expected: str
) -> None:
    answer = await served.client.get(f"{ACME}/invoices?{query}")

    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert expected in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/tenants/stranger", 404),
        ("GET", f"{ACME}/invoices/nothing", 404),
        ("POST", f"{ACME}/invoices/nothing/retry", 404),
        ("GET", "/api/v2", 404),
        ("PUT", ACME, 405),
    ],
)
async def test_what_is_not_there_is_a_problem(
    served: Served, method: str, path: str, status: int
) -> None:
    answer = await served.client.call(method, path)

    assert (answer.status, answer.json["status"]) == (status, status)
    assert answer.json["detail"]


async def test_unknown_method_says_which_are_known(served: Served) -> None:
    answer = await served.client.call("PUT", ACME)

    assert "GET" in answer.headers["Allow"]


async def test_connect_answers_with_an_absolute_url(served: Served) -> None:
    answer = await served.client.post(f"{ACME}/connect")

    assert answer.status == 200
    assert answer.json == {"url": URL, "expires_at": "2026-11-22T12:10:00Z"}
    assert served.desk.column.pressed == [("connect", "acme", "super user")]


@pytest.mark.parametrize("button", ["refresh", "disconnect"])
async def test_button_answers_with_the_card_and_what_happened(served: Served, button: str) -> None:
    answer = await served.client.post(f"{ACME}/{button}")

    assert answer.status == 200
    assert (answer.json["id"], answer.json["message"]) == ("acme", f"{button}: said so")
    assert served.desk.column.pressed == [(button, "acme", "super user")]


@pytest.mark.parametrize("button", ["refresh", "disconnect"])
async def test_button_that_did_nothing_says_why(served: Served, button: str) -> None:
    served.desk.column.is_willing = False

    answer = await served.client.post(f"{ACME}/{button}")

    assert (answer.status, answer.json["detail"]) == (409, f"{button}: said so")


async def test_retry_by_reason_says_how_many(served: Served) -> None:
    await served.desk.seed({"a": FAILED, "b": FAILED, "c": UNMAPPED})

    answer = await served.client.post(f"{ACME}/invoices/retry", {"reason": "refused"}, role="Admin")

    assert (answer.status, answer.json) == (200, {"released": 2})


@pytest.mark.parametrize(
    "body", [None, {}, {"reason": 7}, {"reason": "why"}, {"reason": "refused", "x": 1}]
)
async def test_wrong_body_is_refused_and_releases_nothing(served: Served, body: Any) -> None:
    await served.desk.seed({"a": FAILED})

    answer = await served.client.post(f"{ACME}/invoices/retry", body)

    assert answer.status == 400
    assert "reason" in answer.json["detail"]
    assert served.desk.woken == []


async def test_every_operation_refuses_roles_below_its_own(served: Served) -> None:
    for one in endpoints(served.desk.operations):
        names = {"invoice": "a", "customer": "c1", "number": "Z", "job": "1"}
        path = one.path.format(tenant="acme", hash="h", digest="d", **names)
        for role in ("Office", "Admin"):
            answer = await served.client.call(one.method, path, role=role)
            is_refused = answer.status == 403
            assert is_refused == ((role == "Office" and one.role > 1) or one.role > 2), one.name
        assert (await served.client.call(one.method, path, role=None)).status == 401


async def test_body_above_the_limit_is_refused(served: Served) -> None:
    answer = await served.client.call(
        "POST", f"{ACME}/invoices/retry", data=b"x" * (MOST_BODY_BYTES + 1)
    )

    assert answer.status == 413


async def test_our_own_mistake_is_told_and_not_shown(served: Served) -> None:
    def broken(_: object) -> None:
        message = "secret inner words"
        raise RuntimeError(message)

    served.desk.column.card = broken  # type: ignore[assignment,method-assign]  (a bug on purpose)

    answer = await served.client.get(ACME)

    assert answer.status == 500
    assert b"secret" not in answer.body
    (fact,) = served.desk.told
    assert isinstance(fact, ServiceFailed)
    assert (fact.service, "secret inner words" in fact.error) == ("api", True)


async def test_public_listener_serves_nothing_of_the_operators(served: Served) -> None:
    async with listening(public_application([], observe=served.desk.told.append)) as outside:
        for path in ("/", ACME, "/livez", "/metrics", "/openapi.json"):
            answer = await outside.get(path)
            assert answer.status == 404, path
            assert answer.headers["Server"] == "syncd"


async def test_public_listener_refuses_a_body_above_one_mebibyte(served: Served) -> None:
    async def taken(_: web.Request) -> web.Response:
        return web.Response(status=204)

    app = public_application([web.post("/webhooks/xero", taken)], observe=served.desk.told.append)
    async with listening(app) as outside:
        within = await outside.call("POST", "/webhooks/xero", data=BytesIO(b"x" * 2**20))
        above = await outside.call("POST", "/webhooks/xero", data=BytesIO(b"x" * (2**20 + 1)))

    assert (within.status, above.status) == (204, 413)


async def test_a_number_no_listing_has_is_explained(served: Served) -> None:
    answer = await served.client.get(f"{ACME}/numbers/PL%2F9", role="Office")

    assert (answer.status, answer.json["number"], answer.json["id"]) == (200, "PL/9", None)
    assert "has told of no invoice PL/9" in answer.json["text"]


async def test_a_row_says_whose_it_is_how_much_and_what_to_press(served: Served) -> None:
    await served.desk.seed_customer("c1", name="Kiwi Plumbing")
    await served.desk.seed({"a": OUT_OF_SYNC})
    await served.desk.link("a", result=differing("a"))

    answer = await served.client.get(f"{ACME}/invoices", role="Office")

    (row,) = answer.json["items"]
    assert (row["customer"], row["customer_id"], row["invoice_date"]) == (
        "Kiwi Plumbing", "c1", "2026-11-20",
    )  # fmt: skip
    assert b'"total":0.23,"currency":"NZD","amount_due":null' in answer.body
    assert row["seen_at"] == "2026-11-22T12:00:00Z"
    assert [(one["label"], one["role"]) for one in row["actions"]] == [
        ("Take Pipeline", "Admin"),
        ("Take Xero", "Admin"),
    ]


async def test_listing_newest_first_goes_on_by_its_own_cursor(served: Served) -> None:
    await served.desk.seed({"a": SYNCED, "b": FAILED, "c": SYNCED})

    first = (await served.client.get(f"{ACME}/invoices?sort=changed&limit=2")).json
    rest = f"{ACME}/invoices?sort=changed&limit=2&cursor={first['next_cursor']}"
    second = (await served.client.get(rest)).json
    by_number = (await served.client.get(f"{ACME}/invoices?limit=1")).json
    mixed = f"{ACME}/invoices?sort=changed&cursor={by_number['next_cursor']}"
    refused = await served.client.get(mixed)

    assert [row["number"] for row in (*first["items"], *second["items"])] == ["C", "B", "A"]
    assert refused.status == 400
    assert "same order" in refused.json["detail"]


@pytest.mark.parametrize("cause", ["PAINT", "weather:rain", "cost_code:", "cost_code:" + "x" * 600])
async def test_what_is_no_cause_is_refused_with_the_kinds(served: Served, cause: str) -> None:
    answer = await served.client.get(f"{ACME}/invoices?cause={cause}")

    assert answer.status == 400
    assert "cost_code" in answer.json["detail"]

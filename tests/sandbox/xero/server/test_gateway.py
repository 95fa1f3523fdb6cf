"""The door of the API: who gets in, in which order it is checked, what every answer carries."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from syncd.sandbox.http import Request
from tests.sandbox.xero.builders import Client, new_client


def test_expired_token_says_when_it_expired(client: Client) -> None:
    client.time.pass_s(1800)

    answer = client.send("GET", "Organisation")

    problem = json.loads(answer.body)
    assert answer.status == 401
    assert problem["Title"] == "Unauthorized"
    assert problem["Detail"] == "TokenExpired: token expired at 11/22/2026 00:45:00"


def test_missing_scope_is_401_with_a_hint() -> None:
    client = new_client()
    client.connect(scope="offline_access accounting.contacts.read")

    refused = client.send("GET", "Invoices", page=1)
    written = client.send("PUT", "Contacts", {"Name": "A"})

    assert [refused.status, written.status] == [401, 401]
    assert json.loads(refused.body)["Detail"] == "AuthorizationUnsuccessful"
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert client.get("Contacts")["Contacts"] == []


def test_old_broad_scope_covers_what_replaced_it() -> None:
    client = new_client()
    client.connect(scope="offline_access accounting.transactions accounting.contacts")

    assert client.get("Invoices", page=1)["Invoices"] == []
    assert client.get("Payments")["Payments"] == []
    assert client.send("GET", "Organisation").status == 401


@pytest.mark.parametrize(
    ("role", "read", "write"), [("none", 403, 403), ("read_only", 200, 403), ("adviser", 200, 200)]
)
def test_rights_follow_the_user_who_connected(
    client: Client, role: str, read: int, write: int
) -> None:
    client.command("role", role=role)

    assert client.send("GET", "Contacts").status == read
    assert client.send("PUT", "Contacts", {"Name": "A"}).status == write


def test_every_answer_of_a_tenant_carries_what_is_left(client: Client) -> None:
    answers = [client.send("GET", path) for path in ("Organisation", "Invoices/none", "Nonsense")]

    assert [each.headers["X-MinLimit-Remaining"] for each in answers] == ["59", "58", "57"]
    assert answers[0].headers["X-DayLimit-Remaining"] == "4999"
    assert answers[0].headers["X-AppMinLimit-Remaining"] == "9999"
    assert answers[0].headers["Xero-Correlation-Id"]


def test_token_comes_before_tenant_before_rate_before_key_before_content() -> None:
    """Facts §9: the order of checks."""
    client = new_client(minute_limit=1)
    wrong = {"Invoices": [{}]}
    key = {"idempotency-key": "k" * 200}

    no_token = client.send("PUT", "Invoices", wrong, headers={"authorization": "", **key})
    no_tenant = client.send("PUT", "Invoices", wrong, headers={"xero-tenant-id": "", **key})
    bad_key = client.send("PUT", "Invoices", wrong, headers=key)
    too_many = client.send("PUT", "Invoices", wrong, headers=key)

    assert [each.status for each in (no_token, no_tenant, bad_key, too_many)] == [
        401,
        403,
        400,
        429,
    ]
    assert b"Idempotency" in bad_key.body


def test_five_calls_at_a_time_and_the_sixth_is_told(client: Client) -> None:
    request = replace(_request(client), path="/api.xro/2.0/Organisation")

    begun = [client.world.begin(request) for _ in range(6)]
    client.world.end(request)

    assert begun[:5] == [None] * 5
    assert begun[5] is not None
    assert begun[5].status == 429
    assert begun[5].headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in begun[5].headers
    assert client.world.begin(request) is None


def _request(client: Client) -> Request:

    return Request(method="GET", path="/", headers={"xero-tenant-id": client.tenant})


@pytest.mark.parametrize(("path", "status"), [("Invoices", 200), ("Invoices/none", 404)])
def test_every_answer_carries_the_recorded_headers(client: Client, path: str, status: int) -> None:
    """Facts §2.2: on success and refusal alike; never an ETag or a Last-Modified."""
    answer = client.send("GET", path)

    headers = answer.headers
    assert answer.status == status
    assert headers["Xero-Tenant-Id"] == client.tenant
    assert headers["Cache-Control"] == "max-age=0, no-cache, no-store"
    assert (headers["Pragma"], headers["Expires"]) == ("no-cache", headers["Date"])
    assert not {"ETag", "Last-Modified"} & set(headers)
    if status == 200:
        assert headers["Xero-Correlation-Id"] == json.loads(answer.body)["Id"]


@pytest.mark.parametrize(
    ("path", "plural"),
    [
        ("Organisations", "Organisations"),
        ("organisation/", "Organisations"),
        ("Invoice", "Invoices"),
        ("Overpayment", "Overpayments"),
        ("INVOICES/", "Invoices"),
    ],
)
def test_path_may_be_singular_or_plural_in_any_case_with_a_slash_behind(
    client: Client, path: str, plural: str
) -> None:
    """Facts §3.1."""
    assert plural in client.get(path)


def test_call_xero_does_not_have_is_said_not_to_be_implemented(client: Client) -> None:
    answers = [client.send("GET", "User"), client.send("PUT", "Organisation", {})]

    assert [each.status for each in answers] == [501, 501]
    assert [json.loads(each.body)["ErrorNumber"] for each in answers] == [20, 20]


def test_numbers_are_as_short_as_they_can_be_by_a_switch() -> None:
    client = new_client(shortest_numbers=True)
    client.invoice(InvoiceNumber="A")

    body = client.send("GET", "Invoices/A").body.decode()

    assert '"CurrencyRate":1,' in body
    assert '"Quantity":3,' in body
    assert '"SubTotal":360,' in body


@pytest.mark.parametrize(("as_403", "status"), [(False, 401), (True, 403)])
def test_missing_permission_is_told_as_switched(as_403: bool, status: int) -> None:
    client = new_client(missing_scope_is_403=as_403)
    client.connect(scope="offline_access accounting.contacts.read")

    refused = client.send("GET", "Invoices", page=1)

    assert refused.status == status
    assert json.loads(refused.body)["Detail"] == "AuthorizationUnsuccessful"
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]

"""The bytes of a delivery and their signature (facts §6.1, §6.3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from syncd.sandbox.xero.webhooks.body import Delivery, body_of, signature
from tests.sandbox.xero.builders import Client, new_client

URL = "https://sync.example.com/webhooks/xero"


def due(client: Client) -> list[Delivery]:
    return client.world.webhooks.due(client.time.now_s)


def answer(client: Client, deliveries: Sequence[Delivery], status: int | None) -> None:
    for each in deliveries:
        client.world.webhooks.answered(each, status, client.time.now_s)


def validate(client: Client) -> None:
    for each in due(client):
        assert each.is_intent
        answer(client, [each], 200 if each.is_good else 401)
    assert client.world.webhooks.state == "healthy"


def listening(**switches: Any) -> Client:
    client = new_client(**{"webhook_delay_s": 0.0, "limits": False, **switches})
    client.contact("Acme")
    client.world.webhooks.aim(URL)
    validate(client)
    return client


def test_signature_is_the_documents_test_vector() -> None:
    body = (
        b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, '
        b'"entropy": "S0M3R4ND0MT3XTABCDEF"}'
    )

    assert len(body) == 95
    assert (
        signature("emulator-signing-key-0001", body)
        == "XAfLqjunjlPYuaB/2lR8qVWxRAL+dCiTAlQ6fWCtgrc="
    )


def test_event_has_the_documented_keys_and_no_state() -> None:
    client = listening()
    row = client.invoice(InvoiceNumber="A")

    delivery = due(client)[0]

    body = json.loads(delivery.body)
    assert body["events"][0] == {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{row['InvoiceID']}",
        "resourceId": row["InvoiceID"],
        "tenantId": client.tenant,
        "tenantType": "ORGANISATION",
        "eventCategory": "INVOICE",
        "eventType": "CREATE",
        "eventDateUtc": "2026-11-22T00:15:00",
    }
    assert (body["firstEventSequence"], body["lastEventSequence"]) == (1, 1)
    assert delivery.url == URL
    assert delivery.headers["Content-Type"] == "application/json; charset=utf-8"


def test_credits_carry_their_type_and_status() -> None:
    client = listening()
    client.invoice(InvoiceNumber="A")
    answer(client, due(client), 200)

    client.command("credit", invoice="A", amount="10", allocate=False)

    event = json.loads(due(client)[0].body)["events"][0]
    assert event["eventCategory"] == "CREDITNOTE"
    assert event["data"] == {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"}


def test_body_has_the_recorded_line_breaks_and_spaces_or_is_compact_as_switched() -> None:
    """Facts §6.3: on lines in 2020, `},{` between events; compact in 2018."""
    events = [{"resourceId": "1", "eventType": "CREATE"}, {"resourceId": "2"}]

    assert body_of(events, 1, 2, "ABC").decode() == (
        '{"events":[{\n  "resourceId": "1",\n  "eventType": "CREATE"\n},{\n'
        '  "resourceId": "2"\n}],"firstEventSequence": 1,"lastEventSequence": 2, "entropy": "ABC"}'
    )
    assert body_of(events, 1, 2, "ABC", has_line_breaks=False).decode() == (
        '{"events":[{"resourceId":"1","eventType":"CREATE"},{"resourceId":"2"}],'
        '"firstEventSequence": 1,"lastEventSequence": 2, "entropy": "ABC"}'
    )
    assert b"\n" not in _first_body(listening(webhook_line_breaks=False))
    assert b"\n" in _first_body(listening())


def test_event_stands_in_the_recorded_order_of_its_keys() -> None:
    (event,) = json.loads(_first_body(listening()))["events"]

    assert [*event] == [
        *("resourceUrl", "resourceId", "eventDateUtc", "eventType", "eventCategory"),
        *("tenantId", "tenantType"),
    ]


def _first_body(client: Client) -> bytes:
    client.invoice(InvoiceNumber="A")
    return due(client)[0].body

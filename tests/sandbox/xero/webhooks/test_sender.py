"""Webhooks: bytes, signatures, the intent run, retries, what is kept (facts §6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from syncd.sandbox.xero.webhooks.body import Delivery, signature
from tests.sandbox.xero.builders import Client, new_client

URL = "https://sync.example.com/webhooks/xero"
HOUR_S = 3600.0


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


def told(deliveries: Sequence[Delivery]) -> list[tuple[str, str]]:
    return [
        (event["eventCategory"], event["eventType"])
        for each in deliveries
        for event in json.loads(each.body)["events"]
    ]


def test_intent_run_has_good_and_bad_signatures(client: Client) -> None:
    client.world.webhooks.aim(URL)

    run = due(client)

    key = client.world.webhook_key
    rights = [each.headers["x-xero-signature"] == signature(key, each.body) for each in run]
    assert rights == [each.is_good for each in run]
    assert sorted(rights) == [False, False, False, True]
    body = json.loads(run[0].body)
    assert (body["events"], body["firstEventSequence"], len(body["entropy"])) == ([], 0, 20)
    assert b'"firstEventSequence": 0,"last' in run[0].body
    assert due(client) == []


@pytest.mark.parametrize(("good", "bad"), [(200, 200), (401, 401), (500, 401), (None, None)])
def test_receiver_that_judges_wrongly_gets_no_events(good: int | None, bad: int | None) -> None:
    client = new_client(portal_tries_again_s=0.0)
    client.world.webhooks.aim(URL)

    for each in due(client):
        answer(client, [each], good if each.is_good else bad)
    client.contact("Acme")

    assert client.world.webhooks.state == "refused"
    assert due(client) == []


def test_portal_tries_again_and_nothing_is_lost_meanwhile() -> None:
    client = new_client(portal_tries_again_s=5.0)
    client.world.webhooks.aim(URL)
    answer(client, due(client), None)
    client.contact("Acme")
    assert due(client) == []

    client.time.pass_s(5)
    validate(client)

    assert told(due(client)) == [("CONTACT", "CREATE")]


def test_events_of_one_moment_travel_together_and_are_numbered() -> None:
    client = listening()
    for place in range(60):
        client.invoice(InvoiceNumber=f"PL-{place}")

    first = due(client)
    assert due(client) == []
    answer(client, first, 200)
    second = due(client)

    spans = [json.loads(each.body) for each in [*first, *second]]
    assert [(each["firstEventSequence"], each["lastEventSequence"]) for each in spans] == [
        (1, 50),
        (51, 60),
    ]


@pytest.mark.parametrize(
    ("action", "event"),
    [
        ("pay", ("INVOICE", "UPDATE")),
        ("void", ("INVOICE", "UPDATE")),
        ("mail", ("INVOICE", "UPDATE")),
    ],
)
def test_everything_but_creation_is_an_update(action: str, event: tuple[str, str]) -> None:
    client = listening()
    client.invoice(InvoiceNumber="A")
    answer(client, due(client), 200)

    client.command(action, invoice="A")

    assert told(due(client)) == [event]


def test_touchless_edit_is_not_announced() -> None:
    client = listening()
    client.invoice(InvoiceNumber="A")
    answer(client, due(client), 200)

    client.command("touchless_edit", invoice="A", set={"DueDate": "2027-01-01"})

    assert due(client) == []


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, [("INVOICE", "UPDATE")]),
        ({"payment_raises_invoice_event": False}, []),
        ({"payment_events": True}, [("PAYMENT", "CREATE"), ("INVOICE", "UPDATE")]),
    ],
)
def test_payment_is_announced_as_switched(
    switches: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    client = listening(**switches)
    client.invoice(InvoiceNumber="A")
    answer(client, due(client), 200)

    client.command("pay", invoice="A")

    assert told(due(client)) == expected


def test_own_writes_are_silent_as_switched() -> None:
    client = listening(own_writes_raise_events=False)
    client.invoice(InvoiceNumber="A")
    assert due(client) == []

    client.command("mail", invoice="A")
    assert told(due(client)) == [("INVOICE", "UPDATE")]


def test_failed_delivery_is_retried_at_once_then_every_quarter_of_an_hour() -> None:
    client = listening()
    client.invoice(InvoiceNumber="A")
    first = due(client)

    answer(client, first, 500)
    second = due(client)
    assert told(second) == told(first)
    answer(client, second, None)
    client.time.pass_s(899)
    assert due(client) == []
    client.time.pass_s(1)
    third = due(client)
    assert told(third) == told(first)
    answer(client, third, 204)

    assert client.world.webhooks.state == "healthy"
    assert due(client) == []


def test_retry_is_packed_anew_with_what_happened_since() -> None:
    """Facts §6.4: other entropy and signature, the same first number, the new events behind."""
    client = listening()
    client.invoice(InvoiceNumber="A")
    first = due(client)
    client.invoice(InvoiceNumber="B")
    client.time.pass_s(1)

    answer(client, first, 500)
    (again,) = due(client)

    before, after = json.loads(first[0].body), json.loads(again.body)
    assert after["events"][: len(before["events"])] == before["events"]
    assert len(after["events"]) == len(before["events"]) + 1
    assert after["firstEventSequence"] == before["firstEventSequence"]
    assert after["lastEventSequence"] == before["lastEventSequence"] + 1
    assert after["entropy"] != before["entropy"]
    assert again.headers["x-xero-signature"] != first[0].headers["x-xero-signature"]
    assert again.headers["x-xero-signature"] == signature(client.world.webhook_key, again.body)


def test_a_day_of_failures_disables_and_enabling_replays_in_order() -> None:
    client = listening()
    client.invoice(InvoiceNumber="A")
    for _ in range(100):
        answer(client, due(client), 500)
        client.time.pass_s(900)
    client.connect()
    assert client.world.webhooks.state == "disabled"
    client.invoice(InvoiceNumber="B")
    assert due(client) == []

    client.world.webhooks.enable()
    validate(client)

    ids = [client.get(f"Invoices/{key}")["Invoices"][0]["InvoiceID"] for key in "AB"]
    events = json.loads(due(client)[0].body)["events"]
    assert [each["resourceId"] for each in events] == ids


def test_events_are_kept_thirty_one_days() -> None:
    client = listening()
    client.invoice(InvoiceNumber="A")
    answer(client, due(client), 500)
    client.world.webhooks.state = "disabled"
    client.time.pass_s(31 * 24 * HOUR_S + 1)
    client.connect()
    client.invoice(InvoiceNumber="B")

    client.world.webhooks.enable()
    validate(client)

    assert len(told(due(client))) == 1


def test_mischief_is_drawn_from_the_seed() -> None:
    def run(**switches: Any) -> list[Any]:
        client = listening(**switches)
        seen: list[Any] = []
        for place in range(30):
            client.invoice(InvoiceNumber=f"PL-{place}")
            client.time.pass_s(20)
            sent = due(client)
            answer(client, sent, 200)
            seen += [(each.body, each.is_copy) for each in sent]
        return seen

    assert run(webhook_losses=0.5) == run(webhook_losses=0.5)
    assert len(run(webhook_losses=0.5)) < 28
    copies = run(webhook_duplicates=0.5)
    assert any(is_copy for _, is_copy in copies)
    assert {body for body, is_copy in copies if is_copy} <= {
        body for body, is_copy in copies if not is_copy
    }
    strangers = run(webhook_strangers=1.0)
    assert all(b"TIMESHEET" in body for body, _ in strangers)


def test_event_held_back_is_overtaken() -> None:
    client = listening()
    client.world.switches.webhook_reorders = 1.0
    client.invoice(InvoiceNumber="A")
    client.world.switches.webhook_reorders = 0.0
    client.time.pass_s(1)
    client.command("mail", invoice="A")

    early = due(client)
    answer(client, early, 200)
    client.time.pass_s(30)

    assert told(early) == [("INVOICE", "UPDATE")]
    assert told(due(client)) == [("INVOICE", "CREATE")]


def test_tenants_travel_apart_as_switched() -> None:
    client = listening(organisations=2, events_across_tenants=False)
    client.invoice(InvoiceNumber="A")
    client.connect(org=2)
    client.contact("Beta")

    first = due(client)
    answer(client, first, 200)

    assert told(first) == [("INVOICE", "CREATE")]
    assert told(due(client)) == [("CONTACT", "CREATE")]


def test_turning_off_forgets(client: Client) -> None:
    client.world.webhooks.aim(URL)
    client.contact("Acme")
    client.world.webhooks.aim(None)

    assert due(client) == []
    assert client.world.dump()["webhooks"]["state"] == "off"

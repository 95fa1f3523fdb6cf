"""The books as JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.xero.server.app import XeroWorld
from tests.sandbox.xero.builders import Client, line, new_client


def stirred() -> Client:
    client = new_client(organisations=2)
    contact = client.contact("Acme", Phones=[{"PhoneType": "FAX", "PhoneNumber": "1"}])
    client.invoice(InvoiceNumber="A", Contact={"ContactID": contact})
    client.invoice(
        InvoiceNumber="B", LineItems=[line(Tracking=[{"Name": "Region", "Option": "East"}])]
    )
    client.command("pay", invoice="A", amount="10.10")
    client.command("credit", invoice="A", amount="20")
    client.command("void", invoice="B")
    client.command("lock", period="2026-01-31")
    return client


def books(world: XeroWorld) -> dict[str, Any]:
    dumped = json.loads(json.dumps(world.dump()))
    return {name: dumped[name] for name in ("organisations", "grants", "switches")}


def test_dump_survives_json_and_a_new_world() -> None:
    client = stirred()
    dumped = json.loads(json.dumps(client.world.dump()))
    other = XeroWorld(clock=SandboxClock(lambda: client.time.now_s), seed=7)

    other.load(dumped)

    assert books(other) == books(client.world)


def test_loaded_world_knows_tokens_numbers_and_money() -> None:
    client = stirred()
    dumped = client.world.dump()
    client.world.reset()
    assert client.send("GET", "Invoices/A").status == 403

    client.world.load(dumped)

    assert client.get("Invoices/A")["Invoices"][0]["AmountDue"] == 383.9
    refused = client.put("Invoices", client.draft(InvoiceNumber="B"))["Invoices"][0]
    assert refused["StatusAttributeString"] == "ERROR"
    answer = client.token(grant_type="refresh_token", refresh_token=client.refresh)
    assert answer.status == 200


def test_new_documents_after_a_load_have_ids_of_their_own() -> None:
    client = stirred()
    dumped = client.world.dump()
    known = {each["InvoiceID"] for each in dumped["organisations"][0]["invoices"]}

    client.world.load(dumped)

    assert client.invoice(InvoiceNumber="C")["InvoiceID"] not in known


def test_dump_holds_every_status_with_lines_money_and_history() -> None:
    rows = {
        each["InvoiceNumber"]: each
        for each in stirred().world.dump()["organisations"][0]["invoices"]
    }

    assert rows["B"]["Status"] == "VOIDED"
    assert rows["B"]["LineItems"][0]["LineAmount"] == "360.00"
    assert (rows["A"]["Total"], rows["A"]["AmountDue"]) == ("414.00", "383.90")
    assert rows["A"]["Payments"][0]["Amount"] == "10.10"
    assert rows["A"]["Allocations"][0]["Amount"] == "20.00"
    assert [each["what"] for each in rows["A"]["History"]] == ["created", "paid", "allocated"]
    assert [each["who"] for each in rows["A"]["History"]] == ["app"] + ["the bookkeeper"] * 2


def test_dump_of_another_version_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="version"):
        client.world.load({"version": 99})


def test_reset_begins_again_with_the_same_app() -> None:
    client = stirred()
    before = (client.world.client_id, client.world.client_secret, client.world.webhook_key)

    client.world.reset()

    assert (client.world.client_id, client.world.client_secret, client.world.webhook_key) == before
    assert client.world.dump()["organisations"][0]["invoices"] == []
    client.connect()
    assert client.get("Invoices")["Invoices"] == []

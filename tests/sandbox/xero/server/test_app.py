"""The world as one value: it follows from seed, clock and requests, and counts them."""

from __future__ import annotations

import json

from tests.sandbox.xero.builders import Client, new_client


def test_one_seed_gives_one_history() -> None:
    def run() -> bytes:
        client = new_client(seed=11)
        client.invoice(InvoiceNumber="A")
        client.command("pay", invoice="A")
        return json.dumps(client.world.dump()).encode()

    assert run() == run()


def test_reading_more_does_not_change_the_ids_of_what_is_written() -> None:
    few, many = new_client(), new_client()
    for _ in range(3):
        many.get("Organisation")

    assert few.contact() == many.contact()


def test_counters_tell_what_was_asked(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    client.get("Invoices/A")

    counters = client.world.dump()["counters"]

    assert counters["calls"] == {"GET Invoices/*": 1, "PUT Contacts": 1, "PUT Invoices": 1}
    assert (counters["writes"], counters["consents"]) == (2, 1)
    assert counters["by_tenant"] == {client.tenant: 3}

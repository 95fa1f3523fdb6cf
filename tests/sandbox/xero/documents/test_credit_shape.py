"""How credits and allocations look (facts §5)."""

from __future__ import annotations

from tests.sandbox.xero.builders import Client


def test_unpaged_rows_are_those_of_a_page_without_lines(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    client.command("credit", invoice="A", amount="10")

    thin = client.get("CreditNotes")["CreditNotes"][0]
    whole = client.get("CreditNotes", page=1)["CreditNotes"][0]

    assert thin == {**whole, "LineItems": []}
    assert (len(whole["LineItems"]), "ContactStatus" in whole["Contact"]) == (1, False)
    assert thin["CreditNoteID"] == thin["ID"] == whole["ID"]
    assert whole["Allocations"][0]["Invoice"]["InvoiceNumber"] == "A"
    assert whole["UpdatedDateUTCString"] == "2026-11-22T00:15:00Z"

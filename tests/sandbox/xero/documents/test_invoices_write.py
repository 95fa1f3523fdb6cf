"""Creating and updating invoices (facts §3.2, §3.3, §3.7)."""

from __future__ import annotations

import pytest

from tests.sandbox.xero.builders import Client, line, messages, new_client


@pytest.mark.parametrize("envelope", ["Invoices", "invoices", None])
def test_envelope_is_matched_whatever_its_case_or_absence(
    client: Client, envelope: str | None
) -> None:
    sent = client.draft(InvoiceNumber="A")

    answer = client.put("Invoices", {envelope: [sent]} if envelope else sent)

    assert answer["Invoices"][0]["InvoiceNumber"] == "A"


def test_number_is_given_by_xero_when_absent(client: Client) -> None:
    client.invoice(InvoiceNumber="INV-0002")

    numbers = [client.invoice()["InvoiceNumber"] for _ in range(2)]

    assert numbers == ["INV-0001", "INV-0003"]


def test_bills_share_numbers(client: Client) -> None:
    bill = {"Type": "ACCPAY", "LineItems": [line(AccountCode="429", TaxType="INPUT2")]}

    rows = [client.invoice(InvoiceNumber="42", **bill) for _ in range(2)]

    assert rows[0]["InvoiceID"] != rows[1]["InvoiceID"]
    assert rows[0]["Reference"] == ""


def test_put_never_changes_what_stands(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")

    again = client.put("Invoices", client.draft(InvoiceNumber="A", InvoiceID=row["InvoiceID"]))

    assert messages(again["Invoices"][0]) == ["Invoice # must be unique."]


@pytest.mark.parametrize("edits", [True, False])
def test_post_by_number_edits_as_switched(edits: bool) -> None:
    client = new_client(post_by_number_edits=edits)
    client.invoice(InvoiceNumber="A")

    row = client.post("Invoices", client.draft(InvoiceNumber="A", Reference="new"))["Invoices"][0]

    assert row["StatusAttributeString"] == ("OK" if edits else "ERROR")
    assert len(client.books.invoices) == 1


def test_unknown_id_is_404_as_switched() -> None:
    client = new_client(unknown_invoice_is_404=True)
    body = {"InvoiceID": "00000000-0000-0000-0000-000000000001", "Reference": "x"}

    assert client.send("POST", "Invoices", body, summarizeErrors="false").status == 404


def test_post_by_id_updates_one(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")

    changed = client.post(f"Invoices/{row['InvoiceID']}", {"Status": "VOIDED"})["Invoices"]

    assert [each["Status"] for each in changed] == ["VOIDED"]

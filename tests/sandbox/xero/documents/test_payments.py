"""Payments, credits and allocations, and what they do to an invoice (facts §5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, new_client


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def pay(client: Client, identifier: str, amount: float, **more: Any) -> dict[str, Any]:
    body = {
        "Invoice": {"InvoiceID": identifier},
        "Account": {"Code": "090"},
        "Date": "2026-11-25",
        "Amount": amount,
        **more,
    }
    return dict(client.put("Payments", {"Payments": [body]})["Payments"][0])


def test_payment_of_an_invoice_has_the_recorded_keys(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    pay(client, row["InvoiceID"], 14, Reference="BANK 1")

    assert set(invoice(client)["Payments"][0]) == {
        *("PaymentID", "Date", "Amount", "Reference", "CurrencyRate", "HasAccount"),
        "HasValidationErrors",
    }


def test_payment_shows_account_invoice_and_type(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    made = pay(client, row["InvoiceID"], 14)

    found = client.get(f"Payments/{made['PaymentID']}")["Payments"][0]

    assert (found["PaymentType"], found["Status"]) == ("ACCRECPAYMENT", "AUTHORISED")
    assert (found["Amount"], found["BankAmount"], found["IsReconciled"]) == (14, 14, False)
    assert found["Account"]["Code"] == "090"
    assert found["Invoice"]["InvoiceNumber"] == "A"
    assert found["UpdatedDateUTCString"] == "2026-11-22T00:15:00Z"


def test_deleted_payment_stays_readable_and_both_move(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    made = pay(client, row["InvoiceID"], 14)
    client.time.pass_s(60)

    client.post(f"Payments/{made['PaymentID']}", {"Status": "DELETED"})

    found = client.get(f"Payments/{made['PaymentID']}")["Payments"][0]
    assert found["Status"] == "DELETED"
    assert found["UpdatedDateUTC"] == "/Date(1795306560000+0000)/"
    assert invoice(client)["UpdatedDateUTC"] == "/Date(1795306560000+0000)/"


@pytest.mark.parametrize("shows", [True, False])
def test_modified_since_shows_deleted_payments_as_switched(shows: bool) -> None:
    client = new_client(deleted_payments_in_lists=shows)
    client.invoice(InvoiceNumber="A")
    client.command("pay", invoice="A", amount="14")
    client.command("delete_payment", invoice="A")

    header = {"if-modified-since": "2026-11-22T00:00:00"}
    answer = client.send("GET", "Payments", headers=header)

    assert len(json.loads(answer.body)["Payments"]) == (1 if shows else 0)
    assert len(client.get("Payments")["Payments"]) == 1


def test_lists_filter_by_invoice_type_and_status(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.invoice(InvoiceNumber="B")
    client.command("pay", invoice="A", amount="1")
    client.command("pay", invoice="B", amount="2")

    where = f'Invoice.InvoiceID==guid("{row["InvoiceID"]}") AND Status=="AUTHORISED"'
    rows = client.get("Payments", where=where, page=1)["Payments"]

    assert [each["Amount"] for each in rows] == [1]

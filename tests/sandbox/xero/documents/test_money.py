"""PAID and back: money coming and going (facts §5.1, §3.7)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["Status"], row["AmountDue"], row["AmountPaid"], row.get("AmountCredited", 0)


def pay(client: Client, identifier: str, amount: float, **more: Any) -> dict[str, Any]:
    body = {
        "Invoice": {"InvoiceID": identifier},
        "Account": {"Code": "090"},
        "Date": "2026-11-25",
        "Amount": amount,
        **more,
    }
    return dict(client.put("Payments", {"Payments": [body]})["Payments"][0])


def test_payments_make_paid_and_deleting_makes_it_open_again(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    pay(client, row["InvoiceID"], 14)
    assert money(invoice(client)) == ("AUTHORISED", 400, 14, 0)

    last = pay(client, row["InvoiceID"], 400)
    full = invoice(client)
    assert money(full) == ("PAID", 0, 414, 0)
    assert full["FullyPaidOnDate"] == "/Date(1795564800000+0000)/"
    assert len(full["Payments"]) == 2

    client.post(f"Payments/{last['PaymentID']}", {"Payments": [{"Status": "DELETED"}]})
    again = invoice(client)
    assert money(again) == ("AUTHORISED", 400, 14, 0)
    assert "FullyPaidOnDate" not in again
    assert len(again["Payments"]) == 1


def test_credit_and_payment_together_settle_an_invoice(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.command("credit", invoice="A", amount="400")

    pay(client, row["InvoiceID"], 14)

    assert money(invoice(client)) == ("PAID", 0, 14, 400)

"""What may be paid together (facts §5.2); wrong payments stand in test_refusals."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client, new_client


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["Status"], row["AmountDue"], row["AmountPaid"], row.get("AmountCredited", 0)


def test_batch_cannot_pay_more_than_is_due_together() -> None:
    client = new_client(save_good_on_400=False)
    row = client.invoice(InvoiceNumber="A")
    body = {"Invoice": {"InvoiceID": row["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 300}

    answer = client.send("PUT", "Payments", {"Payments": [body, body]})
    assert answer.status == 400
    assert money(invoice(client)) == ("AUTHORISED", 414, 0, 0)

    rows = client.put("Payments", {"Payments": [body, body]})["Payments"]
    assert [each["StatusAttributeString"] for each in rows] == ["OK", "ERROR"]

"""Credit notes through the API, and refunds of them (facts §5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["Status"], row["AmountDue"], row["AmountPaid"], row["AmountCredited"]


def test_credit_note_is_written_and_allocated_through_the_api(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    contact = row["Contact"]["ContactID"]
    body = {
        "Type": "ACCRECCREDIT",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": contact},
        "LineItems": [line(Quantity=1)],
    }
    note = client.put("CreditNotes", {"CreditNotes": [body]})["CreditNotes"][0]
    assert (note["CreditNoteNumber"], note["Total"], note["RemainingCredit"]) == (
        "CN-0001",
        138,
        138,
    )

    answer = client.put(
        f"CreditNotes/{note['CreditNoteID']}/Allocations",
        {"Allocations": [{"Invoice": {"InvoiceID": row["InvoiceID"]}, "Amount": 100}]},
    )

    assert answer["Allocations"][0]["Amount"] == 100
    assert money(invoice(client)) == ("AUTHORISED", 314, 0, 100)
    found = client.get("CreditNotes/CN-0001")["CreditNotes"][0]
    assert (found["RemainingCredit"], len(found["Allocations"])) == (38, 1)


def test_draft_credit_note_cannot_be_allocated_and_can_be_approved(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    contact = {"ContactID": row["Contact"]["ContactID"]}
    body = {"Type": "ACCRECCREDIT", "Contact": contact, "LineItems": [line()]}
    note = client.put("CreditNotes", body)["CreditNotes"][0]
    allocation = {"Invoice": {"InvoiceID": row["InvoiceID"]}, "Amount": 1}
    path = f"CreditNotes/{note['CreditNoteID']}"

    refused = client.put(f"{path}/Allocations", [allocation])["Allocations"][0]
    approved = client.post(path, {"Status": "AUTHORISED"})["CreditNotes"][0]
    taken = client.put(f"{path}/Allocations", [allocation])["Allocations"][0]

    assert messages(refused) == ["Only an authorised credit can be allocated"]
    assert approved["Status"] == "AUTHORISED"
    assert taken["StatusAttributeString"] == "OK"


def test_credit_note_once_used_cannot_be_voided(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    made = client.command("credit", invoice="A", amount="10")

    with pytest.raises(ValueError, match="Credit note not of valid status"):
        client.command("void_credit", credit=made["ID"])
    client.command("deallocate", invoice="A")
    assert client.command("void_credit", credit=made["ID"])["Status"] == "VOIDED"


def test_refund_uses_the_credit_up_and_is_a_payment(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    made = client.command("credit", invoice="A", amount="10", allocate=False)

    refund = client.command("refund", credit=made["ID"])

    assert refund["PaymentType"] == "ARCREDITPAYMENT"
    shown = client.get(f"Payments/{refund['PaymentID']}")["Payments"][0]
    assert shown["Invoice"]["Type"] == "ACCRECCREDIT"
    assert client.get(f"CreditNotes/{made['ID']}")["CreditNotes"][0]["Status"] == "PAID"
    client.command("delete_payment", payment=refund["PaymentID"])
    assert client.get(f"CreditNotes/{made['ID']}")["CreditNotes"][0]["RemainingCredit"] == 10

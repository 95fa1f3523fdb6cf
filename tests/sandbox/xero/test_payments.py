"""Payments, credits and allocations, and what they do to an invoice (facts §5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages, new_client


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def money(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["Status"], row["AmountDue"], row["AmountPaid"], row["AmountCredited"]


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
    client.hand("pay", invoice="A", amount="14")
    client.hand("delete_payment", invoice="A")

    header = {"if-modified-since": "2026-11-22T00:00:00"}
    answer = client.send("GET", "Payments", headers=header)

    assert len(json.loads(answer.body)["Payments"]) == (1 if shows else 0)
    assert len(client.get("Payments")["Payments"]) == 1


def test_batch_cannot_pay_more_than_is_due_together(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    body = {"Invoice": {"InvoiceID": row["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 300}

    answer = client.send("PUT", "Payments", {"Payments": [body, body]})
    assert answer.status == 400
    assert money(invoice(client)) == ("AUTHORISED", 414, 0, 0)

    rows = client.put("Payments", {"Payments": [body, body]})["Payments"]
    assert [each["StatusAttributeString"] for each in rows] == ["OK", "ERROR"]


def test_lists_filter_by_invoice_type_and_status(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.invoice(InvoiceNumber="B")
    client.hand("pay", invoice="A", amount="1")
    client.hand("pay", invoice="B", amount="2")

    where = f'Invoice.InvoiceID==guid("{row["InvoiceID"]}") AND Status=="AUTHORISED"'
    rows = client.get("Payments", where=where, page=1)["Payments"]

    assert [each["Amount"] for each in rows] == [1]


@pytest.mark.parametrize("kind", ["CreditNote", "Overpayment", "Prepayment"])
def test_allocation_moves_only_what_is_credited(client: Client, kind: str) -> None:
    client.invoice(InvoiceNumber="A")

    made = client.hand("credit", invoice="A", amount="400", kind=kind)
    row = invoice(client)

    assert money(row) == ("AUTHORISED", 14, 0, 400)
    applied = row[f"{kind}s"][0]
    assert (applied[f"{kind}ID"], applied["AppliedAmount"]) == (made["ID"], 400)
    assert client.get("Payments")["Payments"] == []
    credit = client.get(f"{kind}s/{made['ID']}")[f"{kind}s"][0]
    assert (credit["RemainingCredit"], credit["Status"]) == (0, "PAID")
    assert len(client.get(f"{kind}s", page=1)[f"{kind}s"]) == 1

    path = f"{kind}s/{made['ID']}/Allocations/{made['AllocationID']}"
    answer = client.send("DELETE", path)
    assert json.loads(answer.body) == {"AllocationID": made["AllocationID"], "IsDeleted": True}
    assert money(invoice(client)) == ("AUTHORISED", 414, 0, 0)
    assert client.get(f"{kind}s/{made['ID']}")[f"{kind}s"][0]["RemainingCredit"] == 400
    assert client.send("DELETE", path).status == 404


def test_credit_and_payment_together_settle_an_invoice(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    client.hand("credit", invoice="A", amount="400")

    pay(client, row["InvoiceID"], 14)

    assert money(invoice(client)) == ("PAID", 0, 14, 400)


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
    made = client.hand("credit", invoice="A", amount="10")

    with pytest.raises(ValueError, match="Credit note not of valid status"):
        client.hand("void_credit", credit=made["ID"])
    client.hand("deallocate", invoice="A")
    assert client.hand("void_credit", credit=made["ID"])["Status"] == "VOIDED"


def test_credit_of_another_contact_cannot_be_allocated(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    other = client.contact("Other")
    row = client.invoice(InvoiceNumber="B", Contact={"ContactID": other})
    made = client.hand("credit", invoice="A", amount="10", allocate=False)

    answer = client.put(
        f"CreditNotes/{made['ID']}/Allocations",
        [{"Invoice": {"InvoiceID": row["InvoiceID"]}, "Amount": 1}],
    )

    assert "same contact" in messages(answer["Allocations"][0])[0]


def test_refund_uses_the_credit_up_and_is_a_payment(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    made = client.hand("credit", invoice="A", amount="10", allocate=False)

    refund = client.hand("refund", credit=made["ID"])

    assert refund["PaymentType"] == "ARCREDITPAYMENT"
    shown = client.get(f"Payments/{refund['PaymentID']}")["Payments"][0]
    assert shown["Invoice"]["Type"] == "ACCRECCREDIT"
    assert client.get(f"CreditNotes/{made['ID']}")["CreditNotes"][0]["Status"] == "PAID"
    client.hand("delete_payment", payment=refund["PaymentID"])
    assert client.get(f"CreditNotes/{made['ID']}")["CreditNotes"][0]["RemainingCredit"] == 10


@pytest.mark.parametrize("bumps", [True, False])
def test_allocation_bumps_the_invoice_as_switched(bumps: bool) -> None:
    client = new_client(allocation_bumps_invoice=bumps)
    before = client.invoice(InvoiceNumber="A")["UpdatedDateUTC"]
    client.time.pass_s(9)

    client.hand("credit", invoice="A", amount="10")

    assert (invoice(client)["UpdatedDateUTC"] != before) is bumps


def test_history_notes_and_mail(client: Client) -> None:
    contact = client.contact("Acme", EmailAddress="a@b.co")
    row = client.invoice(InvoiceNumber="A", Contact={"ContactID": contact})
    path = f"Invoices/{row['InvoiceID']}"

    note = {"HistoryRecords": [{"Details": "sent by syncd"}]}
    client.send("PUT", f"{path}/History", note)
    mailed = client.send("POST", f"{path}/Email", {})

    assert (mailed.status, mailed.body) == (204, b"")
    assert invoice(client)["SentToContact"] is True
    records = client.get(f"{path}/History")["HistoryRecords"]
    assert {"sent by syncd"} <= {each["Details"] for each in records}
    assert {each["User"] for each in records} == {"System Generated"}
    url = client.get(f"{path}/OnlineInvoice")["OnlineInvoices"][0]["OnlineInvoiceUrl"]
    assert url.startswith("https://in.xero.com/")


def test_note_too_long_and_mail_without_address_are_refused(client: Client) -> None:
    path = f"Invoices/{client.invoice()['InvoiceID']}"

    long = client.send("PUT", f"{path}/History", {"Details": "x" * 2501})

    assert [long.status, client.send("POST", f"{path}/Email", {}).status] == [400, 400]

"""Which fields a payment shows in which answer, and in which order (facts §5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line

KEYS = [
    *("PaymentID", "BatchPaymentID", "BatchPayment", "Date", "BankAmount", "Amount", "Reference"),
    *("CurrencyRate", "PaymentType", "Status", "UpdatedDateUTC", "UpdatedDateUTCString"),
    *("HasAccount", "IsReconciled", "Account", "Invoice", "HasValidationErrors"),
    *("StatusAttributeString", "Warnings"),
]
BARE = [
    *("Type", "InvoiceID", "InvoiceNumber", "Payments", "CreditNotes", "Prepayments"),
    *("Overpayments", "IsDiscounted", "InvoiceAddresses", "HasErrors", "InvoicePaymentServices"),
    *("Contact", "LineItems", "CurrencyCode"),
]


def paid(client: Client, **more: Any) -> dict[str, Any]:
    lines = [line(DiscountRate=10)]
    invoice = client.invoice(InvoiceNumber="A", LineItems=lines)
    payment = {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-22",
        "Amount": 1,
        "Reference": "r",
        **more,
    }
    return dict(client.put("Payments", payment)["Payments"][0])


def is_in_order(row: dict[str, Any], keys: list[str]) -> bool:
    return [*row] == [name for name in keys if name in row]


def test_answer_to_a_write_and_read_by_id_name_the_account_and_show_the_invoice(
    client: Client,
) -> None:
    row = paid(client)
    by_id = client.get(f"Payments/{row['PaymentID']}")["Payments"][0]

    for each in (row, by_id):
        assert is_in_order(each, KEYS)
        assert [*each["Account"]] == ["AccountID", "Code", "Name"]
        contact = each["Invoice"]["Contact"]
        assert [*contact] == ["ContactID", "Name", "ContactPersons", "HasValidationErrors"]
        assert each["Invoice"]["LineItems"][0]["DiscountEnteredAsPercent"] is True
    assert set(KEYS) - set(row) == {"BatchPaymentID", "BatchPayment", "Warnings"}
    assert "Payments" not in row["Invoice"]
    assert by_id["Invoice"]["Payments"][0]["PaymentID"] == row["PaymentID"]


def test_pages_and_lists_are_the_same_bare_rows(client: Client) -> None:
    paid(client)

    listed = client.get("Payments")["Payments"]

    assert listed == client.get("Payments", page=1)["Payments"]
    assert is_in_order(listed[0], KEYS)
    assert [*listed[0]["Account"]] == ["AccountID", "Code"]
    assert [*listed[0]["Invoice"]] == BARE
    assert listed[0]["Invoice"]["LineItems"] == []


def test_payment_dated_before_its_invoice_is_taken_with_a_warning(client: Client) -> None:
    row = paid(client, Date="2026-11-19")

    assert row["StatusAttributeString"] == "WARNING"
    assert row["Warnings"] == [{"Message": "The payment date is prior to the invoice date."}]
    assert client.get("Invoices/A")["Invoices"][0]["AmountPaid"] == 1


def test_payment_of_a_batch_shows_the_batch_and_its_invoice_the_batchs_id(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    made = client.command("pay", invoice="A", amount=4, batch=True)

    row = client.get(f"Payments/{made['PaymentID']}")["Payments"][0]

    batch = row["BatchPayment"]
    assert (batch["Type"], batch["TotalAmount"]) == ("RECBATCH", 4)
    assert row["BatchPaymentID"] == batch["BatchPaymentID"] != row["PaymentID"]
    (inside,) = row["Invoice"]["Payments"]
    assert (inside["PaymentID"], inside["CurrencyRate"]) == (row["BatchPaymentID"], 0)


@pytest.mark.parametrize("more", [{}, {"PaymentID": "{id}"}])
def test_deletion_takes_the_status_alone_and_shows_it(client: Client, more: dict[str, str]) -> None:
    identifier = paid(client)["PaymentID"]
    wish = {"Status": "DELETED"} | dict.fromkeys(more, identifier)

    (row,) = client.post(f"Payments/{identifier}", {"Payments": [wish]})["Payments"]

    assert (row["Status"], row["StatusAttributeString"]) == ("DELETED", "OK")

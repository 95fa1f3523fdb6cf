"""Which fields a credit note shows in which answer, and in which order (facts §5.1, §5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, new_client

KEYS = [
    *("CreditNoteID", "CreditNoteNumber", "Payments", "ID", "HasErrors", "InvoiceAddresses"),
    *("CurrencyRate", "Type", "Reference", "RemainingCredit", "Allocations", "HasAttachments"),
    *("Attachments", "UpdatedDateUTCString", "Contact", "DateString", "Date", "BrandingThemeID"),
    *("Status", "LineAmountTypes", "LineItems", "SubTotal", "TotalTax", "Total"),
    *("UpdatedDateUTC", "CurrencyCode", "FullyPaidOnDate", "StatusAttributeString"),
]
IN_NO_CREDIT = {
    *("IsSupplier", "IsCustomer", "SalesTrackingCategories", "PurchasesTrackingCategories"),
}


def note(client: Client, **more: Any) -> dict[str, Any]:
    sent = {
        "Type": "ACCRECCREDIT",
        "Status": "AUTHORISED",
        "Contact": {"Name": "Acme Ltd"},
        "Date": "2026-11-01",
        "LineItems": [line(Quantity=1)],
        **more,
    }
    return dict(client.put("CreditNotes", sent)["CreditNotes"][0])


def is_in_order(row: dict[str, Any]) -> bool:
    return [*row] == [name for name in KEYS if name in row]


def test_written_read_paged_and_listed_rows_are_of_one_order(client: Client) -> None:
    row = note(client)
    one = client.get(f"CreditNotes/{row['CreditNoteID']}")["CreditNotes"][0]
    (page,) = client.get("CreditNotes", page=1)["CreditNotes"]
    (unpaged,) = client.get("CreditNotes")["CreditNotes"]

    for each in (row, one, page, unpaged):
        assert is_in_order(each)
        assert each["CreditNoteNumber"] == "CN-0001"
        assert each["BrandingThemeID"] == client.books.settings.default_theme
    missing = [set(KEYS) - set(each) - {"FullyPaidOnDate"} for each in (row, one, page)]
    assert missing == [
        {"InvoiceAddresses", "HasAttachments", "Attachments"},
        {"InvoiceAddresses", "StatusAttributeString"},
        {"Attachments", "StatusAttributeString"},
    ]
    assert unpaged == {**page, "LineItems": []}
    assert not IN_NO_CREDIT & set(row["Contact"])
    assert row["Contact"]["ContactStatus"] == "ACTIVE"
    assert page["Contact"] == {
        "ContactID": row["Contact"]["ContactID"],
        "Name": "Acme Ltd",
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def test_bills_credit_without_a_number_shows_neither_number_nor_theme(client: Client) -> None:
    client.invoice(
        Type="ACCPAY", InvoiceNumber="B", LineItems=[line(AccountCode="429", TaxType="INPUT2")]
    )
    client.command("credit", invoice="B", amount=10, kind="Overpayment", allocate=False)

    (row,) = client.get("Overpayments")["Overpayments"]

    assert not {"CreditNoteNumber", "BrandingThemeID"} & set(row)
    assert row["Type"] == "SPEND-OVERPAYMENT"


def test_allocation_stands_in_its_credit_with_its_own_day(client: Client) -> None:
    client.invoice(InvoiceNumber="A")
    client.command("credit", invoice="A", amount=10, date="2026-11-01")

    (row,) = client.get("CreditNotes", page=1)["CreditNotes"]

    (own,) = row["Allocations"]
    assert [*own] == ["AllocationID", "Amount", "Date", "Invoice"]
    assert own["Date"] != row["Date"]
    assert [*own["Invoice"]][:3] == ["InvoiceID", "InvoiceNumber", "Payments"]
    assert not {"Type", "Contact", "CurrencyCode"} & set(own["Invoice"])


@pytest.mark.parametrize(("switched", "day"), [(False, "2026-11-01"), (True, "2026-11-20")])
def test_credit_on_an_invoice_is_dated_as_the_note_or_by_id_as_the_invoice(
    switched: bool, day: str
) -> None:
    client = new_client(credit_dates_are_the_invoices=switched)
    client.invoice(InvoiceNumber="A")
    client.command("credit", invoice="A", amount=10, date="2026-11-01")

    (one,) = client.get("Invoices/A")["Invoices"][0]["CreditNotes"]
    (paged,) = client.get("Invoices", page=1)["Invoices"][0]["CreditNotes"]

    assert one["DateString"] == f"{day}T00:00:00"
    assert paged["DateString"] == "2026-11-01T00:00:00"
    assert [*one] == [
        *("CreditNoteID", "CreditNoteNumber", "ID", "HasErrors", "InvoiceAddresses"),
        *("CurrencyRate", "AppliedAmount", "DateString", "Date", "LineItems", "Total"),
    ]


@pytest.mark.parametrize("kind", ["Overpayment", "Prepayment"])
def test_overpayment_on_an_invoice_is_a_short_row(client: Client, kind: str) -> None:
    client.invoice(InvoiceNumber="A")
    client.command("credit", invoice="A", amount=10, kind=kind)

    (row,) = client.get("Invoices/A")["Invoices"][0][f"{kind}s"]

    assert [*row] == [
        *(f"{kind}ID", "CurrencyRate", "AppliedAmount", "DateString", "Date", "Total"),
    ]

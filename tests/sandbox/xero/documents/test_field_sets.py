"""Which fields an invoice shows in which answer, and in which order (facts §3.11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line

KEYS = [
    *("Type", "InvoiceID", "InvoiceNumber", "Reference", "Payments", "CreditNotes", "Prepayments"),
    *("Overpayments", "AmountDue", "AmountPaid", "AmountCredited", "SentToContact"),
    *("CurrencyRate", "TotalDiscount", "IsDiscounted", "HasAttachments", "InvoiceAddresses"),
    *("HasErrors", "Attachments", "InvoicePaymentServices", "UpdatedDateUTCString", "Contact"),
    *("DateString", "Date", "DueDateString", "DueDate", "BrandingThemeID", "Url", "Status"),
    *("LineAmountTypes", "LineItems", "SubTotal", "TotalTax", "Total", "UpdatedDateUTC"),
    *("CurrencyCode", "FullyPaidOnDate", "StatusAttributeString"),
]
"""All of them, in the order of the table."""
ONLY_READ = {"Payments", "CreditNotes", "AmountCredited", "HasAttachments", "FullyPaidOnDate"}
EMPTY_THIN = {
    "Addresses": [],
    "Phones": [],
    "ContactGroups": [],
    "ContactPersons": [],
    "HasValidationErrors": False,
}


def invoice(client: Client, **more: Any) -> dict[str, Any]:
    tracked = line(Tracking=[{"Name": "Region", "Option": "North"}], DiscountRate=10)
    lines = [tracked, {"Description": "Thank you"}]
    return client.invoice(InvoiceNumber="A", Url="https://a.example/1", LineItems=lines, **more)


def by_id(client: Client) -> dict[str, Any]:
    return dict(client.get("Invoices/A", unitdp="4")["Invoices"][0])


def paged(client: Client) -> dict[str, Any]:
    return dict(client.get("Invoices", page="1")["Invoices"][0])


def listed(client: Client) -> dict[str, Any]:
    return dict(client.get("Invoices")["Invoices"][0])


def is_in_order(row: dict[str, Any]) -> bool:
    return [*row] == [name for name in KEYS if name in row]


def test_answer_to_a_write_leaves_out_what_only_reads_show(client: Client) -> None:
    row = invoice(client)

    assert set(KEYS) - set(row) == {*ONLY_READ, "InvoiceAddresses", "Attachments"}
    assert is_in_order(row)
    assert row["Contact"]["ContactStatus"] == "ACTIVE"
    assert (row["TotalDiscount"], row["Reference"]) == (36, "")


def test_read_by_id_leaves_out_money_that_is_empty(client: Client) -> None:
    invoice(client)
    empty = by_id(client)
    client.command("credit", invoice="A", amount=14)
    client.command("pay", invoice="A")
    settled = by_id(client)

    missing = {*ONLY_READ, "InvoiceAddresses", "StatusAttributeString"} - {"HasAttachments"}
    assert set(KEYS) - set(empty) == missing
    assert set(KEYS) - set(settled) == {"InvoiceAddresses", "StatusAttributeString"}
    assert is_in_order(empty)
    assert is_in_order(settled)
    assert empty["Attachments"] == []


def test_pages_and_lists_are_the_same_rows_but_for_the_lines(client: Client) -> None:
    invoice(client)
    page, unpaged = paged(client), listed(client)

    assert {**page, "LineItems": []} == unpaged
    assert set(KEYS) - set(page) == {
        *("SentToContact", "TotalDiscount", "Attachments", "FullyPaidOnDate"),
        "StatusAttributeString",
    }
    assert is_in_order(page)
    assert (page["Payments"], page["CreditNotes"], page["InvoiceAddresses"]) == ([], [], [])
    assert page["AmountCredited"] == 0
    contact = page["Contact"]
    assert contact == {**EMPTY_THIN, "ContactID": contact["ContactID"], "Name": "Acme Ltd"}


def test_sent_to_contact_is_on_pages_only_when_true_and_never_on_bills(client: Client) -> None:
    invoice(client, SentToContact=True)
    bill = line(AccountCode="429", TaxType="INPUT2")
    client.invoice(Type="ACCPAY", InvoiceNumber="B", LineItems=[bill], SentToContact=True)

    rows = {each["InvoiceNumber"]: each for each in client.get("Invoices", page="1")["Invoices"]}

    assert rows["A"]["SentToContact"] is True
    assert "SentToContact" not in rows["B"]
    assert "BrandingThemeID" not in rows["B"]
    assert rows["B"]["Reference"] == ""


def test_summary_leaves_out_lines_payments_credits_and_attachments(client: Client) -> None:
    invoice(client)

    (row,) = client.get("Invoices", summaryOnly="true")["Invoices"]

    assert set(paged(client)) - set(row) == {
        *("LineItems", "Payments", "CreditNotes", "HasAttachments"),
    }


def test_answer_to_a_void_still_owes_and_every_later_read_does_not(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")
    body = {"InvoiceID": row["InvoiceID"], "Status": "VOIDED"}

    answered = client.post("Invoices", body)["Invoices"][0]

    assert (answered["AmountDue"], answered["Total"]) == (414, 414)
    assert by_id(client)["AmountDue"] == paged(client)["AmountDue"] == 0
    assert len(by_id(client)["LineItems"]) == 1


@pytest.mark.parametrize("read", [by_id, paged])
def test_lines_show_tracking_and_discounts_by_context(client: Client, read: Any) -> None:
    invoice(client)
    tracked, text = read(client)["LineItems"]

    is_page = read is paged
    assert [*text] == ["Description", "Tracking", "LineItemID"]
    assert ("ValidationErrors" in tracked, "DiscountAmount" in tracked) == (not is_page,) * 2
    (pair,) = tracked["Tracking"]
    shown = ["Name", "Option", "TrackingCategoryID"]
    assert [*pair] == [*shown, "Options" if is_page else "TrackingOptionID"]
    assert tracked["DiscountRate"] == 10

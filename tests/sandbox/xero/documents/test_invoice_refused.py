"""How a refused invoice looks: early or late, new or standing (facts §3.3, §3.11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages

NO_ID = "00000000-0000-0000-0000-000000000000"
NEVER_SENT = {"UpdatedDateUTC", "UpdatedDateUTCString", "AmountCredited", "HasAttachments"}
TAKEN = "Invoice # must be unique."


def refused(client: Client, **more: Any) -> dict[str, Any]:
    row = dict(client.put("Invoices", client.draft(**more))["Invoices"][0])
    assert row["StatusAttributeString"] == "ERROR"
    return row


@pytest.mark.parametrize(
    "late",
    [
        {"InvoiceNumber": "TAKEN"},
        {"LineItems": [line(AccountCode="ZZZ")]},
        {"LineItems": [line(TaxType="NEVER")]},
    ],
)
def test_late_refusal_is_the_whole_document_under_ids_that_exist_nowhere(
    client: Client, late: dict[str, Any]
) -> None:
    client.invoice(InvoiceNumber="TAKEN")
    wanted = {"InvoiceNumber": "NEW", "Reference": "R", **late}

    rows = [refused(client, **wanted) for _ in range(2)]

    ids = {row["InvoiceID"] for row in rows} | {row["LineItems"][0]["LineItemID"] for row in rows}
    assert len(ids) == 4
    assert NO_ID not in ids
    for row in rows:
        assert client.send("GET", f"Invoices/{row['InvoiceID']}").status == 404
        assert set(row) & NEVER_SENT == set()
        assert (row["HasErrors"], row["Warnings"]) == (True, [])
        assert row["Contact"]["ContactStatus"] == "ACTIVE"
        assert row["LineItems"][0]["ValidationErrors"] == []
        assert row["AmountDue"] == row["Total"]
        assert {"CurrencyRate", "SentToContact", "SubTotal", "CurrencyCode"} <= set(row)
        assert [*row][-3:] == ["StatusAttributeString", "ValidationErrors", "Warnings"]
    assert len(client.books.invoices) == 1


def test_late_refusal_of_a_new_contact_makes_no_contact(client: Client) -> None:
    client.invoice(InvoiceNumber="TAKEN")

    row = refused(client, InvoiceNumber="TAKEN", Contact={"Name": "Never Made"})

    assert row["Contact"]["Name"] == "Never Made"
    assert client.send("GET", f"Contacts/{row['Contact']['ContactID']}").status == 404


@pytest.mark.parametrize(
    ("early", "text"),
    [
        ({"DueDate": None}, "The document DueDate field must be specified."),
        ({"LineItems": [line(Description="")]}, "The description field is mandatory"),
        ({"Status": "VOIDED"}, "Invoice not of valid status for creation"),
    ],
)
def test_early_refusal_is_a_thin_echo_without_an_id(
    client: Client, early: dict[str, Any], text: str
) -> None:
    row = refused(client, InvoiceNumber="NEW", Reference="R", **early)

    assert messages(row)[0].startswith(text)
    assert row["InvoiceID"] == NO_ID
    assert (row["InvoiceNumber"], row["Reference"]) == ("NEW", "R")
    assert set(row) & {*NEVER_SENT, "CurrencyRate", "SentToContact"} == set()
    assert [row[name] for name in ("Payments", "CreditNotes", "InvoiceAddresses")] == [[], [], []]
    contact = row["Contact"]
    assert (contact["Addresses"], contact["ValidationErrors"]) == ([], [])
    assert "ContactStatus" not in contact
    assert [*row][-3:] == ["StatusAttributeString", "ValidationErrors", "Warnings"]


def test_number_and_incompleteness_together_are_early(client: Client) -> None:
    client.invoice(InvoiceNumber="TAKEN")

    row = refused(client, InvoiceNumber="TAKEN", DueDate=None)

    assert (row["InvoiceID"], TAKEN in messages(row)) == (NO_ID, True)


def test_refused_change_echoes_what_stands_and_what_was_wanted(client: Client) -> None:
    stands = client.invoice(InvoiceNumber="A", Reference="R")
    wish = {"InvoiceID": stands["InvoiceID"], "Status": "DELETED"}

    (row,) = client.post("Invoices", wish)["Invoices"]

    assert messages(row) == ["Invoice not of valid status for modification"]
    assert (row["InvoiceID"], row["Status"]) == (stands["InvoiceID"], "DELETED")
    assert not {"InvoiceNumber", "Reference", "UpdatedDateUTC"} & set(row)
    for name in ("Date", "DueDate", "SubTotal", "TotalTax", "Total", "CurrencyCode"):
        assert row[name] == stands[name]
    assert [each["LineItemID"] for each in row["LineItems"]] == [
        each["LineItemID"] for each in stands["LineItems"]
    ]


def test_update_of_an_unknown_id_keeps_the_id_sent(client: Client) -> None:
    unknown = "00000000-0000-0000-0000-000000000009"

    (row,) = client.post("Invoices", client.draft(InvoiceID=unknown))["Invoices"]

    assert (row["InvoiceID"], row["StatusAttributeString"]) == (unknown, "ERROR")

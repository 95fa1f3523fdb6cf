"""How an invoice looks after a write (facts §3.3, recorded examples)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client, line


def update(client: Client, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"InvoiceID": row["InvoiceID"], **more}
    answer = client.post("Invoices", body, unitdp=4)["Invoices"][0]
    assert answer["StatusAttributeString"] == "OK", answer
    return dict(answer)


def test_answer_of_a_create_is_the_recorded_example(client: Client) -> None:
    """Facts §3.3: the example of a batch of two."""
    row = client.invoice(
        InvoiceNumber="PL-2041",
        Reference="pipeline:ord_8812",
        Url="https://pipeline.example/invoices/2041",
        CurrencyCode="NZD",
    )

    expected = {
        "Type": "ACCREC",
        "InvoiceNumber": "PL-2041",
        "Reference": "pipeline:ord_8812",
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": 414,
        "AmountPaid": 0,
        "SentToContact": False,
        "CurrencyRate": 1,
        "IsDiscounted": False,
        "HasErrors": False,
        "InvoicePaymentServices": [],
        "UpdatedDateUTCString": "2026-11-22T00:15:00Z",
        "DateString": "2026-11-20T00:00:00",
        "Date": "/Date(1795132800000+0000)/",
        "DueDateString": "2026-12-20T00:00:00",
        "DueDate": "/Date(1797724800000+0000)/",
        "Url": "https://pipeline.example/invoices/2041",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "SubTotal": 360,
        "TotalTax": 54,
        "Total": 414,
        "UpdatedDateUTC": "/Date(1795306500000+0000)/",
        "CurrencyCode": "NZD",
        "StatusAttributeString": "OK",
    }
    assert {name: row[name] for name in expected} == expected
    assert set(row) - set(expected) == {"InvoiceID", "Contact", "BrandingThemeID", "LineItems"}
    account = client.books.settings.by_code["200"].id
    own = dict(row["LineItems"][0])
    own.pop("LineItemID")
    assert own == {
        "Description": "Install, zone 2",
        "UnitAmount": 120,
        "TaxType": "OUTPUT2",
        "TaxAmount": 54,
        "LineAmount": 360,
        "AccountCode": "200",
        "Tracking": [],
        "Quantity": 3,
        "AccountID": account,
        "ValidationErrors": [],
    }


def test_voided_invoice_keeps_number_and_totals_and_owes_nothing(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A")

    update(client, row, Status="VOIDED")
    voided = client.get("Invoices/A")["Invoices"][0]

    assert (voided["Status"], voided["Total"], voided["AmountDue"]) == ("VOIDED", 414, 0)
    assert len(voided["LineItems"]) == 1


def test_description_only_line_is_worth_nothing(client: Client) -> None:
    row = client.invoice(LineItems=[line(), {"Description": "Thank you"}])

    own = row["LineItems"][1]
    assert [*own] == ["Description", "Tracking", "LineItemID"]
    assert row["Total"] == 414

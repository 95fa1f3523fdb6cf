"""The demo's judge finds what is wrong, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from syncd.lab.demo.judge import judge, written_in

INVOICE_ID = "0b6f0f0e-0000-4000-8000-000000000001"
CUSTOMER_ID = "0b6f0f0e-0000-4000-8000-000000000002"
MARK = f"https://app.pipeline.example/invoices/{INVOICE_ID}?syncd=here"


def tenant(**changes: Any) -> dict[str, Any]:
    line = {
        "description": " Fit a tap ",
        "quantity": "2",
        "unitAmount": "10.50",
        "discountPercent": None,
        "costCode": "LAB",
        "accountCode": None,
        "taxType": None,
        "taxRate": "0.150",
        "tracking": [],
    }
    invoice = {
        "id": INVOICE_ID,
        "number": "INV-1",
        "reference": "JOB-1",
        "customerId": CUSTOMER_ID,
        "status": "Approved",
        "invoiceDate": "2026-07-01",
        "dueDate": None,
        "currencyCode": None,
        "lineAmountTypes": "Exclusive",
        "lines": [line],
        "nett": "21.00",
        "tax": "3.15",
        "total": "24.15",
        "version": 2,
        "deleted": False,
    }
    told = {
        "state": "synced",
        "reasonCode": None,
        "reason": None,
        "syncedVersion": 2,
        "amountPaid": "4.00",
        "amountCredited": "0",
        "amountDue": "20.15",
    }
    payment = {"type": "Payment", "amount": "4", "paidOn": "2026-07-03", "status": "Authorised"}
    customer = {"id": CUSTOMER_ID, "xeroContactId": None, "deleted": False}
    return {
        "invoices": {INVOICE_ID: invoice | changes},
        "customers": {CUSTOMER_ID: customer},
        "results": {
            "invoice": {INVOICE_ID: told},
            "customer": {CUSTOMER_ID: {"state": "synced", "xeroContactId": "contact"}},
        },
        "payments": {INVOICE_ID: {"payment": payment}},
        "planted": {},
    }


def organisation(**changes: Any) -> dict[str, Any]:
    line = {
        "Description": "Fit a tap",
        "Quantity": "2.0000",
        "UnitAmount": "10.5000",
        "DiscountRate": None,
        "AccountCode": "210",
        "TaxType": "OUTPUT2",
        "Tracking": [],
    }
    document = {
        "InvoiceID": "document",
        "InvoiceNumber": "INV-1",
        "Reference": "JOB-1",
        "ContactID": "contact",
        "Date": "2026-07-01",
        "DueDate": "2026-07-21",
        "CurrencyCode": "NZD",
        "LineAmountTypes": "Exclusive",
        "Status": "AUTHORISED",
        "Url": MARK,
        "SubTotal": "21.00",
        "TotalTax": "3.15",
        "Total": "24.15",
        "AmountPaid": "4.00",
        "AmountCredited": "0.00",
        "AmountDue": "20.15",
        "LineItems": [line],
        "Payments": [
            {"PaymentID": "payment", "Amount": "4.00", "Date": "2026-07-03", "Status": "AUTHORISED"}
        ],
        "Allocations": [],
        "History": [{"who": "app", "what": "created", "fields": []}],
    }
    return {
        "organisation": {"BaseCurrency": "NZD", "CountryCode": "NZ"},
        "accounts": [{"Code": "210", "TaxType": "OUTPUT2"}],
        "tax_rates": [{"TaxType": "OUTPUT2", "Rate": "0.15"}],
        "tracking": [],
        "contacts": [
            {"ContactID": each, "ContactNumber": number, "MergedToContactID": None}
            for each, number in (("contact", CUSTOMER_ID), ("another", None))
        ],
        "invoices": [document | changes],
    }


def told(books: dict[str, Any], **result: Any) -> dict[str, Any]:
    books["results"]["invoice"][INVOICE_ID] |= result
    return books


def test_equal_books_are_good_and_counted() -> None:
    verdict = judge(tenant(), organisation())

    assert verdict.wrong == []
    assert (verdict.equal, verdict.created, verdict.edited, verdict.voided) == (1, 1, 0, 0)
    assert (verdict.customers, verdict.contacts, verdict.held) == (1, 1, {})
    assert (verdict.payments, verdict.paid) == (1, {"NZD": Decimal("4.00")})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("InvoiceNumber", "INV-2"),
        ("Reference", None),
        ("ContactID", "another"),
        ("Date", "2026-07-02"),
        ("DueDate", "2026-07-20"),
        ("CurrencyCode", "USD"),
        ("SubTotal", "21.01"),
        ("TotalTax", "3.14"),
        ("Total", "24.16"),
        ("LineAmountTypes", "Inclusive"),
        ("Status", "DRAFT"),
        ("LineItems", []),
    ],
)
def test_difference_of_a_field_is_named(field: str, value: Any) -> None:
    verdict = judge(tenant(), organisation(**{field: value}))

    assert [each.split(": ")[:2] for each in verdict.wrong] == [["INV-1", field]]
    assert verdict.equal == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Description", "Fit a sink"),
        ("Quantity", "3"),
        ("UnitAmount", "10.5001"),
        ("DiscountRate", "5"),
        ("AccountCode", "200"),
        ("TaxType", "NONE"),
    ],
)
def test_difference_of_a_line_is_named(field: str, value: str) -> None:
    books = organisation()
    books["invoices"][0]["LineItems"][0][field] = value

    (found,) = judge(tenant(), books).wrong

    assert found.startswith("INV-1: LineItems: ")


def test_money_that_did_not_come_back_is_wrong() -> None:
    books = tenant()
    books["payments"] = {}

    verdict = judge(books, organisation())

    assert not verdict.is_good
    assert "payment or credit payment is 4.00 in Xero" in verdict.wrong[0]


def test_reference_left_empty_in_pipeline_is_not_asserted() -> None:
    assert judge(tenant(reference=""), organisation(Reference="hers")).is_good


def test_second_document_and_missing_one_are_wrong() -> None:
    doubled, empty = organisation(), organisation()
    doubled["invoices"].append(doubled["invoices"][0] | {"InvoiceID": "copy"})
    empty["invoices"] = []

    assert "stands 2 times" in judge(tenant(), doubled).wrong[0]
    assert "stands 0 times" in judge(tenant(), empty).wrong[0]


def test_stranger_with_our_number_is_no_copy() -> None:
    stranger = organisation(Url=None)

    assert "stands 0 times" in judge(tenant(), stranger).wrong[0]


def test_pipeline_told_an_older_version_is_wrong() -> None:
    assert len(judge(told(tenant(), state="synced", syncedVersion=1), organisation()).wrong) == 1


def test_planted_invoice_is_good_only_while_held_for_its_reason() -> None:
    books = tenant()
    books["planted"][INVOICE_ID] = "number_taken"
    nobody = organisation(Url=None)
    held = told(
        deepcopy(books), state="waiting", reasonCode="number_taken", reason="Somebody has it."
    )
    other = told(
        deepcopy(books), state="waiting", reasonCode="account_unmapped", reason="No account."
    )

    good = judge(held, nobody)

    assert good.is_good
    assert (good.equal, good.held["number_taken"].sample) == (0, "Somebody has it.")
    assert not judge(other, nobody).is_good
    assert "it stands in Xero" in judge(books, organisation()).wrong[0]


def test_deleted_invoice_must_be_dead_in_xero_and_told_so() -> None:
    gone = tenant(deleted=True)
    voided = organisation(Status="VOIDED")
    voided["invoices"][0]["History"].append({"who": "app", "what": "voided", "fields": []})

    verdict = judge(told(gone, state="voided"), voided)

    assert verdict.is_good
    assert (verdict.equal, verdict.edited, verdict.voided) == (0, 0, 1)
    assert "Xero shows AUTHORISED" in judge(tenant(deleted=True), organisation()).wrong[0]


def test_edit_by_the_app_is_counted_and_one_by_a_person_is_not() -> None:
    books = organisation()
    books["invoices"][0]["History"].append({"who": "Bea", "what": "edited", "fields": []})
    by_person = judge(tenant(), books).edited
    books["invoices"][0]["History"].append({"who": "app", "what": "edited", "fields": []})

    assert (by_person, judge(tenant(), books).edited) == (0, 1)


def test_what_the_app_wrote_where_it_only_observes_is_named() -> None:
    books = organisation()
    books["organisation"]["Name"] = "Redgum Joinery"
    for contact in books["contacts"]:
        contact["History"] = [{"who": "the bookkeeper", "what": "created", "fields": []}]
    by_hand = organisation(History=[{"who": "the bookkeeper", "what": "created", "fields": []}])

    assert written_in(books) == ["INV-1: written in Redgum Joinery, where nothing may be"]
    assert written_in(books | {"invoices": by_hand["invoices"]}) == []

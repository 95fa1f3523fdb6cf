"""Each reason of content and settings stands while its cause is in the books, and no longer."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.lab.watch import reasons_in_books
from syncd.lab.watch.comparing import differences, disagreements, is_even
from syncd.lab.watch.scene import Scene
from syncd.sandbox.seed import COST_CODES, TAX_TYPES

LINE = {
    "description": "Work",
    "quantity": "1",
    "unitAmount": "10",
    "discountPercent": None,
    "costCode": "LAB",
    "accountCode": None,
    "taxType": None,
    "taxRate": "0.15",
    "tracking": [],
}
INVOICE = {
    "id": "i1",
    "number": "PL-1",
    "reference": "",
    "customerId": "c1",
    "status": "Approved",
    "invoiceDate": "2026-12-01",
    "dueDate": None,
    "currencyCode": None,
    "lineAmountTypes": "Exclusive",
    "lines": [LINE],
    "nett": "10.00",
    "tax": "1.50",
    "total": "11.50",
}
SHOWN: dict[str, Any] = {
    "ContactID": "x1",
    "InvoiceNumber": "PL-1",
    "Reference": "",
    "Date": "2026-12-01",
    "DueDate": "2026-12-21",
    "SubTotal": "10.00",
    "TotalTax": "1.50",
    "Total": "11.50",
    "RoundingAmount": "0.00",
    "LineAmountTypes": "Exclusive",
    "CurrencyCode": "NZD",
    "Status": "AUTHORISED",
    "LineItems": [
        {
            "Description": "Work",
            "Quantity": "1",
            "UnitAmount": "10.0000",
            "DiscountRate": None,
            "AccountCode": "210",
            "TaxType": "OUTPUT2",
            "Tracking": [["t1", "o1"]],
        }
    ],
}
REASONS = {
    "account_unmapped": reasons_in_books.accounts_mapped,
    "tax_unmapped": reasons_in_books.taxes_mapped,
    "currency_unavailable": reasons_in_books.currency_there,
    "locked_period": reasons_in_books.period_open,
    "totals_mismatch": reasons_in_books.totals_right,
    "invalid_document": reasons_in_books.document_valid,
    "refused": reasons_in_books.nothing_refused,
}


def scene(**organisation: Any) -> Scene:
    books = {
        "organisation": {
            "CountryCode": "NZ",
            "BaseCurrency": "NZD",
            "PeriodLockDate": None,
            "EndOfYearLockDate": None,
        },
        "accounts": [
            {"Code": code, "Status": "ACTIVE", "Type": "REVENUE", "SystemAccount": None}
            | {"TaxType": "OUTPUT2"}
            for code in ("200", "210", "220")
        ],
        "tax_rates": [
            {"TaxType": "OUTPUT2", "Rate": "0.15", "Status": "ACTIVE", "AppliesTo": ["Revenue"]}
        ],
        "currencies": {"NZD": "New Zealand Dollar"},
        "tracking": [{"TrackingCategoryID": "t1", "Name": "Region", "Options": [["o1", "North"]]}],
        "contacts": [{"ContactID": "x1", "ContactNumber": "c1", "MergedToContactID": None}],
    }
    return Scene(pipeline={}, organisation={**books, **organisation}, jobs={})


def line(**fields: Any) -> dict[str, Any]:
    return {**INVOICE, "lines": [{**LINE, **fields}]}


@pytest.mark.parametrize("reason", REASONS)
def test_a_sound_invoice_has_none_of_the_reasons(reason: str) -> None:
    assert REASONS[reason](scene(), "i1", INVOICE, None)


@pytest.mark.parametrize(
    ("reason", "invoice", "organisation"),
    [
        ("account_unmapped", line(costCode="GHOST"), {}),
        ("account_unmapped", INVOICE, {"accounts": []}),
        ("tax_unmapped", line(taxType="GHOSTTAX"), {}),
        ("tax_unmapped", INVOICE, {"tax_rates": []}),
        ("currency_unavailable", {**INVOICE, "currencyCode": "EUR"}, {}),
        (
            "locked_period",
            INVOICE,
            {"organisation": {"PeriodLockDate": "2026-12-01", "EndOfYearLockDate": None}},
        ),
        ("totals_mismatch", {**INVOICE, "total": "11.51"}, {}),
        ("totals_mismatch", line(taxRate="0.125"), {"tax_rates": []}),
        ("invalid_document", {**INVOICE, "lines": []}, {}),
        ("invalid_document", line(description=" "), {}),
        ("invalid_document", line(description="bell \x07"), {}),
        ("invalid_document", line(discountPercent="101"), {}),
        ("refused", line(tracking=[{"name": "Region", "option": "Moon"}]), {}),
    ],
)
def test_a_cause_in_the_books_is_seen(
    reason: str, invoice: dict[str, Any], organisation: dict[str, Any]
) -> None:
    assert REASONS[reason](scene(**organisation), "i1", invoice, None) == ""


def test_what_both_show_alike_differs_nowhere() -> None:
    assert list(differences(scene(), INVOICE, SHOWN)) == []


def test_tracking_counts_only_where_pipeline_asserts_it() -> None:
    south = line(tracking=[{"name": "Region", "option": "South"}])

    assert [name for name, _, _ in differences(scene(), south, SHOWN)] == ["Tracking"]


def test_a_total_may_part_by_a_tie_and_by_nothing_else() -> None:
    tie = {**INVOICE, "lines": [{**LINE, "unitAmount": "10.005"}], "nett": "10.01"}
    shown = {**SHOWN["LineItems"][0], "UnitAmount": "10.0050"}
    rounded = {**SHOWN, "LineItems": [shown]}

    assert [name for name, _, _ in differences(scene(), tie, rounded)] == ["SubTotal"]
    assert list(disagreements(scene(), tie, rounded)) == []
    off = {**SHOWN, "SubTotal": "10.01"}
    assert [name for name, _, _ in disagreements(scene(), INVOICE, off)] == ["SubTotal"]


def test_nothing_is_to_be_written_only_where_a_document_shows_all_of_it() -> None:
    sent, mailed = {**INVOICE, "status": "Sent"}, {**SHOWN, "SentToContact": True}
    other = {**INVOICE, "reference": "PO 9"}

    assert is_even(scene(), INVOICE, [{**SHOWN, "SentToContact": False}])
    assert is_even(scene(), sent, [mailed])
    assert not is_even(scene(), sent, [{**SHOWN, "SentToContact": False}])
    assert not is_even(scene(), other, [mailed])
    assert not is_even(scene(), INVOICE, [])


def _mapped(**other: Any) -> Scene:
    """An organisation with all that the configuration names; `other` is as it stands instead."""
    account = {"Status": "ACTIVE", "Type": "REVENUE", "SystemAccount": None, "TaxType": "OUTPUT2"}
    rate = {"Rate": "0.15", "Status": "ACTIVE", "AppliesTo": ["Revenue"]}
    whole = {
        "accounts": [{**account, "Code": code} for code in COST_CODES.values()],
        "tax_rates": [{**rate, "TaxType": name} for name in TAX_TYPES.values()],
    }
    first = {name: [{**rows[0], **other.get(name, {})}, *rows[1:]] for name, rows in whole.items()}
    return scene(**first)


@pytest.mark.parametrize(
    "other",
    [
        {"accounts": {"Status": "ARCHIVED"}},
        {"accounts": {"Type": "BANK"}},
        {"tax_rates": {"Status": "DELETED"}},
        {"tax_rates": {"AppliesTo": ["Expenses"]}},
    ],
)
def test_mapping_is_usable_while_the_organisation_takes_all_of_it(other: dict[str, Any]) -> None:
    assert reasons_in_books.mapping_usable(_mapped())
    assert not reasons_in_books.mapping_usable(_mapped(**other))

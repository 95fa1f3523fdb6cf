"""The demo's judge of money names every payment that is not the same in both books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.lab.demo import money

INVOICE = {"id": "i1"}


def document() -> dict[str, Any]:
    return {
        "AmountPaid": "30.00",
        "AmountCredited": "12.00",
        "AmountDue": "58.00",
        "Payments": [
            {"PaymentID": "p1", "Amount": "30.00", "Date": "2026-07-01", "Status": "AUTHORISED"},
            {"PaymentID": "p0", "Amount": "9.00", "Date": "2026-07-01", "Status": "DELETED"},
        ],
        "Allocations": [
            {"CreditID": "c1", "Amount": "5.00", "IsDeleted": False},
            {"CreditID": "c1", "Amount": "7.00", "IsDeleted": False},
            {"CreditID": "c1", "Amount": "99.00", "IsDeleted": True},
        ],
    }


def tenant(**payments: Any) -> dict[str, Any]:
    told = {"amountPaid": "30", "amountCredited": "12.0", "amountDue": "58.00"}
    stand = {
        "p1": _part("Payment", "30"),
        "p0": _part("Payment", "9", status="Deleted"),
        "c1": _part("CreditNote", "12.00"),
    }
    return {
        "results": {"invoice": {"i1": told}},
        "payments": {"i1": {**stand, **payments}},
    }


def _part(kind: str, amount: str, **changes: str) -> dict[str, str]:
    return {
        "type": kind, "amount": amount, "paidOn": "2026-07-01", "status": "Authorised", **changes,
    }  # fmt: skip


def test_same_money_is_no_difference() -> None:
    assert [*money.differences(tenant(), INVOICE, document())] == []
    assert money.paid(document()) == [Decimal("30.00")]


@pytest.mark.parametrize(
    "parts",
    [
        {"p1": _part("Payment", "30.01")},
        {"p1": _part("Payment", "30", paidOn="2026-07-02")},
        {"p1": _part("Payment", "30", status="Deleted")},
        {"p0": _part("Payment", "9")},
        {"c1": _part("CreditNote", "5")},
        {"p2": _part("Payment", "1")},
    ],
)
def test_payment_that_differs_is_named(parts: dict[str, Any]) -> None:
    (found,) = money.differences(tenant(**parts), INVOICE, document())

    assert found.startswith(f"payment {next(iter(parts))}: ")


def test_amounts_that_differ_are_named() -> None:
    books = tenant()
    books["results"]["invoice"]["i1"] = {"amountPaid": "29.99", "amountCredited": "12"}

    found = [*money.differences(books, INVOICE, document())]

    assert [each.partition(":")[0] for each in found] == ["amountPaid", "amountDue"]

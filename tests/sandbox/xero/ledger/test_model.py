"""What is due, what remains, and pictures of the past."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from syncd.sandbox.xero.ledger.model import Account, Credit, Invoice, Settings

TODAY = date(2026, 11, 22)


def invoice(status: str = "AUTHORISED") -> Invoice:
    return Invoice(
        id="i",
        type="ACCREC",
        number="A",
        contact_id="c",
        dated_on=TODAY,
        currency="NZD",
        status=status,
        total=Decimal("10.00"),
        amount_paid=Decimal("3.00"),
        amount_credited=Decimal("2.00"),
    )


@pytest.mark.parametrize(
    ("status", "due"),
    [("AUTHORISED", "5.00"), ("DRAFT", "5.00"), ("VOIDED", "0.00"), ("DELETED", "0")],
)
def test_amount_due_is_what_is_neither_paid_nor_credited(status: str, due: str) -> None:
    assert invoice(status).amount_due == Decimal(due)


def test_remaining_credit_is_what_is_not_used() -> None:
    credit = Credit(
        id="n",
        kind="CreditNote",
        type="ACCRECCREDIT",
        contact_id="c",
        dated_on=TODAY,
        currency="NZD",
        total=Decimal(10),
        used=Decimal(4),
    )

    assert credit.remaining == 6
    credit.status = "VOIDED"
    assert credit.remaining == 0


def test_snapshot_is_safe_from_later_edits() -> None:
    now = invoice()

    past = now.snapshot()
    now.status = "VOIDED"
    now.payments.append("p")

    assert (past.status, past.payments) == ("AUTHORISED", [])


def test_settings_find_accounts_by_code_and_id() -> None:
    bank = Account(id="a1", code=None, name="Bank", type="BANK", account_class="ASSET")
    sales = Account(id="a2", code="200", name="Sales", type="REVENUE", account_class="REVENUE")
    settings = Settings(accounts=[bank, sales])

    settings.index()

    assert settings.by_code == {"200": sales}
    assert settings.by_account_id == {"a1": bank, "a2": sales}

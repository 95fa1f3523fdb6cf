"""Every field has one name, and survives being written down."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from syncd.sandbox.xero.ledger import model, names

TABLES = [
    (model.Line, names.LINE, set()),
    (model.Invoice, names.INVOICE, {"lines", "history"}),
    (model.Contact, names.CONTACT, {"history"}),
    (model.Payment, names.PAYMENT, {"history"}),
    (model.Credit, names.CREDIT, {"lines", "history"}),
    (model.Allocation, names.ALLOCATION, set()),
    (model.Account, names.ACCOUNT, set()),
    (model.TaxRate, names.TAX_RATE, set()),
    (model.TrackingCategory, names.TRACKING, set()),
    (model.Organisation, names.ORGANISATION, set()),
]


@pytest.mark.parametrize(("kind", "table", "apart"), TABLES, ids=range(len(TABLES)))
def test_table_names_every_field_once(kind: type, table: names.Table, apart: set[str]) -> None:
    attributes = [attribute for _, attribute, _ in table]

    assert len({name for name, _, _ in table}) == len(table)
    assert sorted(attributes) == sorted(
        each.name
        for each in fields(kind)
        if each.name not in apart  # type: ignore[arg-type] # all are
    )


def test_what_is_written_is_read_again() -> None:
    own = model.Line(
        id="l",
        description="x",
        quantity=Decimal("1.2500"),
        unit_amount=None,
        line_amount=Decimal("2.50"),
        tax_amount=Decimal("0.38"),
        tracking=(("c", "o"),),
    )

    row = names.written(names.LINE, own)

    assert row["LineAmount"] == "2.50"
    assert model.Line(**names.arguments(names.LINE, row)) == own


def test_dates_are_written_as_iso() -> None:
    own = model.Allocation(
        id="a", credit_id="c", invoice_id="i", amount=Decimal(1), dated_on=date(2026, 11, 22)
    )

    assert names.written(names.ALLOCATION, own)["Date"] == "2026-11-22"

"""Pipeline's objects read exactly, and one bad one does not stop the feed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId
from syncd.domain.model.contact import Customer, PostalAddress
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes, Tracking
from syncd.domain.model.statuses import PipelineStatus
from syncd.pipeline import wire
from tests.pipeline.objects import CUSTOMER, EXACT, INVOICE, LINE


def test_invoice_reads_as_pipeline_says_it() -> None:
    assert wire.read_invoice(EXACT.encode(INVOICE)) == Invoice(
        id=PipelineInvoiceId("i-1"),
        number="INV-1",
        reference="JOB-7",
        customer_id=PipelineCustomerId("c-1"),
        status=PipelineStatus.APPROVED,
        invoice_on=date(2026, 11, 20),
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        lines=(
            Line(
                id="l-1",
                description="Install",
                quantity=Decimal(3),
                unit_amount=Decimal("120.5555"),
                cost_code="LAB",
                tax_rate=Decimal("0.15"),
                tracking=(Tracking(name="Region", option="North"),),
            ),
        ),
        nett=Decimal("361.67"),
        tax=Decimal("54.25"),
        total=Decimal("415.92"),
        version=3,
        updated_at=datetime(2026, 11, 22, 0, 15, 12, 500000, tzinfo=UTC),
    )


def test_number_is_the_one_xero_will_show() -> None:
    assert wire.read_invoice(EXACT.encode({**INVOICE, "number": " D-61 "})).number == "D-61"


def test_customer_reads_as_pipeline_says_it() -> None:
    assert wire.read_customer(EXACT.encode(CUSTOMER)) == Customer(
        id=PipelineCustomerId("c-1"),
        ref="ACME",
        name="Acme",
        version=1,
        updated_at=datetime(2026, 11, 22, 0, 15, 12, 500000, tzinfo=UTC),
        email="a@acme.example",
        postal_address=PostalAddress(line1="1 High St", postal_code="LS1"),
    )


@given(number=st.decimals(-(10**12), 10**12, places=4))
def test_numbers_are_read_to_the_last_digit(number: Decimal) -> None:
    found = wire.read_invoice(EXACT.encode(INVOICE | {"total": number}))

    assert str(found.total) == str(number)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("status", "Paid"),
        ("invoiceDate", "20/11/2026"),
        ("invoiceDate", "2026-11-20T00:00:00Z"),
        ("lineAmountTypes", "Both"),
        ("total", "NaN"),
        ("total", None),
        ("lines", [LINE | {"quantity": "many"}]),
        ("updatedAt", "2026-11-22T00:15:12"),
        ("version", "3"),
    ],
)
def test_field_that_breaks_the_contract_is_named(field: str, value: Any) -> None:
    with pytest.raises(Garbled, match=field):
        wire.read_invoice(EXACT.encode(INVOICE | {field: value}))


@pytest.mark.parametrize("field", ["id", "number", "customerId", "lines", "total", "version"])
def test_missing_field_is_named(field: str) -> None:
    with pytest.raises(Garbled, match=field):
        wire.read_invoice(EXACT.encode({k: v for k, v in INVOICE.items() if k != field}))

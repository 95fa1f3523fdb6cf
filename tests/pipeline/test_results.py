"""Results leave in the sync API's words, exactly, and the pretend Pipeline takes them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroContactId, XeroInvoiceId
from syncd.domain.model.contact import PostalAddress
from syncd.domain.model.invoice import MoneyKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import (
    CustomerResult,
    CustomerState,
    Difference,
    FromXero,
    InvoiceResult,
    MovedBy,
    PaymentResult,
    PaymentStatus,
    RevisedResult,
)
from syncd.domain.model.statuses import XeroStatus
from syncd.pipeline import results

FULL = InvoiceResult(
    id=PipelineInvoiceId("i-1"),
    state=PublicState.OUT_OF_SYNC,
    reason_code=Reason.STATUS_REGRESSION,
    reason="Compare both sides and choose one.",
    differences=(
        Difference(
            field="total", pipeline="1.00", xero="2.00", agreed="1.00", moved_by=MovedBy.XERO
        ),
        Difference(field="number", pipeline="A", xero=None, agreed=None),
    ),
    xero_id=XeroInvoiceId("x-1"),
    xero_number="INV-1",
    xero_status=XeroStatus.AUTHORISED,
    xero_url="https://go.xero.com/x",
    amount_paid=Decimal("100.10"),
    amount_credited=Decimal(0),
    amount_due=Decimal("1234567890123456.07"),
    fully_paid_on=date(2026, 11, 22),
    synced_version=4,
    as_of=datetime(2026, 11, 22, 0, 15, 12, tzinfo=UTC),
)


def said(
    result: InvoiceResult | CustomerResult | PaymentResult, revision: int = 7
) -> dict[str, Any]:
    body = results.encode(RevisedResult(result=result, revision=revision))
    found = json.loads(body, parse_float=Decimal)
    assert isinstance(found, dict)
    return found


def test_invoice_result_says_everything_exactly() -> None:
    assert said(FULL) == {
        "kind": "invoice",
        "id": "i-1",
        "revision": 7,
        "state": "out_of_sync",
        "reasonCode": "status_regression",
        "reason": "Compare both sides and choose one.",
        "differences": [
            {
                "field": "total",
                "pipeline": "1.00",
                "xero": "2.00",
                "agreed": "1.00",
                "movedBy": "xero",
            },
            {"field": "number", "pipeline": "A"},
        ],
        "xeroInvoiceId": "x-1",
        "xeroInvoiceNumber": "INV-1",
        "xeroStatus": "AUTHORISED",
        "xeroUrl": "https://go.xero.com/x",
        "amountPaid": Decimal("100.1"),
        "amountCredited": 0,
        "amountDue": Decimal("1234567890123456.07"),
        "fullyPaidOn": "2026-11-22",
        "syncedVersion": 4,
        "asOf": "2026-11-22T00:15:12Z",
    }


def test_what_is_not_known_is_not_said() -> None:
    plain = InvoiceResult(id=PipelineInvoiceId("i-1"), state=PublicState.PENDING)

    assert said(plain) == {"kind": "invoice", "id": "i-1", "revision": 7, "state": "pending"}


def test_customer_result_hands_over_only_what_moved_in_xero() -> None:
    result = CustomerResult(
        id=PipelineCustomerId("c-1"),
        state=CustomerState.SYNCED,
        based_on_version=3,
        from_xero=FromXero(phone="", postal_address=PostalAddress(city="Napier")),
    )

    found = said(result)

    assert found["basedOnVersion"] == 3
    assert found["fromXero"] == {
        "phone": "",
        "postalAddress": {
            "line1": "",
            "line2": "",
            "city": "Napier",
            "region": "",
            "postalCode": "",
            "country": "",
        },
    }


def test_customer_result_says_its_link() -> None:
    result = CustomerResult(
        id=PipelineCustomerId("c-1"),
        state=CustomerState.SYNCED,
        xero_contact_id=XeroContactId("x-1"),
    )

    assert said(result) == {
        "kind": "customer",
        "id": "c-1",
        "revision": 7,
        "state": "synced",
        "xeroContactId": "x-1",
    }


@pytest.mark.parametrize("amount", [Decimal(414), Decimal("414.0"), Decimal("4.14E+2")])
def test_equal_amounts_leave_as_equal_bytes(amount: Decimal) -> None:
    one = InvoiceResult(id=PipelineInvoiceId("i"), state=PublicState.SYNCED, amount_due=amount)

    assert b'"amountDue":414}' in results.encode(RevisedResult(result=one, revision=1))


def test_payment_result_says_what_stands_or_stood() -> None:
    payment = PaymentResult(
        id=PipelineInvoiceId("i-1"),
        payment_id="p-1",
        type=MoneyKind.CREDIT_NOTE,
        amount=Decimal("40.50"),
        currency_code="NZD",
        paid_on=date(2026, 11, 22),
        status=PaymentStatus.DELETED,
        reference="CN-1",
    )

    assert said(payment) == {
        "kind": "payment",
        "id": "i-1",
        "paymentId": "p-1",
        "revision": 7,
        "type": "CreditNote",
        "amount": Decimal("40.5"),
        "currencyCode": "NZD",
        "paidOn": "2026-11-22",
        "reference": "CN-1",
        "status": "Deleted",
    }

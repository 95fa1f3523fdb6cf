"""What syncd writes back, in the sync API's words: one result and its revision, as JSON bytes.

Called by `billing` (Pipeline: sync-api.yaml, `/sync-results`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import assert_never

import msgspec

from syncd.domain.model import money
from syncd.domain.model.result import (
    CustomerResult,
    Difference,
    FromXero,
    InvoiceResult,
    PaymentResult,
    Result,
    RevisedResult,
)
from syncd.domain.model.value import like

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class _Written(msgspec.Struct, rename="camel", omit_defaults=True):
    """Something sent; None is left out."""


class _Difference(_Written):
    field: str
    pipeline: str | None = None
    xero: str | None = None
    agreed: str | None = None
    moved_by: str | None = None


class _InvoiceResult(_Written, tag_field="kind", tag="invoice"):
    id: str
    revision: int
    state: str
    reason_code: str | None = None
    reason: str | None = None
    differences: list[_Difference] | None = None
    xero_invoice_id: str | None = None
    xero_invoice_number: str | None = None
    xero_status: str | None = None
    xero_url: str | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    amount_due: Decimal | None = None
    fully_paid_on: dt.date | None = None
    synced_version: int | None = None
    as_of: dt.datetime | None = None


class _PostalAddress(msgspec.Struct, rename="camel"):
    """Whole: an emptied line is sent too."""

    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str


class _FromXero(_Written):
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    postal_address: _PostalAddress | None = None


class _CustomerResult(_Written, tag_field="kind", tag="customer"):
    id: str
    revision: int
    state: str
    reason: str | None = None
    xero_contact_id: str | None = None
    based_on_version: int | None = None
    from_xero: _FromXero | None = None


class _PaymentResult(_Written, tag_field="kind", tag="payment"):
    id: str
    payment_id: str
    revision: int
    type: str
    amount: Decimal
    paid_on: dt.date
    status: str
    currency_code: str | None = None
    reference: str | None = None


def encode(revised: RevisedResult) -> bytes:
    """One item of `POST /sync-results`; amounts as exact numbers, instants in UTC with `Z`."""
    return _ENCODER.encode(_written(revised.result, revised.revision))


def _written(result: Result, revision: int) -> _Written:
    match result:
        case InvoiceResult():
            return _invoice(result, revision)
        case CustomerResult():
            return _customer(result, revision)
        case PaymentResult():
            return _payment(result, revision)
        case _:
            assert_never(result)


def _payment(result: PaymentResult, revision: int) -> _PaymentResult:
    return like(
        _PaymentResult,
        result,
        revision=revision,
        amount=Decimal(money.canonical(result.amount)),
        currency_code=result.currency_code or None,
        reference=result.reference or None,
    )


def _invoice(result: InvoiceResult, revision: int) -> _InvoiceResult:
    return like(
        _InvoiceResult,
        result,
        revision=revision,
        reason=result.reason or None,
        differences=[_difference(one) for one in result.differences] or None,
        xero_invoice_id=result.xero_id,
        xero_invoice_number=result.xero_number,
        amount_paid=_amount(result.amount_paid),
        amount_credited=_amount(result.amount_credited),
        amount_due=_amount(result.amount_due),
    )


def _customer(result: CustomerResult, revision: int) -> _CustomerResult:
    return like(
        _CustomerResult,
        result,
        revision=revision,
        reason=result.reason or None,
        from_xero=None if result.from_xero is None else _from_xero(result.from_xero),
    )


def _from_xero(moved: FromXero) -> _FromXero:
    address = moved.postal_address
    return like(
        _FromXero, moved, postal_address=None if address is None else like(_PostalAddress, address)
    )


def _difference(one: Difference) -> _Difference:
    return like(_Difference, one)


def _amount(value: Decimal | None) -> Decimal | None:
    """Equal amounts, equal bytes: 414.00 and 414.0 both leave as 414."""
    return None if value is None else Decimal(money.canonical(value))

"""An invoice's sides under the sync API's field names (Pipeline: sync-api.yaml, `Invoice`).

Amounts of Pipeline's own document are exact numbers; what was agreed is kept, and shown, as
normalised texts. In Xero's half `customerId` is the ContactID, `taxType` and `accountCode` are
Xero's own codes.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec

from syncd.domain.model.invoice import Invoice, Line
from syncd.domain.model.result import PaymentResult
from syncd.domain.model.snapshot import LineSnapshot, Snapshot
from syncd.domain.model.value import like


class Tracking(msgspec.Struct, frozen=True):
    """One tracking category and its option."""

    name: str
    option: str


class PipelineLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A line as Pipeline says it; `taxRate` is a fraction."""

    id: str
    description: str
    quantity: Decimal
    unit_amount: Decimal
    discount_percent: Decimal | None
    cost_code: str | None
    account_code: str | None
    tax_type: str | None
    tax_rate: Decimal | None
    tracking: list[Tracking]


class PipelineInvoice(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The invoice as Pipeline says it now."""

    number: str
    reference: str
    customer_id: str
    status: str
    invoice_date: dt.date
    due_date: dt.date | None
    currency_code: str | None
    line_amount_types: str
    lines: list[PipelineLine]
    nett: Decimal
    tax: Decimal
    total: Decimal
    version: int
    updated_at: dt.datetime


class AgreedLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A line as one side showed it when both last agreed."""

    id: str
    description: str | None
    quantity: str | None
    unit_amount: str | None
    discount_percent: str | None
    account_code: str | None
    tax_type: str | None
    tracking: str | None


class AgreedSide(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one side showed when both last agreed."""

    status: str
    number: str | None
    reference: str | None
    customer_id: str | None
    invoice_date: str | None
    due_date: str | None
    currency_code: str | None
    line_amount_types: str | None
    nett: str | None
    tax: str | None
    total: str | None
    lines: list[AgreedLine]


class InvoicePayment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment in Xero, or what one credit applies to the invoice in all.

    `type`: Payment, CreditNote, Overpayment, Prepayment; `status`: Authorised, or Deleted where it
    is gone in Xero, with the amount it had. `id` is Xero's.
    """

    id: str
    type: str
    amount: Decimal
    currency_code: str
    paid_on: dt.date
    reference: str
    status: str


def payment(of: PaymentResult) -> InvoicePayment:
    """A payment or credit."""
    return like(InvoicePayment, of, id=of.payment_id)


def pipeline_invoice(of: Invoice) -> PipelineInvoice:
    """Pipeline's document."""
    return like(
        PipelineInvoice,
        of,
        invoice_date=of.invoice_on,
        due_date=of.due_on,
        lines=[_pipeline_line(line) for line in of.lines],
    )


def agreed_side(of: Snapshot | None) -> AgreedSide | None:
    """One half of the base; None where it is missing."""
    if of is None:
        return None
    return like(
        AgreedSide,
        of,
        customer_id=of.contact,
        invoice_date=of.invoice_on,
        due_date=of.due_on,
        currency_code=of.currency,
        lines=[_agreed_line(line) for line in of.lines],
    )


def _pipeline_line(of: Line) -> PipelineLine:
    return like(
        PipelineLine, of, tracking=[Tracking(each.name, each.option) for each in of.tracking]
    )


def _agreed_line(of: LineSnapshot) -> AgreedLine:
    return like(
        AgreedLine, of, discount_percent=of.discount, account_code=of.account, tax_type=of.tax
    )

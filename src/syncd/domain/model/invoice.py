"""An invoice as Pipeline says it and as Xero shows it, each in its own words.

Read by the adapters from the wire; compared, planned and stored as these values.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from syncd.domain.ids import (
    PipelineCustomerId,
    PipelineInvoiceId,
    XeroContactId,
    XeroInvoiceId,
)
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.model.value import Value


class LineAmountTypes(StrEnum):
    """Whether line amounts are without tax, with it, or know none."""

    EXCLUSIVE = "Exclusive"
    INCLUSIVE = "Inclusive"
    NO_TAX = "NoTax"


class Tracking(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One tracking category and its option."""

    name: str
    option: str


class Line(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A line as Pipeline says it; `tax_rate` is a fraction (0.15 is 15 %)."""

    id: str
    description: str
    quantity: Decimal
    unit_amount: Decimal
    discount_percent: Decimal | None = None
    cost_code: str | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tax_rate: Decimal | None = None
    tracking: tuple[Tracking, ...] = ()


class Invoice(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice as Pipeline says it. `currency_code` None means the organisation's base."""

    id: PipelineInvoiceId
    number: str
    customer_id: PipelineCustomerId
    status: PipelineStatus
    invoice_on: date
    line_amount_types: LineAmountTypes
    lines: tuple[Line, ...]
    nett: Decimal
    tax: Decimal
    total: Decimal
    version: int
    updated_at: datetime
    reference: str = ""
    due_on: date | None = None
    currency_code: str | None = None


class LiveLine(Value, frozen=True, kw_only=True):
    """A line as Xero shows it."""

    line_item_id: str
    description: str
    quantity: Decimal
    unit_amount: Decimal
    line_amount: Decimal
    tax_amount: Decimal
    discount_rate: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tracking: tuple[Tracking, ...] = ()


class MoneyKind(StrEnum):
    """What settles an invoice in Xero; only payments are Payments there (facts §5.2)."""

    PAYMENT = "Payment"
    CREDIT_NOTE = "CreditNote"
    OVERPAYMENT = "Overpayment"
    PREPAYMENT = "Prepayment"


class LiveMoney(Value, frozen=True, kw_only=True):
    """One payment, or what one credit note, overpayment or prepayment applies in all."""

    kind: MoneyKind
    id: str
    amount: Decimal
    paid_on: date
    reference: str = ""


class LiveInvoice(Value, frozen=True, kw_only=True):
    """An invoice as Xero shows it, read in full (with lines).

    `is_whole` is False for answers to writes, which leave out money (facts §5.1).
    """

    id: XeroInvoiceId
    type: str
    number: str
    status: XeroStatus
    contact_id: XeroContactId
    invoice_on: date
    line_amount_types: LineAmountTypes
    lines: tuple[LiveLine, ...]
    sub_total: Decimal
    total_tax: Decimal
    total: Decimal
    amount_due: Decimal
    amount_paid: Decimal
    amount_credited: Decimal
    updated_at: datetime
    currency_code: str
    contact_name: str = ""
    """For people; what is compared is the id."""
    reference: str = ""
    due_on: date | None = None
    url: str = ""
    sent_to_contact: bool = False
    fully_paid_on: date | None = None
    money: tuple[LiveMoney, ...] = ()
    is_whole: bool = True

    @property
    def has_money(self) -> bool:
        """A payment or credit stands on it, which forbids most edits (facts §3.7)."""
        return self.amount_paid != 0 or self.amount_credited != 0 or bool(self.money)


class LineWrite(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A line to be written; `line_item_id` None makes a new one (facts §3.7).

    `pipeline_line_id` is never sent: it says whose answer the line's LineItemID will be.
    """

    description: str
    quantity: Decimal
    unit_amount: Decimal
    line_item_id: str | None = None
    pipeline_line_id: str | None = None
    discount_rate: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tracking: tuple[Tracking, ...] = ()


class StepKind(StrEnum):
    """What one write does to one document."""

    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    DELETE = "delete"


class InvoiceWrite(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One element of a write call; None means: not sent, left as it stands."""

    step: StepKind
    pipeline_id: PipelineInvoiceId
    xero_id: XeroInvoiceId | None = None
    number: str | None = None
    reference: str | None = None
    contact_id: XeroContactId | None = None
    invoice_on: date | None = None
    due_on: date | None = None
    status: XeroStatus | None = None
    sent_to_contact: bool | None = None
    currency_code: str | None = None
    line_amount_types: LineAmountTypes | None = None
    url: str | None = None
    lines: tuple[LineWrite, ...] | None = None

"""Invoices on Xero's wire: read as LiveInvoice, and written from InvoiceWrite.

Called by `ledger` and `answers`. Source: Xero docs, Accounting API, Invoices (facts §3, §5.1).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from syncd.domain.ids import PipelineInvoiceId, XeroContactId, XeroInvoiceId
from syncd.domain.model.invoice import (
    InvoiceWrite,
    LineAmountTypes,
    LineWrite,
    LiveInvoice,
    LiveLine,
    LiveMoney,
    MoneyKind,
    StepKind,
    Tracking,
)
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import like
from syncd.xero import wire
from syncd.xero.wire import ListWire, Objections, Wire, Written

SALES = "ACCREC"
"""The type of a sales invoice; ACCPAY is a bill."""


class TrackingWire(Wire):
    """A tracking category on a line."""

    name: str | None = None
    option: str | None = None


class LineWire(Wire):
    """A line."""

    line_item_id: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    line_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    discount_rate: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tracking: list[TrackingWire] | None = None
    validation_errors: Objections = None


class ContactOfInvoiceWire(Wire):
    """The contact as an invoice names it."""

    contact_id: str | None = None
    name: str | None = None
    validation_errors: Objections = None


class MoneyWire(Wire):
    """A payment, or the use of a credit note, overpayment or prepayment, on an invoice."""

    payment_id: str | None = None
    credit_note_id: str | None = None
    overpayment_id: str | None = None
    prepayment_id: str | None = None
    id: str | None = None
    status: str | None = None
    amount: Decimal | None = None
    applied_amount: Decimal | None = None
    date: str | None = None
    date_string: str | None = None
    reference: str | None = None
    credit_note_number: str | None = None


class SummaryWire(Wire):
    """An invoice without lines and payments."""

    invoice_id: str | None = None
    type: str | None = None
    invoice_number: str | None = None
    reference: str | None = None
    status: str | None = None
    contact: ContactOfInvoiceWire | None = None
    date: str | None = None
    date_string: str | None = None
    due_date: str | None = None
    due_date_string: str | None = None
    line_amount_types: str | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    updated_date_utc: str | None = None
    updated_date_utc_string: str | None = None
    currency_code: str | None = None
    url: str | None = None


class InvoiceWire(SummaryWire):
    """An invoice, whole or as an answer to a write echoes it."""

    line_items: list[LineWire] | None = None
    sent_to_contact: bool | None = None
    fully_paid_on_date: str | None = None
    payments: list[MoneyWire] | None = None
    credit_notes: list[MoneyWire] | None = None
    overpayments: list[MoneyWire] | None = None
    prepayments: list[MoneyWire] | None = None
    has_errors: bool | None = None
    status_attribute_string: str | None = None
    validation_errors: Objections = None


class InvoicesWire(ListWire, kw_only=True):
    """A list of invoices, as read."""

    invoices: list[InvoiceWire]


READ = msgspec.json.Decoder(InvoicesWire)
READ_ONE = msgspec.json.Decoder(InvoiceWire)


def to_live(found: InvoiceWire, *, is_whole: bool) -> LiveInvoice:
    """Our words for an invoice. `is_whole` False: an answer to a write, which leaves out money.

    Raises Garbled, naming the field, when the answer lacks what every invoice has.
    """
    if is_whole and found.line_items is None:
        wire.garbled("LineItems", "missing although the read asked for a page")
    invoice_on = wire.read_day(found.date_string, found.date, "Date")
    if invoice_on is None:
        wire.garbled("Date", "missing")
    contact_id = found.contact.contact_id if found.contact else None
    updated = found.updated_date_utc or found.updated_date_utc_string
    paid_on = found.fully_paid_on_date
    return LiveInvoice(
        id=XeroInvoiceId(wire.required(found.invoice_id, "InvoiceID")),
        type=wire.required(found.type, "Type"),
        number=found.invoice_number or "",
        status=wire.one_of(XeroStatus, found.status, "Status"),
        contact_id=XeroContactId(contact_id or ""),
        contact_name=(found.contact and found.contact.name) or "",
        invoice_on=invoice_on,
        due_on=wire.read_day(found.due_date_string, found.due_date, "DueDate"),
        line_amount_types=wire.one_of(
            LineAmountTypes, found.line_amount_types or "Exclusive", "LineAmountTypes"
        ),
        lines=tuple(map(_line, found.line_items or ())),
        sub_total=wire.amount(found.sub_total, "SubTotal"),
        total_tax=wire.amount(found.total_tax, "TotalTax"),
        total=wire.amount(found.total, "Total"),
        amount_due=wire.amount(found.amount_due, "AmountDue"),
        amount_paid=wire.amount(found.amount_paid, "AmountPaid"),
        amount_credited=wire.amount(found.amount_credited, "AmountCredited"),
        updated_at=wire.read_instant(updated, "UpdatedDateUTC"),
        currency_code=found.currency_code or "",
        reference=found.reference or "",
        url=found.url or "",
        sent_to_contact=bool(found.sent_to_contact),
        fully_paid_on=wire.read_day(None, paid_on, "FullyPaidOnDate"),
        money=_money(found),
        is_whole=is_whole,
    )


def objections(found: InvoiceWire) -> tuple[str, ...]:
    """Everything Xero objects to: of the invoice, its contact and its lines."""
    of_lines = (line.validation_errors for line in found.line_items or ())
    of_contact = found.contact.validation_errors if found.contact else None
    return wire.texts(found.validation_errors, of_contact, *of_lines)


def _line(found: LineWire) -> LiveLine:
    rate = found.discount_rate
    return LiveLine(
        line_item_id=found.line_item_id or "",
        description=found.description or "",
        quantity=wire.amount(found.quantity, "Quantity"),
        unit_amount=wire.amount(found.unit_amount, "UnitAmount"),
        line_amount=wire.amount(found.line_amount, "LineAmount"),
        tax_amount=wire.amount(found.tax_amount, "TaxAmount"),
        discount_rate=None if rate is None else wire.amount(rate, "DiscountRate"),
        account_code=found.account_code or None,
        tax_type=found.tax_type or None,
        tracking=tuple(
            Tracking(name=one.name or "", option=one.option or "") for one in found.tracking or ()
        ),
    )


def _money(found: InvoiceWire) -> tuple[LiveMoney, ...]:
    """Payments, and per credit what it applies in all: one may be allocated in several parts."""
    money = [
        LiveMoney(
            kind=MoneyKind.PAYMENT,
            id=wire.required(one.payment_id, "Payments[].PaymentID"),
            amount=wire.amount(one.amount, "Payments[].Amount"),
            paid_on=_paid_on(one, "Payments"),
            reference=one.reference or "",
        )
        for one in found.payments or ()
        if one.status != XeroStatus.DELETED
    ]
    for kind, name, some in (
        (MoneyKind.CREDIT_NOTE, "CreditNotes", found.credit_notes),
        (MoneyKind.OVERPAYMENT, "Overpayments", found.overpayments),
        (MoneyKind.PREPAYMENT, "Prepayments", found.prepayments),
    ):
        if some:
            money += _credits(kind, name, some)
    return tuple(money)


def _credits(kind: MoneyKind, name: str, some: Iterable[MoneyWire]) -> Iterable[LiveMoney]:
    parts: dict[str, LiveMoney] = {}
    for one in some:
        if one.applied_amount is None:
            wire.garbled(f"{name}[].AppliedAmount", "missing")
        applied = wire.amount(one.applied_amount, f"{name}[].AppliedAmount")
        own = one.credit_note_id or one.overpayment_id or one.prepayment_id or one.id
        own = wire.required(own, f"{name}[].ID")
        before = parts.get(own)
        parts[own] = LiveMoney(
            kind=kind,
            id=own,
            amount=applied + (before.amount if before else wire.ZERO),
            paid_on=_paid_on(one, name),
            reference=one.credit_note_number or one.reference or "",
        )
    return parts.values()


def _paid_on(one: MoneyWire, name: str) -> date:
    day = wire.read_day(one.date_string, one.date, f"{name}[].Date")
    if day is None:
        wire.garbled(f"{name}[].Date", "missing")
    return day


class TrackingWritten(Written):
    """A tracking category on a line."""

    name: str
    option: str


class LineWritten(Written):
    """A line; without LineItemID it is a new one."""

    description: str
    quantity: Decimal
    unit_amount: Decimal
    line_item_id: str | None = None
    discount_rate: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tracking: list[TrackingWritten] | None = None


class ContactWritten(Written):
    """Only the id: any further field would change the contact (facts §3.5)."""

    contact_id: str


class InvoiceWritten(Written):
    """One element of a write call."""

    type: str | None = None
    invoice_id: str | None = None
    invoice_number: str | None = None
    reference: str | None = None
    contact: ContactWritten | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    status: str | None = None
    sent_to_contact: bool | None = None
    currency_code: str | None = None
    line_amount_types: str | None = None
    url: str | None = None
    line_items: list[LineWritten] | None = None


def encode(write: InvoiceWrite) -> bytes:
    """One element: everything for a create, what moved for an update, the status for the rest."""
    if write.step in (StepKind.VOID, StepKind.DELETE):
        status = XeroStatus.VOIDED if write.step is StepKind.VOID else XeroStatus.DELETED
        return wire.ENCODER.encode(InvoiceWritten(invoice_id=write.xero_id, status=status))
    is_create = write.step is StepKind.CREATE
    return wire.ENCODER.encode(
        like(
            InvoiceWritten,
            write,
            type=SALES if is_create else None,
            invoice_id=None if is_create else write.xero_id,
            invoice_number=write.number,
            contact=None
            if write.contact_id is None
            else ContactWritten(contact_id=write.contact_id),
            date=write.invoice_on,
            due_date=write.due_on,
            line_items=None if write.lines is None else _lines(write.lines),
        )
    )


def _lines(lines: Sequence[LineWrite]) -> list[LineWritten]:
    return [
        like(
            LineWritten,
            line,
            # An empty list takes tracking off a line that stays; a new line has none to take off.
            tracking=None
            if line.line_item_id is None and not line.tracking
            else [TrackingWritten(name=one.name, option=one.option) for one in line.tracking],
        )
        for line in lines
    ]


class _CreatesWritten(Written):
    invoices: list[InvoiceWritten]


_CREATES = msgspec.json.Decoder(_CreatesWritten)


def creates_in(body: bytes, ids: Sequence[PipelineInvoiceId]) -> tuple[InvoiceWrite, ...]:
    """The creates that a call's bytes say, as `encode` was given them but for lines' own ids."""
    return tuple(
        like(
            InvoiceWrite,
            one,
            step=StepKind.CREATE,
            pipeline_id=id_,
            xero_id=None,
            number=one.invoice_number,
            contact_id=None if one.contact is None else XeroContactId(one.contact.contact_id),
            invoice_on=one.date,
            due_on=one.due_date,
            status=None if one.status is None else XeroStatus(one.status),
            line_amount_types=(
                None if one.line_amount_types is None else LineAmountTypes(one.line_amount_types)
            ),
            lines=None if one.line_items is None else tuple(map(_line_in, one.line_items)),
        )
        for id_, one in zip(ids, _CREATES.decode(body).invoices, strict=True)
    )


def _line_in(line: LineWritten) -> LineWrite:
    tracking = tuple(Tracking(name=each.name, option=each.option) for each in line.tracking or ())
    return like(LineWrite, line, pipeline_line_id=None, tracking=tracking)

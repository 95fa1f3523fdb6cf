"""Invoices as they are written to Xero: one InvoiceWrite, one element of a call's body.

Called by `ledger`. Source: Xero docs, Accounting API, Invoices (facts §3.5 and §3.7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from syncd.domain.model.invoice import InvoiceWrite, LineWrite, StepKind
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import like
from syncd.xero import wire, wire_invoices
from syncd.xero.wire import Written


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
            type=wire_invoices.SALES if is_create else None,
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

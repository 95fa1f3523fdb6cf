"""Rows of `summaryOnly=true`, read as InvoiceSummary, and what a sweep asks Xero's lists for.

Called by `ledger_sweeps`. Source: Xero docs, Accounting API, Invoices (facts §3.4). A thousand rows
come at once, so a row is only taken apart as far as it is compared.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

import msgspec

from syncd.domain.ids import XeroInvoiceId
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.summary import InvoiceSummary
from syncd.xero import wire
from syncd.xero.wire import ListWire
from syncd.xero.wire_invoices import SALES, SummaryWire


class SummariesWire(ListWire, kw_only=True):
    """A page of summaries."""

    invoices: list[SummaryWire]


READ = msgspec.json.Decoder(SummariesWire)
READ_ONE = msgspec.json.Decoder(SummaryWire)
_ENCODER = msgspec.msgpack.Encoder()
_DIGEST_BYTES = 12


def to_summary(found: SummaryWire) -> InvoiceSummary:
    """Our words for a row. Raises Garbled, naming the field."""
    total = wire.amount(found.total, "Total")
    paid = wire.amount(found.amount_paid, "AmountPaid")
    due = wire.amount(found.amount_due, "AmountDue")
    credited = found.amount_credited
    if credited is None:
        # Summaries drop some amounts; what neither paid nor due explains was credited (facts §5.1).
        is_gone = found.status in (XeroStatus.VOIDED, XeroStatus.DELETED)
        credited = wire.ZERO if is_gone else total - paid - due
    return InvoiceSummary(
        id=XeroInvoiceId(wire.required(found.invoice_id, "InvoiceID")),
        number=found.invoice_number or "",
        reference=found.reference or "",
        status=wire.one_of(XeroStatus, found.status, "Status"),
        contact_id=(found.contact.contact_id if found.contact else None) or "",
        invoice_on=_day(found.date_string, found.date, "Date") or wire.garbled("Date", "missing"),
        due_on=_day(found.due_date_string, found.due_date, "DueDate"),
        currency_code=found.currency_code or "",
        line_amount_types=found.line_amount_types or "Exclusive",
        sub_total=wire.amount(found.sub_total, "SubTotal"),
        total_tax=wire.amount(found.total_tax, "TotalTax"),
        total=total,
        amount_due=due,
        amount_paid=paid,
        amount_credited=credited,
        updated_at=wire.read_instant(
            found.updated_date_utc or found.updated_date_utc_string, "UpdatedDateUTC"
        ),
        url=found.url or "",
    )


def digest(found: SummaryWire) -> str:
    """Equal where everything is that is read of a row, whatever it is then made into."""
    values = msgspec.structs.astuple(found)
    return blake2b(_ENCODER.encode(values), digest_size=_DIGEST_BYTES).hexdigest()


def dated(since_on: date | None, before_on: date | None) -> str:
    """The condition of a range of invoice dates, sales only; None: open on that side."""
    condition = f'Type=="{SALES}"'
    if since_on is not None:
        condition += f" AND Date>={_date(since_on)}"
    return condition if before_on is None else f"{condition} AND Date<{_date(before_on)}"


def _date(day: date) -> str:
    return f"DateTime({day.year},{day.month:02},{day.day:02})"


def _day(string: str | None, wire_date: str | None, field: str) -> str | None:
    """An ISO date, mostly by cutting it out of its text."""
    if string is not None and string[10:] == "T00:00:00":
        return string[:10]
    day = wire.read_day(string, wire_date, field)
    return None if day is None else day.isoformat()

"""Snapshots of both sides: what each shows, normalised, in its own words.

Called wherever an invoice is read, and before every comparison. Each half is normalised the same
way, so that trimmed text, line breaks and trailing zeros never look like edits:

| kind       | normal form                                                        |
|------------|--------------------------------------------------------------------|
| text       | trimmed, line breaks as line feeds; empty is None                  |
| unit amount, quantity, discount | 4 decimals, shortest plain text; no discount is None |
| totals     | 2 decimals, shortest plain text                                    |
| dates      | YYYY-MM-DD                                                         |
| tracking   | `Category: Option` pairs, sorted; empty is None                    |

Pipeline's half says `costCode:LAB` and `rate:0.15` where the line names no account or tax type.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from syncd.domain.model.invoice import Invoice, Line, LineWrite, LiveInvoice, LiveLine, Tracking
from syncd.domain.model.money import canonical, cents
from syncd.domain.model.snapshot import LineSnapshot, Snapshot

COST_CODE = "costCode:"
RATE = "rate:"
_TEN_THOUSANDTH = Decimal("0.0001")
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP)  # not the thread's, which others may set
# Both sides show the same few numbers, and equal ones have equal texts.
_REMEMBERED = 8192
_ESCAPES = str.maketrans({"\\": "\\\\", ":": "\\:", ";": "\\;"})


def of_pipeline(invoice: Invoice) -> Snapshot:
    """What Pipeline shows, in Pipeline's words; an empty field asserts nothing."""
    return Snapshot(
        status=invoice.status.value,
        number=text(invoice.number),
        reference=text(invoice.reference),
        contact=invoice.customer_id,
        invoice_on=invoice.invoice_on.isoformat(),
        due_on=None if invoice.due_on is None else invoice.due_on.isoformat(),
        currency=invoice.currency_code,
        line_amount_types=invoice.line_amount_types.value,
        nett=total(invoice.nett),
        tax=total(invoice.tax),
        total=total(invoice.total),
        lines=tuple([_pipeline_line(line) for line in invoice.lines]),
    )


def of_xero(live: LiveInvoice) -> Snapshot:
    """What Xero shows, in Xero's words. Money on it and its Url are no part of a snapshot."""
    return Snapshot(
        status=live.status.value,
        number=text(live.number),
        reference=text(live.reference),
        contact=live.contact_id,
        invoice_on=live.invoice_on.isoformat(),
        due_on=None if live.due_on is None else live.due_on.isoformat(),
        currency=live.currency_code or None,
        line_amount_types=live.line_amount_types.value,
        nett=total(live.sub_total),
        tax=total(live.total_tax),
        total=total(live.total),
        lines=tuple([_xero_line(line) for line in live.lines]),
    )


def of_written(line: LineWrite) -> LineSnapshot:
    """A line as it was sent, in Xero's words; what was left out is None."""
    return LineSnapshot(
        id=line.line_item_id or "",
        description=text(line.description),
        quantity=number(line.quantity),
        unit_amount=number(line.unit_amount),
        discount=number(line.discount_rate) if line.discount_rate else None,
        account=line.account_code or None,
        tax=line.tax_type or None,
        tracking=tracking_text(line.tracking),
    )


def text(value: str) -> str | None:
    """`value` trimmed, its line breaks as line feeds; None when nothing is left."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return value.strip() or None


@lru_cache(_REMEMBERED)
def number(value: Decimal) -> str:
    """A quantity, unit amount or percentage at the four decimals both sides keep."""
    return canonical(value.quantize(_TEN_THOUSANDTH, context=_EXACT))


@lru_cache(_REMEMBERED)
def total(value: Decimal) -> str:
    """A document total at two decimals."""
    return canonical(cents(value))


def tracking_text(tracking: tuple[Tracking, ...]) -> str | None:
    """`Region: North; Team: A` in order of category; None when there is none."""
    if not tracking:
        return None
    pairs = [
        f"{each.name.strip().translate(_ESCAPES)}: {each.option.strip().translate(_ESCAPES)}"
        for each in tracking
    ]
    return "; ".join(sorted(pairs))


@lru_cache(_REMEMBERED)
def _rate(value: Decimal) -> str:
    return RATE + canonical(value)


def _pipeline_line(line: Line) -> LineSnapshot:
    account = line.account_code or None
    if account is None and line.cost_code:
        account = COST_CODE + line.cost_code
    tax = line.tax_type or None
    if tax is None and line.tax_rate is not None:
        tax = _rate(line.tax_rate)
    return LineSnapshot(
        id=line.id,
        description=text(line.description),
        quantity=number(line.quantity),
        unit_amount=number(line.unit_amount),
        discount=number(line.discount_percent) if line.discount_percent else None,
        account=account,
        tax=tax,
        tracking=tracking_text(line.tracking),
    )


def _xero_line(line: LiveLine) -> LineSnapshot:
    return LineSnapshot(
        id=line.line_item_id,
        description=text(line.description),
        quantity=number(line.quantity),
        unit_amount=number(line.unit_amount),
        discount=number(line.discount_rate) if line.discount_rate else None,
        account=line.account_code or None,
        tax=line.tax_type or None,
        tracking=tracking_text(line.tracking),
    )

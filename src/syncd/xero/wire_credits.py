"""On which day a credit settled an invoice: read where it stands, in the credit's own allocations.

Called by `ledger_part`. An invoice shows a credit note under the note's date, which may be weeks
before it was used, and by id it has been the invoice's (facts §5.1). That date stands only where
the credit cannot be read, or was taken off again between the two reads.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import date

import msgspec

from syncd.domain.model.invoice import LiveInvoice, MoneyKind
from syncd.xero import wire
from syncd.xero.wire import Wire

Settled = tuple[str, str]
"""The ids of a credit and of an invoice that it was put onto."""
CREDITS = (MoneyKind.CREDIT_NOTE, MoneyKind.OVERPAYMENT, MoneyKind.PREPAYMENT)


class _InvoiceWire(Wire):
    invoice_id: str | None = None


class _AllocationWire(Wire):
    date: str | None = None
    invoice: _InvoiceWire | None = None
    is_deleted: bool | None = None


class _CreditWire(Wire):
    credit_note_id: str | None = None
    overpayment_id: str | None = None
    prepayment_id: str | None = None
    allocations: list[_AllocationWire] | None = None


_READ_ONE = msgspec.json.Decoder(_CreditWire)


def named(
    kind: MoneyKind, invoices: Iterable[LiveInvoice], known: Container[Settled] = ()
) -> tuple[str, ...]:
    """The credits of this kind on these invoices, each once; without what is no id at all.

    Nor is one named whose day is known wherever it stands.
    """
    found = (
        one.id
        for invoice in invoices
        for one in invoice.money
        if one.kind is kind and (one.id, invoice.id) not in known
    )
    return tuple(one for one in dict.fromkeys(found) if wire.is_guid(one))


def path(kind: MoneyKind) -> str:
    """Where credits of this kind are listed."""
    return f"/{kind}s"


def condition(kind: MoneyKind, credit: str) -> str:
    """What only that credit fulfils."""
    return f'{kind}ID==Guid("{credit}")'


def days(body: bytes, kind: MoneyKind) -> dict[Settled, date]:
    """When each credit of a list was last put onto each invoice. Raises Garbled for no list."""
    found: dict[Settled, date] = {}
    read, _ = wire.elements(_READ_ONE, body, f"{kind}s", _of_credit)
    for settled, day in (pair for pairs in read for pair in pairs):
        found[settled] = max(day, found.get(settled, day))
    return found


def _of_credit(credit: _CreditWire) -> list[tuple[Settled, date]]:
    own = credit.credit_note_id or credit.overpayment_id or credit.prepayment_id or ""
    return [
        ((own, one.invoice.invoice_id or ""), day)
        for one in credit.allocations or ()
        if one.invoice is not None and not one.is_deleted
        if (day := wire.read_day(None, one.date, "Allocations[].Date")) is not None
    ]


def dated(invoice: LiveInvoice, found: Mapping[Settled, date]) -> LiveInvoice:
    """The invoice with each credit on the day it settled."""
    if not invoice.money:
        return invoice
    money = tuple(
        replace(one, paid_on=found.get((one.id, invoice.id), one.paid_on))
        if one.kind in CREDITS
        else one
        for one in invoice.money
    )
    return replace(invoice, money=money)

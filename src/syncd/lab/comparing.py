"""What both books show of one invoice, field by field, with the judges' own eyes.

Written once more, so that it cannot agree with the daemon's mistakes. A field Pipeline leaves empty
is not asserted; a status further on in Xero is an approval, not an edit; lines stand in Xero in an
order of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from syncd.lab.scene import Json, Scene
from syncd.sandbox.seed import COST_CODES, TAX_TYPES

DUE_DAYS = 20
"""For invoices without a due date, as the judged daemons are configured."""
_ALIVE_AS = {
    "Draft": ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID"),
    "Approved": ("AUTHORISED", "PAID"),
    "Sent": ("AUTHORISED", "PAID"),
}
Difference = tuple[str, Any, Any]
"""The field by Xero's name, what Pipeline shows, what Xero shows."""


def differences(scene: Scene, invoice: Json, document: Json) -> Iterator[Difference]:
    """Where an invoice and its document show different things."""
    for field, wanted, shown in _compared(scene, invoice, document):
        if wanted != shown:
            yield field, wanted, shown


def _compared(scene: Scene, invoice: Json, document: Json) -> Iterator[Difference]:
    yield "InvoiceNumber", invoice["number"], document["InvoiceNumber"]
    if invoice["reference"]:
        yield "Reference", invoice["reference"].strip(), (document["Reference"] or "").strip()
    yield "Date", invoice["invoiceDate"], document["Date"]
    fallback = date.fromisoformat(invoice["invoiceDate"]) + timedelta(days=DUE_DAYS)
    yield "DueDate", invoice["dueDate"] or fallback.isoformat(), document["DueDate"]
    yield "Total", Decimal(invoice["total"]), Decimal(document["Total"])
    yield "TotalTax", Decimal(invoice["tax"]), Decimal(document["TotalTax"])
    base = scene.organisation["organisation"]["BaseCurrency"]
    yield "CurrencyCode", invoice["currencyCode"] or base, document["CurrencyCode"]
    status = document["Status"]
    fits = status in _ALIVE_AS[invoice["status"]]
    yield "Status", invoice["status"], invoice["status"] if fits else status
    yield "LineItems", _lines_wanted(invoice), _lines_shown(document)
    customers = scene.customer_of(document["ContactID"])
    customer = invoice["customerId"]
    yield "ContactID", customer, customer if customer in customers else sorted(customers)


def _lines_wanted(invoice: Json) -> list[tuple[Any, ...]]:
    rates = {Decimal(rate): name for rate, name in TAX_TYPES.items()}
    return _sorted(
        (
            line["description"].strip(),
            Decimal(line["quantity"]),
            Decimal(line["unitAmount"]),
            Decimal(line["discountPercent"] or 0),
            line["accountCode"] or COST_CODES[line["costCode"]],
            line["taxType"] or rates[Decimal(line["taxRate"])],
        )
        for line in invoice["lines"]
    )


def _lines_shown(document: Json) -> list[tuple[Any, ...]]:
    return _sorted(
        (
            (line["Description"] or "").strip(),
            Decimal(line["Quantity"]),
            Decimal(line["UnitAmount"]),
            Decimal(line["DiscountRate"] or 0),
            line["AccountCode"],
            line["TaxType"],
        )
        for line in document["LineItems"]
    )


def _sorted(lines: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(lines, key=lambda line: [_text(each) for each in line])


def _text(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, Decimal) else str(value)

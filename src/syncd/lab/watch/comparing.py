"""What both books show of one invoice, field by field, with the judges' own eyes.

Written once more, so that it cannot agree with the daemon's mistakes. A field Pipeline leaves empty
is not asserted; a status further on in Xero is an approval, not an edit; lines stand in Xero in an
order of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from syncd.lab.watch import reasons_in_books
from syncd.lab.watch.scene import Json, Scene

DUE_DAYS = 20
"""For invoices without a due date, as the judged daemons are configured."""
_ALIVE_AS = {
    "Draft": ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID"),
    "Approved": ("AUTHORISED", "PAID"),
    "Sent": ("AUTHORISED", "PAID"),
}
TOTALS = ("SubTotal", "TotalTax", "Total")
A_TIE = Decimal("0.02")
"""What another tie rule moves a line's amount and tax by, together."""
Line = tuple[Any, ...]
Difference = tuple[str, Any, Any]
"""The field by Xero's name, what Pipeline shows, what Xero shows."""


def differences(scene: Scene, invoice: Json, document: Json) -> Iterator[Difference]:
    """Where an invoice and its document show different things."""
    for field, wanted, shown in _compared(scene, invoice, document):
        if wanted != shown:
            yield field, wanted, shown


def disagreements(scene: Scene, invoice: Json, document: Json) -> Iterator[Difference]:
    """`differences`, but for what stays by a person's decision, and for totals that ties explain.

    A tie may be rounded the other way (facts §3.8).
    """
    kept = scene.decided.kept.get(invoice["id"], frozenset())
    found = list(differences(scene, invoice, document))
    lines = any(field in ("LineItems", "LineAmountTypes") for field, _, _ in found)
    ties = reasons_in_books.ties_of(scene, invoice)
    slack = 0 if lines else A_TIE * ties
    for field, wanted, shown in found:
        if (field, str(wanted), str(shown)) in kept:
            continue
        if field not in TOTALS or abs(wanted - shown) > slack:
            yield field, wanted, shown


def is_even(scene: Scene, invoice: Json, documents: Sequence[Json]) -> bool:
    """Whether nothing of the invoice would be written now: its document shows it already."""
    is_sent = invoice["status"] == "Sent"
    return bool(documents) and not any(
        any(disagreements(scene, invoice, each)) or (is_sent and not each["SentToContact"])
        for each in documents
    )


def in_normal_form(said: Any) -> Any:
    """What an invoice says in Pipeline, each text in its normal form: an empty one says nothing."""
    if isinstance(said, str):
        return _plain(said) or None
    if isinstance(said, Mapping):
        return {name: in_normal_form(each) for name, each in said.items()}
    return [in_normal_form(each) for each in said] if isinstance(said, list) else said


def _compared(scene: Scene, invoice: Json, document: Json) -> Iterator[Difference]:
    yield "InvoiceNumber", _plain(invoice["number"]), _plain(document["InvoiceNumber"])
    if _plain(invoice["reference"]):
        yield "Reference", _plain(invoice["reference"]), _plain(document["Reference"])
    yield "Date", invoice["invoiceDate"], document["Date"]
    fallback = date.fromisoformat(invoice["invoiceDate"]) + timedelta(days=DUE_DAYS)
    yield "DueDate", invoice["dueDate"] or fallback.isoformat(), document["DueDate"]
    for ours, theirs in (("nett", "SubTotal"), ("tax", "TotalTax"), ("total", "Total")):
        yield theirs, Decimal(invoice[ours]), Decimal(document[theirs])
    yield "LineAmountTypes", invoice["lineAmountTypes"], document["LineAmountTypes"]
    base = scene.organisation["organisation"]["BaseCurrency"]
    yield "CurrencyCode", invoice["currencyCode"] or base, document["CurrencyCode"]
    status = document["Status"]
    fits = status in _ALIVE_AS[invoice["status"]]
    yield "Status", invoice["status"], invoice["status"] if fits else status
    said = [_wanted(scene, invoice, line) for line in invoice["lines"]]
    there = [_shown(scene, line) for line in document["LineItems"]]
    yield "LineItems", _sorted(line[:-1] for line in said), _sorted(line[:-1] for line in there)
    yield "Tracking", *_tracking(said, there)
    customers = scene.customer_of(document["ContactID"])
    customer = invoice["customerId"]
    yield "ContactID", customer, customer if customer in customers else sorted(customers)


def _tracking(said: list[Line], there: list[Line]) -> tuple[list[Line], list[Line]]:
    """Lines with tracking in Pipeline, which alone asserts it, and which of them Xero has so."""
    left, found = list(there), []
    for line in (wanted := [line for line in said if line[-1]]):
        if line in left:
            left.remove(line)
            found.append(line)
    return wanted, found


def _wanted(scene: Scene, invoice: Json, line: Json) -> Line:
    return (
        _plain(line["description"]),
        Decimal(line["quantity"]),
        Decimal(line["unitAmount"]),
        Decimal(line["discountPercent"] or 0),
        reasons_in_books.account_of(line),
        reasons_in_books.tax_of(scene, invoice, line),
        sorted((each["name"], each["option"]) for each in line["tracking"]),
    )


def _shown(scene: Scene, line: Json) -> Line:
    return (
        _plain(line["Description"]),
        Decimal(line["Quantity"] or 0),
        Decimal(line["UnitAmount"] or 0),
        Decimal(line["DiscountRate"] or 0),
        line["AccountCode"],
        line["TaxType"],
        reasons_in_books.tracking_of(scene, line["Tracking"]),
    )


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: [_text(each) for each in line])


def _text(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, Decimal) else str(value)


def _plain(text: str | None) -> str:
    """The normal form of a text: trimmed, line ends as line feeds."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()

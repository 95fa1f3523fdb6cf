"""How a refused invoice looks: refused early or late, and never made (facts §3.3, §3.11).

Called by the writes of invoices. Early means that something is missing or forbidden: a thin echo of
what was sent, or of what stands. Late means that the document was complete, and then its number was
taken or an account unknown: all of it as a write answers it, under ids that exist nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.sandbox.xero.documents import invoice_shape
from syncd.sandbox.xero.documents.invoice_contacts import Party
from syncd.sandbox.xero.documents.invoice_rules import NOT_UNIQUE, Intent
from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, Contact, Invoice, Line
from syncd.sandbox.xero.ledger.wire_dates import day, day_text

_LATE = (NOT_UNIQUE, "Account code '", "The TaxType ")
_NOT_LATE_FIELDS = ("UpdatedDateUTC", "UpdatedDateUTCString")


def is_late(errors: Sequence[str], existing: Invoice | None) -> bool:
    """Whether the document itself was complete; a change of one that stands never gets so far."""
    return existing is None and all(each.startswith(_LATE) for each in errors)


def late(books: Books, wanted: Intent, party: Party, places: int) -> dict[str, Any]:
    """The whole document under a fresh id, of which nothing is in the books."""
    contact = party.contact or Contact(id=books.mint.guid(), made_by_app=True, **party.values)
    values = dict(wanted.values)
    number = values.pop("number", "")
    invoice = Invoice(id=books.mint.guid(), number=number, contact_id=contact.id, **values)
    invoice.lines = wanted.lines or []
    sums = arithmetic.totals(_amounts(invoice.lines), invoice.line_amount_types)
    invoice.sub_total, invoice.total_tax, invoice.total = (
        sums.sub_total,
        sums.total_tax,
        sums.total,
    )
    row = invoice_shape.written(books, invoice, places, contact)
    return {name: own for name, own in row.items() if name not in _NOT_LATE_FIELDS}


def early(sent: Mapping[str, Any], existing: Invoice | None, wanted: Intent) -> dict[str, Any]:
    """The echo, with the id that was sent or that stands, else with none."""
    row = {
        "Type": sent.get("Type") or (existing.type if existing else None),
        "InvoiceID": sent.get("InvoiceID") or (existing.id if existing else NO_ID),
        "InvoiceNumber": sent.get("InvoiceNumber"),
        "Reference": sent.get("Reference"),
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": existing.amount_due if existing else sent.get("AmountDue"),
        "AmountPaid": existing.amount_paid if existing else sent.get("AmountPaid"),
        "IsDiscounted": False,
        "InvoiceAddresses": [],
        "HasErrors": True,
        "InvoicePaymentServices": [],
        "Contact": _contact(sent, existing),
        **_dates(existing, wanted),
        "BrandingThemeID": sent.get("BrandingThemeID"),
        "Url": sent.get("Url"),
        "Status": sent.get("Status") or (existing.status if existing else None),
        "LineAmountTypes": sent.get("LineAmountTypes")
        or (existing.line_amount_types if existing else None),
        "LineItems": _lines(sent, existing, wanted),
        **_totals(existing, wanted),
        "CurrencyCode": sent.get("CurrencyCode") or (existing.currency if existing else None),
    }
    return {name: own for name, own in row.items() if own is not None}


def _contact(sent: Mapping[str, Any], existing: Invoice | None) -> dict[str, Any] | None:
    named: Any = sent.get("Contact")
    if not isinstance(named, Mapping):
        named = {"ContactID": existing.contact_id} if existing else None
    if named is None:
        return None
    empties: dict[str, Any] = {
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
    }
    return {**empties, **named, "HasValidationErrors": False, "ValidationErrors": []}


def _dates(existing: Invoice | None, wanted: Intent) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, attribute in (("Date", "dated_on"), ("DueDate", "due_on")):
        on = wanted.values.get(attribute) or (getattr(existing, attribute) if existing else None)
        if on is not None:
            found[f"{name}String"], found[name] = day_text(on), day(on)
    return found


def _lines(
    sent: Mapping[str, Any], existing: Invoice | None, wanted: Intent
) -> list[dict[str, Any]]:
    rows = [dict(each) for each in sent.get("LineItems") or ()]
    if not rows and existing is not None:
        return [
            {
                "LineItemID": each.id,
                "Description": each.description,
                "LineAmount": each.line_amount,
                "TaxAmount": each.tax_amount,
            }
            for each in existing.lines
        ]
    if wanted.lines is not None and len(wanted.lines) == len(rows):
        for own, each in zip(rows, wanted.lines, strict=True):
            own.update(TaxAmount=each.tax_amount, LineAmount=each.line_amount)
    return rows


def _totals(existing: Invoice | None, wanted: Intent) -> dict[str, Any]:
    if wanted.lines is None:
        if existing is None:
            return {}
        totals = (existing.sub_total, existing.total_tax, existing.total)
        return dict(zip(("SubTotal", "TotalTax", "Total"), totals, strict=True))
    types = wanted.values.get("line_amount_types") or (
        existing.line_amount_types if existing else "Exclusive"
    )
    sums = arithmetic.totals(_amounts(wanted.lines), types)
    return {"SubTotal": sums.sub_total, "TotalTax": sums.total_tax, "Total": sums.total}


def _amounts(lines: Sequence[Line]) -> list[tuple[Any, Any]]:
    return [(each.line_amount, each.tax_amount) for each in lines]

"""How a credit note, overpayment or prepayment looks, and an allocation of one (facts §5.2).

Called by `credit_notes` and `allocations`. The rows of each answer stand in the order of its keys.
"""

from __future__ import annotations

from typing import Any

from syncd.sandbox.xero.documents import contact_shape, invoice_shape, payment_shape
from syncd.sandbox.xero.documents.invoice_shape import Context
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Allocation, Contact, Credit
from syncd.sandbox.xero.ledger.wire_dates import day, day_text, instant, seconds_text


def written(books: Books, credit: Credit, places: int) -> dict[str, Any]:
    """The row a PUT or POST answers with."""
    return _row(books, credit, places, "write")


def by_id(books: Books, credit: Credit, places: int) -> dict[str, Any]:
    """The row of one that was asked for."""
    return _row(books, credit, places, "id")


def paged(books: Books, credit: Credit, places: int) -> dict[str, Any]:
    """The row of a page: with lines, and a thin contact."""
    return _row(books, credit, places, "page")


def listed(books: Books, credit: Credit, places: int) -> dict[str, Any]:
    """The row of a list without a page: the same, without lines."""
    return _row(books, credit, places, "list") | {"LineItems": []}


def _row(books: Books, credit: Credit, places: int, context: Context) -> dict[str, Any]:
    shown = {
        f"{credit.kind}ID": credit.id,
        "CreditNoteNumber": credit.number or None,
        "Payments": [_refund(books, each) for each in credit.payments],
        "ID": credit.id,
        "HasErrors": False,
        "InvoiceAddresses": [] if context in ("page", "list") else None,
        "CurrencyRate": credit.currency_rate,
        "Type": credit.type,
        "Reference": credit.reference,
        "RemainingCredit": credit.remaining,
        "Allocations": [_applied(books, books.allocations[each]) for each in credit.allocations],
        "HasAttachments": None if context == "write" else False,
        "Attachments": [] if context == "id" else None,
        "UpdatedDateUTCString": seconds_text(credit.updated_ms),
        "Contact": _contact(books, books.contacts.by_id[credit.contact_id], context),
        "DateString": day_text(credit.dated_on),
        "Date": day(credit.dated_on),
        "BrandingThemeID": _theme(books, credit),
        "Status": credit.status,
        "LineAmountTypes": credit.line_amount_types,
        "LineItems": [invoice_shape.line(books, each, places, context) for each in credit.lines],
        "SubTotal": credit.sub_total,
        "TotalTax": credit.total_tax,
        "Total": credit.total,
        "UpdatedDateUTC": instant(credit.updated_ms),
        "CurrencyCode": credit.currency,
        "FullyPaidOnDate": day(credit.fully_paid_on) if credit.fully_paid_on else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _contact(books: Books, contact: Contact, context: Context) -> dict[str, Any]:
    if context in ("page", "list"):
        return contact_shape.thin(contact)
    return contact_shape.in_credit(books, contact)


def allocation(books: Books, own: Allocation) -> dict[str, Any]:
    """An allocation as its creation, and its end, answer."""
    credit = books.credits.by_id[own.credit_id]
    return {
        **_applied(books, own),
        credit.kind: {f"{credit.kind}ID": credit.id, "ID": credit.id, "LineItems": []},
        "IsDeleted": own.is_deleted,
        "ValidationErrors": [],
    }


def _applied(books: Books, own: Allocation) -> dict[str, Any]:
    """An allocation inside its credit."""
    invoice = books.invoices.by_id[own.invoice_id]
    return {
        "AllocationID": own.id,
        "Amount": own.amount,
        "Date": day(own.dated_on),
        "Invoice": payment_shape.bare(books, invoice, is_whole=False),
    }


def _refund(books: Books, identifier: str) -> dict[str, Any]:
    payment = books.payments.by_id[identifier]
    return {
        "PaymentID": payment.id,
        "Date": day(payment.dated_on),
        "Amount": payment.amount,
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def _theme(books: Books, credit: Credit) -> str | None:
    """The organisation's default, which a sales credit note is filled with."""
    return books.settings.default_theme if credit.type == "ACCRECCREDIT" else None

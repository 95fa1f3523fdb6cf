"""How a credit note, overpayment or prepayment looks in an answer (facts §5).

Called by `credits` and `allocations`.
"""

from __future__ import annotations

from typing import Any

from syncd.sandbox.xero.documents import contact_shape, invoice_shape
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Allocation, Credit
from syncd.sandbox.xero.ledger.wire_dates import day, day_text, instant, seconds_text


def row(books: Books, credit: Credit, *, whole: bool, places: int = 2) -> dict[str, Any]:
    """The document; a list without a page shows no lines and a thin contact."""
    contact = books.contacts.by_id[credit.contact_id]
    shown: dict[str, Any] = {
        f"{credit.kind}ID": credit.id,
        "ID": credit.id,
        "Type": credit.type,
        "Reference": credit.reference,
        "RemainingCredit": credit.remaining,
        "Allocations": [
            {
                "AllocationID": each,
                "Amount": books.allocations[each].amount,
                "Date": day(books.allocations[each].dated_on),
                "Invoice": _invoice(books, books.allocations[each].invoice_id),
                "IsDeleted": False,
            }
            for each in credit.allocations
        ],
        "Payments": [
            {
                "PaymentID": each,
                "Date": day(books.payments.by_id[each].dated_on),
                "Amount": books.payments.by_id[each].amount,
                "HasAccount": False,
                "HasValidationErrors": False,
            }
            for each in credit.payments
        ],
        "HasAttachments": False,
        "HasErrors": False,
        "Contact": contact_shape.full(books, contact) if whole else contact_shape.thin(contact),
        "DateString": day_text(credit.dated_on),
        "Date": day(credit.dated_on),
        "Status": credit.status,
        "LineAmountTypes": credit.line_amount_types,
        "LineItems": [invoice_shape.line(books, each, places, "id") for each in credit.lines]
        if whole
        else [],
        "SubTotal": credit.sub_total,
        "TotalTax": credit.total_tax,
        "Total": credit.total,
        "UpdatedDateUTC": instant(credit.updated_ms),
        "UpdatedDateUTCString": seconds_text(credit.updated_ms),
        "CurrencyCode": credit.currency,
        "CurrencyRate": credit.currency_rate,
    }
    if credit.kind == "CreditNote":
        shown["CreditNoteNumber"] = credit.number
    if credit.fully_paid_on is not None:
        shown["FullyPaidOnDate"] = day(credit.fully_paid_on)
    return shown


def allocation(books: Books, own: Allocation) -> dict[str, Any]:
    """An allocation as its creation answers."""
    credit = books.credits.by_id[own.credit_id]
    return {
        "AllocationID": own.id,
        "Amount": own.amount,
        "Date": day(own.dated_on),
        "Invoice": _invoice(books, own.invoice_id),
        credit.kind: {f"{credit.kind}ID": credit.id, "ID": credit.id, "LineItems": []},
        "IsDeleted": own.is_deleted,
        "ValidationErrors": [],
    }


def _invoice(books: Books, identifier: str) -> dict[str, Any]:
    return {
        "InvoiceID": identifier,
        "InvoiceNumber": books.invoices.by_id[identifier].number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": False,
        "LineItems": [],
    }

"""How an invoice looks: after a write, in full, in thin rows, in summaries (facts §3.3).

Called by the reads and writes of invoices, and by payments, which show the invoice they are
against. Answers of writes leave out Payments, CreditNotes, AmountCredited and HasAttachments.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from syncd.sandbox.xero.documents import contact_shape
from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Allocation, Invoice, Line
from syncd.sandbox.xero.ledger.wire_dates import day, day_text, instant, seconds_text

_APPLIED = ("CreditNote", "Prepayment", "Overpayment")


def written(books: Books, invoice: Invoice, places: int) -> dict[str, Any]:
    """The row a PUT or POST answers with."""
    return _row(books, invoice, places, money=False, lines=True, thin=False)


def full(books: Books, invoice: Invoice, places: int) -> dict[str, Any]:
    """The row of one invoice, or of a page."""
    return _row(books, invoice, places, money=True, lines=True, thin=False)


def thin(books: Books, invoice: Invoice) -> dict[str, Any]:
    """The row of a list without a page: no lines, a thin contact."""
    return _row(books, invoice, 2, money=True, lines=False, thin=True)


def summary(books: Books, invoice: Invoice) -> dict[str, Any]:
    """The row of `summaryOnly=true`."""
    row = _row(books, invoice, 2, money=False, lines=False, thin=True)
    for name in ("LineItems", "Prepayments", "Overpayments", "InvoicePaymentServices"):
        row.pop(name, None)
    row["AmountCredited"] = invoice.amount_credited
    return row


def _row(
    books: Books, invoice: Invoice, places: int, *, money: bool, lines: bool, thin: bool
) -> dict[str, Any]:
    contact = books.contacts.by_id.get(invoice.contact_id)
    row: dict[str, Any] = {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
    }
    if invoice.type == "ACCREC":
        row["Reference"] = invoice.reference
    if money:
        row["Payments"] = [_payment(books, each) for each in invoice.payments]
        row["HasAttachments"] = False
        row["AmountCredited"] = invoice.amount_credited
    applied = _applied(books, invoice)
    if money:
        row["CreditNotes"] = applied["CreditNote"]
    row["Prepayments"] = applied["Prepayment"]
    row["Overpayments"] = applied["Overpayment"]
    row["AmountDue"] = invoice.amount_due
    row["AmountPaid"] = invoice.amount_paid
    row["SentToContact"] = invoice.sent_to_contact
    row["CurrencyRate"] = invoice.currency_rate
    row["IsDiscounted"] = any(each.discount_rate or each.discount_amount for each in invoice.lines)
    row["HasErrors"] = False
    row["InvoicePaymentServices"] = []
    row["UpdatedDateUTCString"] = seconds_text(invoice.updated_ms)
    if contact is None or thin:
        row["Contact"] = contact_shape.thin(contact)
    else:
        row["Contact"] = contact_shape.full(books, contact)
    row["DateString"] = day_text(invoice.dated_on)
    row["Date"] = day(invoice.dated_on)
    _optional(invoice, row)
    row["Status"] = invoice.status
    row["LineAmountTypes"] = invoice.line_amount_types
    row["LineItems"] = []
    if lines and (invoice.status != "VOIDED" or books.switches.void_keeps_lines):
        row["LineItems"] = [line(books, each, places) for each in invoice.lines]
    row["SubTotal"] = invoice.sub_total
    row["TotalTax"] = invoice.total_tax
    row["Total"] = invoice.total
    row["UpdatedDateUTC"] = instant(invoice.updated_ms)
    row["CurrencyCode"] = invoice.currency
    return row


def _optional(invoice: Invoice, row: dict[str, Any]) -> None:
    """What is there only when it is set."""
    if invoice.due_on is not None:
        row["DueDateString"] = day_text(invoice.due_on)
        row["DueDate"] = day(invoice.due_on)
    if invoice.branding_theme_id:
        row["BrandingThemeID"] = invoice.branding_theme_id
    if invoice.url:
        row["Url"] = invoice.url
    if invoice.rounding:
        row["RoundingAmount"] = invoice.rounding
    if invoice.fully_paid_on is not None:
        row["FullyPaidOnDate"] = day(invoice.fully_paid_on)


def line(books: Books, each: Line, places: int) -> dict[str, Any]:
    """One line; UnitAmount shows two places unless `unitdp=4`."""
    row: dict[str, Any] = {"LineItemID": each.id}
    if each.description is not None:
        row["Description"] = each.description
    if each.item_code is not None:
        row["ItemCode"] = each.item_code
    if each.quantity is not None:
        row["Quantity"] = each.quantity
    if each.unit_amount is not None:
        row["UnitAmount"] = arithmetic.unit(each.unit_amount, places)
    if each.tax_type is not None:
        row["TaxType"] = each.tax_type
    row["TaxAmount"] = each.tax_amount
    row["LineAmount"] = each.line_amount
    if each.discount_rate is not None:
        row["DiscountRate"] = each.discount_rate
    if each.discount_amount is not None:
        row["DiscountAmount"] = each.discount_amount
    if each.account_code is not None:
        row["AccountCode"] = each.account_code
        account = books.settings.by_code.get(each.account_code)
        if account is not None:
            row["AccountID"] = account.id
    row["Tracking"] = [_tracking(books, pair) for pair in each.tracking]
    row["ValidationErrors"] = []
    return row


def _tracking(books: Books, pair: tuple[str, str]) -> dict[str, str]:
    category = next((each for each in books.settings.tracking if each.id == pair[0]), None)
    if category is None:
        return {"TrackingCategoryID": pair[0], "TrackingOptionID": pair[1]}
    return {
        "Name": category.name,
        "Option": dict(category.options).get(pair[1], ""),
        "TrackingCategoryID": pair[0],
        "TrackingOptionID": pair[1],
    }


def _payment(books: Books, identifier: str) -> dict[str, Any]:
    payment = books.payments.by_id[identifier]
    row: dict[str, Any] = {
        "PaymentID": payment.id,
        "Date": day(payment.dated_on),
        "Amount": payment.amount,
        "CurrencyRate": payment.currency_rate,
        "HasAccount": False,
        "HasValidationErrors": False,
    }
    if payment.reference:
        row["Reference"] = payment.reference
    return row


def _applied(books: Books, invoice: Invoice) -> dict[str, list[dict[str, Any]]]:
    applied: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _APPLIED}
    for identifier in invoice.allocations:
        allocation = books.allocations[identifier]
        kind, row = _allocation(books, allocation)
        applied[kind].append(row)
    return applied


def _allocation(books: Books, allocation: Allocation) -> tuple[str, dict[str, Any]]:
    credit = books.credits.by_id[allocation.credit_id]
    applied: Decimal = allocation.amount
    row: dict[str, Any] = {
        f"{credit.kind}ID": credit.id,
        "ID": credit.id,
        "AppliedAmount": applied,
        "Date": day(credit.dated_on),
        "DateString": day_text(credit.dated_on),
        "Total": credit.total,
        "LineItems": [],
        "HasErrors": False,
    }
    if credit.kind == "CreditNote":
        row["CreditNoteNumber"] = credit.number
    return credit.kind, row

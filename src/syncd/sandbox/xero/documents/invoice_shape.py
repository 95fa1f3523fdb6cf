"""How an invoice looks: in the answer to a write, read by id, on a page, in a list (facts §3.11).

Called by the reads and writes of invoices, and by payments, which show the invoice they are
against. The rows of each answer stand in the order of its keys.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from syncd.sandbox.xero.documents import contact_shape
from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Allocation, Contact, Invoice, Line
from syncd.sandbox.xero.ledger.wire_dates import day, day_text, instant, seconds_text

Context = Literal["write", "id", "page", "list"]
_APPLIED = ("CreditNote", "Prepayment", "Overpayment")
_OF_A_TEXT = ("Description", "Tracking", "LineItemID")
_IN_NO_SUMMARY = ("LineItems", "Payments", "CreditNotes", "HasAttachments")


def written(
    books: Books, invoice: Invoice, places: int, contact: Contact | None = None
) -> dict[str, Any]:
    """The row a PUT or POST answers with; a void's still owes its total (recorded).

    `contact` is given where the books do not have it.
    """
    row = _row(books, invoice, places, "write")
    if contact is not None:
        row["Contact"] = contact_shape.in_invoice(books, contact)
    if invoice.status == "VOIDED":
        row["AmountDue"] = invoice.total
    return row


def by_id(books: Books, invoice: Invoice, places: int) -> dict[str, Any]:
    """The row of one invoice that was asked for."""
    return _row(books, invoice, places, "id")


def paged(books: Books, invoice: Invoice, places: int) -> dict[str, Any]:
    """The row of a page: with lines, and a thin contact."""
    return _row(books, invoice, places, "page")


def listed(books: Books, invoice: Invoice) -> dict[str, Any]:
    """The row of a list without a page: the same, without lines."""
    return _row(books, invoice, 2, "list")


def summary(books: Books, invoice: Invoice) -> dict[str, Any]:
    """The row of `summaryOnly=true`."""
    row = _row(books, invoice, 2, "list")
    return {name: value for name, value in row.items() if name not in _IN_NO_SUMMARY}


def _row(books: Books, invoice: Invoice, places: int, context: Context) -> dict[str, Any]:
    is_row = context in ("page", "list")
    row: dict[str, Any] = {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
        **_money(books, invoice, context),
    }
    row |= _sent(invoice, context)
    row["CurrencyRate"] = invoice.currency_rate
    discount = sum((_discount(each) for each in invoice.lines), Decimal(0))
    if discount and not is_row:
        row["TotalDiscount"] = discount
    row["IsDiscounted"] = any(each.discount_rate or each.discount_amount for each in invoice.lines)
    if context != "write":
        row["HasAttachments"] = False
    if is_row:
        row["InvoiceAddresses"] = []
    row["HasErrors"] = False
    if context == "id":
        row["Attachments"] = []
    row["InvoicePaymentServices"] = []
    row["UpdatedDateUTCString"] = seconds_text(invoice.updated_ms)
    contact = books.contacts.by_id.get(invoice.contact_id)
    if contact is None or is_row:
        row["Contact"] = contact_shape.thin(contact)
    else:
        row["Contact"] = contact_shape.in_invoice(books, contact)
    row |= _dated(invoice)
    row["Status"] = invoice.status
    row["LineAmountTypes"] = invoice.line_amount_types
    row["LineItems"] = []
    has_lines = invoice.status != "VOIDED" or books.switches.void_keeps_lines
    if has_lines and context != "list":
        row["LineItems"] = [line(books, each, places, context) for each in invoice.lines]
    row["SubTotal"] = invoice.sub_total
    row["TotalTax"] = invoice.total_tax
    row["Total"] = invoice.total
    if invoice.rounding:
        row["RoundingAmount"] = invoice.rounding
    row["UpdatedDateUTC"] = instant(invoice.updated_ms)
    row["CurrencyCode"] = invoice.currency
    if invoice.fully_paid_on is not None and context != "write":
        row["FullyPaidOnDate"] = day(invoice.fully_paid_on)
    return row


def _money(books: Books, invoice: Invoice, context: Context) -> dict[str, Any]:
    """Payments, credits and amounts: a write leaves most out, a read by id what is empty."""
    applied = _applied(books, invoice, context)
    payments = [_payment(books, each) for each in invoice.payments]
    first = {"Payments": payments, "CreditNotes": applied["CreditNote"]}
    money: dict[str, Any] = {
        name: some
        for name, some in first.items()
        if context in ("page", "list") or (context == "id" and some)
    }
    money |= {f"{kind}s": applied[kind] for kind in _APPLIED[1:]}
    money |= {"AmountDue": invoice.amount_due, "AmountPaid": invoice.amount_paid}
    if context in ("page", "list") or (context == "id" and invoice.amount_credited):
        money["AmountCredited"] = invoice.amount_credited
    return money


def _sent(invoice: Invoice, context: Context) -> dict[str, Any]:
    """Whether it was sent: on a page only of a sale that was."""
    is_row, is_sent = context in ("page", "list"), invoice.sent_to_contact
    if is_row and not (is_sent and invoice.type == "ACCREC"):
        return {}
    to_nobody = {"SentToEmailAddress": ""} if context == "write" and is_sent else {}
    return {"SentToContact": is_sent, **to_nobody}


def _dated(invoice: Invoice) -> dict[str, Any]:
    """Its dates, and what else is there only when it is set."""
    found: dict[str, Any] = {
        "DateString": day_text(invoice.dated_on),
        "Date": day(invoice.dated_on),
    }
    if invoice.due_on is not None:
        found["DueDateString"] = day_text(invoice.due_on)
        found["DueDate"] = day(invoice.due_on)
    if invoice.branding_theme_id and invoice.type == "ACCREC":
        found["BrandingThemeID"] = invoice.branding_theme_id
    if invoice.url:
        found["Url"] = invoice.url
    return found


def line(books: Books, each: Line, places: int, context: Context) -> dict[str, Any]:
    """One line in its order; a text alone has no amounts (facts §3.11)."""
    account = books.settings.by_code.get(each.account_code or "")
    unit = each.unit_amount
    found = {
        "ItemCode": each.item_code,
        "Description": each.description,
        "UnitAmount": None if unit is None else arithmetic.unit(unit, places),
        "TaxType": each.tax_type,
        "TaxAmount": each.tax_amount,
        "LineAmount": each.line_amount,
        "AccountCode": each.account_code,
        "Tracking": [_tracking(books, pair, context) for pair in each.tracking],
        "Quantity": each.quantity,
        "DiscountRate": arithmetic.rate(each.discount_rate),
        "DiscountAmount": each.discount_amount,
        "LineItemID": each.id,
        "AccountID": None if account is None else account.id,
    }
    if context == "id" and each.discount_rate:
        found["DiscountAmount"] = each.discount_amount or _discount(each)
    if context in ("write", "id"):
        found["ValidationErrors"] = []
    if each.quantity is None and unit is None:
        return {name: found[name] for name in _OF_A_TEXT}
    return {name: value for name, value in found.items() if value is not None}


def _discount(each: Line) -> Decimal:
    """What a line is less than its quantity times its price."""
    if not (each.discount_rate or each.discount_amount):
        return Decimal(0)
    gross = (each.quantity or Decimal(0)) * (each.unit_amount or Decimal(0))
    return arithmetic.cents(gross) - each.line_amount


def _tracking(books: Books, pair: tuple[str, str], context: Context) -> dict[str, Any]:
    category = next((each for each in books.settings.tracking if each.id == pair[0]), None)
    if category is None:
        return {"TrackingCategoryID": pair[0], "TrackingOptionID": pair[1]}
    row: dict[str, Any] = {
        "Name": category.name,
        "Option": dict(category.options).get(pair[1], ""),
        "TrackingCategoryID": pair[0],
    }
    if context in ("write", "id"):
        return row | {"TrackingOptionID": pair[1]}
    return row | {"Options": []}


def _payment(books: Books, identifier: str) -> dict[str, Any]:
    payment = books.payments.by_id[identifier]
    batch = {"BatchPaymentID": payment.batch_id} if payment.batch_id else {}
    reference = {"Reference": payment.reference} if payment.reference else {}
    return {
        "PaymentID": payment.id,
        **batch,
        "Date": day(payment.dated_on),
        "Amount": payment.amount,
        **reference,
        "CurrencyRate": payment.currency_rate,
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def _applied(books: Books, invoice: Invoice, context: Context) -> dict[str, list[dict[str, Any]]]:
    applied: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _APPLIED}
    for identifier in invoice.allocations:
        allocation = books.allocations[identifier]
        kind, row = _allocation(books, allocation, context)
        applied[kind].append(row)
    return applied


def _allocation(
    books: Books, allocation: Allocation, context: Context
) -> tuple[str, dict[str, Any]]:
    """A credit's row: its date is the credit's own, whenever it was used (facts §5.1)."""
    credit = books.credits.by_id[allocation.credit_id]
    on = credit.dated_on
    if context == "id" and books.switches.credit_dates_are_the_invoices:
        on = books.invoices.by_id[allocation.invoice_id].dated_on
    rate = {"CurrencyRate": credit.currency_rate} if context != "page" else {}
    applied = {
        "AppliedAmount": allocation.amount,
        "DateString": day_text(on),
        "Date": day(on),
    }
    if credit.kind != "CreditNote":
        return credit.kind, {
            f"{credit.kind}ID": credit.id,
            **rate,
            **applied,
            "Total": credit.total,
        }
    return credit.kind, {
        "CreditNoteID": credit.id,
        "CreditNoteNumber": credit.number,
        "ID": credit.id,
        "HasErrors": False,
        "InvoiceAddresses": [],
        **rate,
        **applied,
        "LineItems": [],
        "Total": credit.total,
    }

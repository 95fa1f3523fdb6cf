"""How a payment looks: in the answer to a write, read by id, in lists (facts §5.2).

Called by `payments`. The rows of each answer stand in the order of its keys; what a payment is
against stands under `Invoice`, whatever it is.
"""

from __future__ import annotations

from typing import Any

from syncd.sandbox.xero.documents import contact_shape, invoice_shape
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Credit, Invoice, Payment
from syncd.sandbox.xero.ledger.wire_dates import day, day_text, instant, seconds_text


def written(books: Books, payment: Payment) -> dict[str, Any]:
    """The row a PUT or POST answers with."""
    target = _target(books, payment)
    if isinstance(target, Invoice):
        return _row(books, payment, _with_lines(books, target, is_read=False), is_named=True)
    return _row(books, payment, bare(books, target), is_named=True)


def by_id(books: Books, payment: Payment) -> dict[str, Any]:
    """The row of one payment that was asked for: its invoice shows the money on it, too."""
    target = _target(books, payment)
    if isinstance(target, Invoice):
        return _row(books, payment, _with_lines(books, target, is_read=True), is_named=True)
    return _row(books, payment, bare(books, target), is_named=True)


def listed(books: Books, payment: Payment) -> dict[str, Any]:
    """The row of a page, and of a list without one."""
    return _row(books, payment, bare(books, _target(books, payment)), is_named=False)


def bare(books: Books, target: Invoice | Credit, *, is_whole: bool = True) -> dict[str, Any]:
    """A document as lists of money show it, without amounts; in a credit also not whose it is."""
    row: dict[str, Any] = {
        "Type": target.type,
        "InvoiceID": target.id,
        "InvoiceNumber": target.number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "IsDiscounted": False,
        "InvoiceAddresses": [],
        "HasErrors": False,
        "InvoicePaymentServices": [],
        "Contact": contact_shape.thin(books.contacts.by_id[target.contact_id]),
        "LineItems": [],
        "CurrencyCode": target.currency,
    }
    gone = () if is_whole else ("Type", "Contact", "CurrencyCode")
    return {name: own for name, own in row.items() if name not in gone}


def _target(books: Books, payment: Payment) -> Invoice | Credit:
    if payment.target == "Invoice":
        return books.invoices.by_id[payment.target_id]
    return books.credits.by_id[payment.target_id]


def _with_lines(books: Books, invoice: Invoice, *, is_read: bool) -> dict[str, Any]:
    """The invoice as its own write would answer it, with a small contact."""
    draw = invoice_shape.by_id if is_read else invoice_shape.written
    row = draw(books, invoice, 2)
    row["Contact"] = contact_shape.in_payment(books.contacts.by_id[invoice.contact_id])
    row["LineItems"] = [
        {**each, "DiscountEnteredAsPercent": "DiscountRate" in each} for each in row["LineItems"]
    ]
    for each in row.get("Payments", ()):
        if "BatchPaymentID" in each:
            # A batch's payments show its id as theirs here, and no rate (recorded).
            each |= {"PaymentID": each["BatchPaymentID"], "CurrencyRate": 0}
    return row


def _row(
    books: Books, payment: Payment, target: dict[str, Any], *, is_named: bool
) -> dict[str, Any]:
    account = books.settings.by_account_id[payment.account_id]
    own = {
        "AccountID": account.id,
        "Code": account.code,
        "Name": account.name if is_named else None,
    }
    row: dict[str, Any] = {
        "PaymentID": payment.id,
        "BatchPaymentID": payment.batch_id,
        "BatchPayment": _batch(payment),
        "Date": day(payment.dated_on),
        "BankAmount": payment.bank_amount,
        "Amount": payment.amount,
        "Reference": payment.reference or None,
        "CurrencyRate": payment.currency_rate,
        "PaymentType": payment.payment_type,
        "Status": payment.status,
        "UpdatedDateUTC": instant(payment.updated_ms),
        "UpdatedDateUTCString": seconds_text(payment.updated_ms),
        "HasAccount": True,
        "IsReconciled": payment.is_reconciled,
        "Account": {name: value for name, value in own.items() if value is not None},
        "Invoice": target,
        "HasValidationErrors": False,
    }
    return {name: value for name, value in row.items() if value is not None}


def _batch(payment: Payment) -> dict[str, Any] | None:
    """The batch it belongs to; those of the pretend world hold one payment each."""
    if payment.batch_id is None:
        return None
    is_received = payment.payment_type.startswith(("ACCREC", "APC", "APO", "APP"))
    return {
        "Account": {"AccountID": payment.account_id},
        "BatchPaymentID": payment.batch_id,
        "DateString": day_text(payment.dated_on),
        "Date": day(payment.dated_on),
        "Type": "RECBATCH" if is_received else "PAYBATCH",
        "Status": payment.status,
        "TotalAmount": payment.amount,
        "UpdatedDateUTC": instant(payment.updated_ms),
        "IsReconciled": payment.is_reconciled,
    }

"""The Payments resource: lists, one payment, create, delete (facts §5.2).

Called by the gateway and by the bookkeeper. A payment is never edited, only deleted, and
stays readable as DELETED.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import batches, contact_shape, invoice_shape, money, payment_rules
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.documents.payment_rules import Wanted
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, Credit, Invoice, Payment
from syncd.sandbox.xero.ledger.wire_dates import day, echoed, instant, moment, seconds_text
from syncd.sandbox.xero.protocol import envelope, lists
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.where import Field

FIELDS: dict[str, Field] = {
    "paymentid": lambda each: each.id,
    "paymenttype": lambda each: each.payment_type,
    "status": lambda each: each.status,
    "date": lambda each: each.dated_on,
    "amount": lambda each: each.amount,
    "reference": lambda each: each.reference,
    "isreconciled": lambda each: each.is_reconciled,
    "invoice.invoiceid": lambda each: each.target_id,
    "account.accountid": lambda each: each.account_id,
    "updateddateutc": lambda each: moment(each.updated_ms),
}


def listing(call: Call) -> Response:
    """GET /Payments."""
    books, since = call.books, lists.since_ms(call)
    rows = books.payments.rows(call.at_ms, since)
    if since and not call.switches.deleted_payments_in_lists:
        rows = [each for each in rows if each.status != "DELETED"]
    rows = lists.chosen(call, rows, FIELDS)
    return lists.answer(
        call, "Payments", rows, lists.page_of(call), lambda each: _row(books, each, whole=False)
    )


def one(call: Call, key: str) -> Response:
    """GET /Payments/{PaymentID}."""
    found = call.books.payments.visible(key.lower(), call.at_ms)
    if found is None:
        return envelope.not_found()
    return call.ok("Payments", [_row(call.books, found, whole=True)])


def create(call: Call) -> Response:
    """PUT /Payments (many) and POST /Payments (one)."""
    elements = envelope.elements_of(call.request, "Payments")
    return batches.write(
        call,
        "Payments",
        "HasValidationErrors",
        elements,
        lambda sent, claims: check(call.books, call.author, sent, claims),
    )


def delete(call: Call, key: str) -> Response:
    """POST /Payments/{PaymentID} with Status DELETED, bare or in an envelope."""
    payment = call.books.payments.by_id.get(key.lower())
    if payment is None:
        return envelope.not_found()
    elements = envelope.elements_of(call.request, "Payments")[:1]
    return batches.write(
        call,
        "Payments",
        "HasValidationErrors",
        elements,
        lambda sent, _: check_deletion(call.books, call.author, sent, payment),
    )


def check(books: Books, author: Author, sent: Mapping[str, Any], claims: Claims) -> Checked:
    """Look at one payment somebody sends."""
    found = payment_rules.wanted(books, sent, author.at_ms, claims)
    return Checked(
        errors=found.errors,
        echo=lambda: {"PaymentID": NO_ID, **echoed(sent)},
        save=lambda: _row(books, save(books, author, found), whole=True),
    )


def save(books: Books, author: Author, found: Wanted) -> Payment:
    """Write what was found good."""
    assert found.target is not None
    assert found.account is not None
    payment = Payment(
        id=books.mint.guid(),
        target=found.kind,
        target_id=found.target.id,
        account_id=found.account.id,
        dated_on=found.dated_on,
        amount=found.amount,
        bank_amount=found.amount,
        payment_type=found.payment_type,
        reference=found.reference,
        currency_rate=found.target.currency_rate,
    )
    books.add(payment, author)
    if isinstance(found.target, Invoice):
        money.pay_invoice(books, author, found.target, payment)
    else:
        money.use_credit(
            books, author, found.target, payment.amount, payment.dated_on, payment=payment
        )
    return payment


def check_deletion(
    books: Books, author: Author, sent: Mapping[str, Any], payment: Payment
) -> Checked:
    """Look at a wish to delete a payment."""
    errors = payment_rules.deletion_errors(books, payment)
    if str(sent.get("Status", "")).upper() != "DELETED":
        errors = ["A payment can only be deleted: send the Status DELETED"]
    return Checked(
        errors=errors,
        echo=lambda: {"PaymentID": payment.id, **echoed(sent)},
        save=lambda: _row(books, remove(books, author, payment), whole=True),
    )


def remove(books: Books, author: Author, payment: Payment) -> Payment:
    """Delete a payment; the document's amount due is restored and both move."""

    def apply() -> None:
        payment.status = "DELETED"

    books.change(payment, author, apply, what="payment_deleted")
    if payment.target == "Invoice":
        money.unpay_invoice(books, author, books.invoices.by_id[payment.target_id], payment)
    else:
        credit = books.credits.by_id[payment.target_id]
        money.use_credit(books, author, credit, -payment.amount, None, payment=payment)
    return payment


def _row(books: Books, payment: Payment, *, whole: bool) -> dict[str, Any]:
    account = books.settings.by_account_id[payment.account_id]
    own = {"AccountID": account.id, "Code": account.code, "Name": account.name if whole else None}
    row: dict[str, Any] = {
        "PaymentID": payment.id,
        "Date": day(payment.dated_on),
        "BankAmount": payment.bank_amount,
        "Amount": payment.amount,
        "CurrencyRate": payment.currency_rate,
        "PaymentType": payment.payment_type,
        "Status": payment.status,
        "UpdatedDateUTC": instant(payment.updated_ms),
        "UpdatedDateUTCString": seconds_text(payment.updated_ms),
        "HasAccount": True,
        "IsReconciled": payment.is_reconciled,
        "Account": {name: value for name, value in own.items() if value is not None},
        "Invoice": _target(books, payment, whole=whole),
        "HasValidationErrors": False,
    }
    if payment.reference:
        row["Reference"] = payment.reference
    if payment.batch_id:
        row["BatchPaymentID"] = payment.batch_id
    return row


def _target(books: Books, payment: Payment, *, whole: bool) -> dict[str, Any]:
    """What it is against, whatever that is, stands under `Invoice`."""
    target: Invoice | Credit
    if payment.target == "Invoice":
        target = books.invoices.by_id[payment.target_id]
        if whole:
            return invoice_shape.by_id(books, target, 2)
    else:
        target = books.credits.by_id[payment.target_id]
    return {
        "Type": target.type,
        "InvoiceID": target.id,
        "InvoiceNumber": target.number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "HasErrors": False,
        "IsDiscounted": False,
        "Contact": contact_shape.thin(books.contacts.by_id[target.contact_id]),
        "LineItems": [],
        "CurrencyCode": target.currency,
    }

"""The Payments resource: lists, one payment, create, delete (facts §5.2).

Called by the gateway and by the bookkeeper. A payment is never edited, only deleted, and
stays readable as DELETED.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import batches, money, payment_rules, payment_shape
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.documents.payment_rules import Wanted
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, Invoice, Payment
from syncd.sandbox.xero.ledger.wire_dates import echoed, moment
from syncd.sandbox.xero.protocol import envelope, lists
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.where import Field, Guid

FIELDS: dict[str, Field] = {
    "paymentid": lambda each: Guid(each.id),
    "paymenttype": lambda each: each.payment_type,
    "status": lambda each: each.status,
    "date": lambda each: each.dated_on,
    "amount": lambda each: each.amount,
    "reference": lambda each: each.reference,
    "isreconciled": lambda each: each.is_reconciled,
    "invoice.invoiceid": lambda each: Guid(each.target_id),
    "account.accountid": lambda each: Guid(each.account_id),
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
        call, "Payments", rows, lists.page_of(call), lambda each: payment_shape.listed(books, each)
    )


def one(call: Call, key: str) -> Response:
    """GET /Payments/{PaymentID}."""
    found = call.books.payments.visible(key.lower(), call.at_ms)
    if found is None:
        return envelope.not_found()
    return call.ok("Payments", [payment_shape.by_id(call.books, found)])


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
        save=lambda: payment_shape.written(books, save(books, author, found)),
        warnings=found.warnings,
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
    if set(sent) - {"PaymentID", "Status"}:
        errors = [payment_rules.ONLY_STATUS]
    elif str(sent.get("Status", "")).upper() != "DELETED":
        errors = ["A payment can only be deleted: send the Status DELETED"]
    return Checked(
        errors=errors,
        echo=lambda: {"PaymentID": payment.id, **echoed(sent)},
        save=lambda: payment_shape.written(books, remove(books, author, payment)),
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

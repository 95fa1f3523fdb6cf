"""The bookkeeper on money: pay, part-pay, take back, credit, refund, reconcile.

Called by `commands`, under the rules of the API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from syncd.sandbox.xero.actor.documents import carried_out, invoice_of, shown
from syncd.sandbox.xero.documents import allocations, credit_notes, money, payments
from syncd.sandbox.xero.documents.batches import Claims
from syncd.sandbox.xero.ledger import org_dates
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Credit, CreditKind, Payment
from syncd.sandbox.xero.ledger.wire_dates import read_day

_TYPES = {
    "CreditNote": "ACCRECCREDIT",
    "Overpayment": "RECEIVE-OVERPAYMENT",
    "Prepayment": "RECEIVE-PREPAYMENT",
}
_PURCHASE_TYPES = {
    "CreditNote": "ACCPAYCREDIT",
    "Overpayment": "SPEND-OVERPAYMENT",
    "Prepayment": "SPEND-PREPAYMENT",
}


def pay(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Pay an invoice: `amount` (default: what is due), `date`, `account` (code), `reference`.

    With `batch` it is paid by a batch payment of its own.
    """
    invoice = invoice_of(books, command)
    code = command.get("account")
    bank = next(each for each in books.settings.accounts if each.type == "BANK")
    sent = {
        "Invoice": {"InvoiceID": invoice.id},
        "Account": {"Code": code} if code is not None else {"AccountID": bank.id},
        "Amount": str(command.get("amount", invoice.amount_due)),
        "Date": command.get("date"),
        "Reference": command.get("reference"),
    }
    row = carried_out(payments.check(books, author, sent, Claims()))
    if command.get("batch"):
        books.payments.by_id[row["PaymentID"]].batch_id = books.mint.guid()
    return {**shown(invoice), "PaymentID": row["PaymentID"]}


def delete_payment(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Delete `payment`, or the newest payment on `invoice`."""
    payment = _payment(books, command)
    carried_out(payments.check_deletion(books, author, {"Status": "DELETED"}, payment))
    return {"PaymentID": payment.id, "Status": payment.status}


def reconcile(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Match a payment with the bank statement: it can no longer be deleted (`undo` lifts that)."""
    payment = _payment(books, command)

    def apply() -> None:
        payment.is_reconciled = not command.get("undo", False)

    books.change(payment, author, apply, what="reconciled")
    return {"PaymentID": payment.id, "IsReconciled": payment.is_reconciled}


def credit(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Write a credit for `invoice` and allocate it.

    `kind` is CreditNote (default), Overpayment or Prepayment; `amount` defaults to what is due;
    `date` is its own day; with `allocate` false it is only written.
    """
    invoice = invoice_of(books, command)
    kind = cast("CreditKind", command.get("kind", "CreditNote"))
    if kind not in _TYPES:
        raise ValueError(f"`kind` is one of {sorted(_TYPES)}, got {kind!r}")
    amount = Decimal(str(command.get("amount", invoice.amount_due))).quantize(Decimal("0.01"))
    if amount <= 0:
        raise ValueError(f"`amount` must be above zero, got {amount}")
    on = org_dates.today(books, author.at_ms)
    on = read_day(str(command["date"])) if command.get("date") else on
    if locks := org_dates.lock_errors(books, on):
        raise ValueError("; ".join(locks))
    types = _TYPES if invoice.type == "ACCREC" else _PURCHASE_TYPES
    values = {**credit_notes.one_line(books, amount, on), "type": types[kind]}
    contact = books.contacts.by_id[invoice.contact_id]
    written = credit_notes.new(
        books, author, contact, {**values, "currency": invoice.currency}, kind
    )
    answer: dict[str, Any] = {f"{kind}ID": written.id, "ID": written.id}
    if command.get("allocate", True):
        sent = {"Invoice": {"InvoiceID": invoice.id}, "Amount": str(amount)}
        row = carried_out(allocations.check(books, author, sent, written, Claims()))
        answer["AllocationID"] = row["AllocationID"]
    return {**shown(invoice), **answer}


def allocate(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Put `amount` of the standing `credit` (its id) onto `invoice`, on `date` or today."""
    invoice, standing = invoice_of(books, command), _credit(books, command)
    most = min(invoice.amount_due, standing.remaining)
    sent = {
        "Invoice": {"InvoiceID": invoice.id},
        "Amount": str(command.get("amount", most)),
        "Date": command.get("date"),
    }
    row = carried_out(allocations.check(books, author, sent, standing, Claims()))
    return {**shown(invoice), "AllocationID": row["AllocationID"]}


def deallocate(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Take the newest credit off `invoice`."""
    invoice = invoice_of(books, command)
    if not invoice.allocations:
        raise ValueError(f"`invoice`: no credit stands on {invoice.number}")
    own = books.allocations[invoice.allocations[-1]]
    money.deallocate(books, author, books.credits.by_id[own.credit_id], own)
    return {**shown(invoice), "AllocationID": own.id}


def refund(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Pay what remains of a `credit` (its id) back."""
    standing = _credit(books, command)
    bank = next(each for each in books.settings.accounts if each.type == "BANK")
    sent = {
        standing.kind: {f"{standing.kind}ID": standing.id},
        "Account": {"AccountID": bank.id},
        "Amount": str(command.get("amount", standing.remaining)),
    }
    row = carried_out(payments.check(books, author, sent, Claims()))
    return {"PaymentID": row["PaymentID"], "PaymentType": row["PaymentType"]}


def _payment(books: Books, command: Mapping[str, Any]) -> Payment:
    if "payment" in command:
        found = books.payments.by_id.get(str(command["payment"]).lower())
        if found is None:
            raise ValueError(f"`payment`: there is no payment {command['payment']!r}")
        return found
    invoice = invoice_of(books, command)
    if not invoice.payments:
        raise ValueError(f"`invoice`: no payment stands on {invoice.number}")
    return books.payments.by_id[invoice.payments[-1]]


def _credit(books: Books, command: Mapping[str, Any]) -> Credit:
    found = books.credits.by_id.get(str(command.get("credit", "")).lower())
    if found is None:
        raise ValueError(f"`credit`: there is no credit {command.get('credit')!r}")
    return found


def void_credit(books: Books, author: Author, command: Mapping[str, Any]) -> dict[str, Any]:
    """Void a credit note nothing of which is used (`credit`, its id)."""
    standing = _credit(books, command)
    carried_out(credit_notes.check(books, author, {"Status": "VOIDED"}, standing))
    return {"ID": standing.id, "Status": standing.status}


ACTIONS: dict[str, Callable[[Books, Author, Mapping[str, Any]], dict[str, Any]]] = {
    "pay": pay,
    "part_pay": pay,
    "delete_payment": delete_payment,
    "reconcile_payment": reconcile,
    "credit": credit,
    "allocate": allocate,
    "deallocate": deallocate,
    "refund": refund,
    "void_credit": void_credit,
}

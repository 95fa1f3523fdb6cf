"""Which payments Xero accepts (facts §5.2).

Called by `payments`. Nothing here touches the books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from syncd.sandbox.xero.documents.batches import Claims
from syncd.sandbox.xero.documents.document_lines import decimal_of
from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import ZERO, Account, Credit, Invoice, Payment
from syncd.sandbox.xero.ledger.org_dates import lock_errors, today
from syncd.sandbox.xero.ledger.wire_dates import read_day

TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_AUTHORISED = "Payments can only be made against Authorised documents"
WRONG_ACCOUNT = "Account type is invalid for making a payment to/from"
ONLY_STATUS = "Only Status accepted for updates."
EARLY = "The payment date is prior to the invoice date."
NO_DOCUMENT = "The document with the supplied id was not found for this endpoint."

TargetKind = Literal["Invoice", "CreditNote", "Overpayment", "Prepayment"]
Target = Invoice | Credit
_TARGETS: tuple[TargetKind, ...] = ("Invoice", "CreditNote", "Overpayment", "Prepayment")
_TYPES = {
    "ACCREC": "ACCRECPAYMENT",
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
    "RECEIVE-OVERPAYMENT": "AROVERPAYMENTPAYMENT",
    "SPEND-OVERPAYMENT": "APOVERPAYMENTPAYMENT",
    "RECEIVE-PREPAYMENT": "ARPREPAYMENTPAYMENT",
    "SPEND-PREPAYMENT": "APPREPAYMENTPAYMENT",
}


@dataclass(slots=True)
class Wanted:
    """What a payment would be, and what is wrong with it."""

    kind: TargetKind = "Invoice"
    target: Target | None = None
    account: Account | None = None
    dated_on: date = date.min
    amount: Decimal = ZERO
    reference: str = ""
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def payment_type(self) -> str:
        """The type by what it is against; all but the first two are refunds."""
        return _TYPES[self.target.type] if self.target else "ACCRECPAYMENT"


def wanted(books: Books, sent: Mapping[str, Any], at_ms: int, claims: Claims) -> Wanted:
    """Look at one payment somebody sends."""
    found = Wanted(reference=str(sent.get("Reference") or ""))
    found.kind, found.target = _target(books, sent)
    if found.target is None:
        found.errors.append(NO_DOCUMENT)
    found.account = account_of(books, sent.get("Account"))
    account = found.account
    takes = account is not None and (account.type == "BANK" or account.takes_payments)
    if not takes or account is None or account.status != "ACTIVE":
        found.errors.append(WRONG_ACCOUNT)
    found.dated_on = today(books, at_ms)
    try:
        if sent.get("Date"):
            found.dated_on = read_day(str(sent["Date"]))
        found.amount = arithmetic.cents(decimal_of(sent.get("Amount")) or ZERO)
    except ValueError as wrong:
        found.errors.append(f"The value '{wrong}' is not valid")
        return found
    if found.amount <= 0:
        found.errors.append("The payment amount must be greater than zero")
    if found.target is not None:
        found.errors += _against(books, found.target, found, claims)
        if found.dated_on < found.target.dated_on:
            found.warnings.append(EARLY)
    return found


def _against(books: Books, target: Target, found: Wanted, claims: Claims) -> list[str]:
    errors = []
    if target.status != "AUTHORISED":
        errors.append(NOT_AUTHORISED)
    outstanding = target.amount_due if isinstance(target, Invoice) else target.remaining
    if target.status not in {"AUTHORISED", "PAID"}:
        outstanding = ZERO
    taken = claims.paid.get(target.id, ZERO)
    if found.amount + taken > outstanding:
        errors.append(TOO_MUCH)
    claims.paid[target.id] = taken + found.amount
    return errors + lock_errors(books, found.dated_on, target.dated_on)


def _target(books: Books, sent: Mapping[str, Any]) -> tuple[TargetKind, Target | None]:
    for kind in _TARGETS:
        named = sent.get(kind)
        if not isinstance(named, Mapping):
            continue
        identifier = str(named.get(f"{kind}ID") or "").lower()
        if kind != "Invoice":
            credit = books.credits.by_id.get(identifier)
            return kind, credit if credit is not None and credit.kind == kind else None
        if identifier:
            return kind, books.invoices.by_id.get(identifier)
        same = books.invoice_ids(str(named.get("InvoiceNumber") or ""))
        return kind, books.invoices.by_id[same[0]] if same else None
    return "Invoice", None


def account_of(books: Books, named: Any) -> Account | None:
    """The account somebody names by AccountID or Code."""
    if not isinstance(named, Mapping):
        return None
    if named.get("AccountID"):
        return books.settings.by_account_id.get(str(named["AccountID"]).lower())
    return books.settings.by_code.get(str(named.get("Code") or ""))


def deletion_errors(books: Books, payment: Payment) -> list[str]:
    """Why a payment cannot be deleted; the sentences are U."""
    if payment.status != "AUTHORISED":
        return ["This payment has already been deleted"]
    if payment.batch_id:
        return ["This payment is part of a batch payment; delete it through BatchPayments"]
    if payment.is_reconciled:
        return ["This payment cannot be deleted as it has been reconciled"]
    return lock_errors(books, payment.dated_on)

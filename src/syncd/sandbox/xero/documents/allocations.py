"""Allocating credits to invoices, and taking them off again (facts §5.2).

Called by the gateway and by the bookkeeper. An allocation is no payment: it never shows in
/Payments and moves AmountCredited, not AmountPaid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import batches, credit_shape, money
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.documents.document_lines import decimal_of
from syncd.sandbox.xero.documents.payment_rules import NO_DOCUMENT, TOO_MUCH
from syncd.sandbox.xero.ledger import arithmetic, org_dates
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import ZERO, Allocation, Credit, CreditKind, Invoice
from syncd.sandbox.xero.ledger.wire_dates import echoed, read_day
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call


def create(call: Call, key: str, kind: CreditKind) -> Response:
    """PUT /CreditNotes|Overpayments|Prepayments/{id}/Allocations."""
    credit = _credit(call, key, kind)
    if credit is None:
        return envelope.not_found()
    elements = envelope.elements_of(call.request, "Allocations")
    return batches.write(
        call,
        "Allocations",
        "HasErrors",
        elements,
        lambda sent, claims: check(call.books, call.author, sent, credit, claims),
    )


def delete(call: Call, key: str, allocation_id: str, kind: CreditKind) -> Response:
    """DELETE …/Allocations/{AllocationID}: the bare allocation, with IsDeleted true."""
    credit = _credit(call, key, kind)
    if credit is None or allocation_id.lower() not in credit.allocations:
        return envelope.not_found()
    own = call.books.allocations[allocation_id.lower()]
    invoice = call.books.invoices.by_id[own.invoice_id]
    if locks := org_dates.lock_errors(call.books, own.dated_on, invoice.dated_on):
        errors = [{"Message": lock} for lock in locks]
        return envelope.invalid([{"AllocationID": own.id, "ValidationErrors": errors}])
    money.deallocate(call.books, call.author, credit, own)
    call.count_saved()
    return envelope.json_answer(200, credit_shape.allocation(call.books, own))


def check(
    books: Books, author: Author, sent: Mapping[str, Any], credit: Credit, claims: Claims
) -> Checked:
    """Look at one allocation somebody sends; sentences without a source are U."""
    named = sent.get("Invoice")
    identifier = str(named.get("InvoiceID") or "").lower() if isinstance(named, Mapping) else ""
    invoice = books.invoices.by_id.get(identifier)
    errors: list[str] = []
    amount, on = ZERO, org_dates.today(books, author.at_ms)
    try:
        amount = arithmetic.cents(decimal_of(sent.get("Amount")) or ZERO)
        on = read_day(str(sent["Date"])) if sent.get("Date") else on
    except ValueError as wrong:
        errors.append(f"The value '{wrong}' is not valid")
    if invoice is None:
        errors.append(NO_DOCUMENT)
    else:
        errors += _errors(books, credit, invoice, claims, amount=amount)
        errors += org_dates.lock_errors(books, on, invoice.dated_on)

    def save() -> dict[str, Any]:
        own = Allocation(
            id=books.mint.guid(),
            credit_id=credit.id,
            invoice_id=identifier,
            amount=amount,
            dated_on=on,
        )
        money.allocate(books, author, credit, own)
        return credit_shape.allocation(books, own)

    return Checked(errors=errors, echo=lambda: echoed(sent), save=save)


def _errors(
    books: Books, credit: Credit, invoice: Invoice, claims: Claims, *, amount: Any
) -> list[str]:
    errors = []
    if credit.status != "AUTHORISED":
        errors.append("Only an authorised credit can be allocated")
    if amount <= 0:
        errors.append("The amount to allocate must be greater than zero")
    if invoice.status != "AUTHORISED":
        errors.append("A credit can only be allocated to an authorised invoice")
    if books.contacts.by_id[invoice.contact_id].id != credit.contact_id:
        errors.append("The credit and the invoice must belong to the same contact")
    if amount + claims.paid.get(credit.id, ZERO) > credit.remaining:
        errors.append("The amount to allocate exceeds the remaining credit")
    if amount + claims.paid.get(invoice.id, ZERO) > invoice.amount_due:
        errors.append(TOO_MUCH)
    for each in (credit.id, invoice.id):
        claims.paid[each] = claims.paid.get(each, ZERO) + amount
    return errors


def _credit(call: Call, key: str, kind: CreditKind) -> Credit | None:
    found = call.books.credits.by_id.get(key.lower())
    return found if found is not None and found.kind == kind else None

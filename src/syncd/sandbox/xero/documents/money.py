"""What happens to a document when money comes or goes (facts §5.1, §3.7).

Called by payments and allocations. Amounts, PAID and back, FullyPaidOnDate, history and event are
moved together.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from syncd.sandbox.xero.documents.invoices_write import settle_status
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import Allocation, Credit, Invoice, Payment


def pay_invoice(books: Books, author: Author, invoice: Invoice, payment: Payment) -> None:
    """Put a payment onto an invoice."""

    def apply() -> None:
        invoice.payments = [*invoice.payments, payment.id]
        invoice.amount_paid += payment.amount
        _settle(invoice, payment.dated_on)

    books.change(invoice, author, apply, what="paid")


def unpay_invoice(books: Books, author: Author, invoice: Invoice, payment: Payment) -> None:
    """Take a payment off an invoice."""

    def apply() -> None:
        invoice.payments = [each for each in invoice.payments if each != payment.id]
        invoice.amount_paid -= payment.amount
        _settle(invoice, None)

    books.change(invoice, author, apply, what="payment_deleted")


def allocate(books: Books, author: Author, credit: Credit, allocation: Allocation) -> None:
    """Put part of a credit onto an invoice. Payments stay as they are."""
    invoice = books.invoices.by_id[allocation.invoice_id]
    books.allocations[allocation.id] = allocation

    def on_invoice() -> None:
        invoice.allocations = [*invoice.allocations, allocation.id]
        invoice.amount_credited += allocation.amount
        _settle(invoice, allocation.dated_on)

    bumps = books.switches.allocation_bumps_invoice
    books.change(invoice, author, on_invoice, what="allocated", bump=bumps)
    use_credit(books, author, credit, allocation.amount, allocation.dated_on, allocation=allocation)


def deallocate(books: Books, author: Author, credit: Credit, allocation: Allocation) -> None:
    """Take it off again."""
    invoice = books.invoices.by_id[allocation.invoice_id]
    allocation.is_deleted = True

    def on_invoice() -> None:
        invoice.allocations = [each for each in invoice.allocations if each != allocation.id]
        invoice.amount_credited -= allocation.amount
        _settle(invoice, None)

    bumps = books.switches.allocation_bumps_invoice
    books.change(invoice, author, on_invoice, what="deallocated", bump=bumps)
    use_credit(books, author, credit, -allocation.amount, None, allocation=allocation)


def use_credit(
    books: Books,
    author: Author,
    credit: Credit,
    amount: Decimal,
    on: date | None,
    *,
    allocation: Allocation | None = None,
    payment: Payment | None = None,
) -> None:
    """Use up, or with a negative amount give back, part of a credit."""
    is_use = amount > 0

    def apply() -> None:
        credit.used += amount
        if allocation is not None:
            credit.allocations = _with(credit.allocations, allocation.id, there=is_use)
        if payment is not None:
            credit.payments = _with(credit.payments, payment.id, there=is_use)
        if credit.remaining <= 0:
            credit.status, credit.fully_paid_on = "PAID", on
        elif credit.status == "PAID":
            credit.status, credit.fully_paid_on = "AUTHORISED", None

    if allocation is not None:
        what = "allocated" if is_use else "deallocated"
    else:
        what = "paid" if is_use else "payment_deleted"
    books.change(credit, author, apply, what=what)


def _with(standing: list[str], identifier: str, *, there: bool) -> list[str]:
    left = [each for each in standing if each != identifier]
    return [*left, identifier] if there else left


def _settle(invoice: Invoice, on: date | None) -> None:
    settle_status(invoice)
    if invoice.status == "PAID" and invoice.fully_paid_on is None:
        invoice.fully_paid_on = on

"""Creating and updating invoices (facts §3.2, §3.3).

Called by the gateway and by the bookkeeper, under the same rules. PUT only creates; POST
updates the invoice of that InvoiceID, or (likely, so a switch) of that InvoiceNumber.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.documents import (
    alterations,
    batches,
    invoice_contacts,
    invoice_refused,
    invoice_rules,
    invoice_shape,
)
from syncd.sandbox.xero.documents.batches import Checked, Claims
from syncd.sandbox.xero.documents.invoice_contacts import Party
from syncd.sandbox.xero.documents.invoice_rules import Intent
from syncd.sandbox.xero.ledger import arithmetic
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import NO_ID, Invoice
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call

UNKNOWN = "An existing Invoice with the specified InvoiceID could not be found"


def create(call: Call) -> Response:
    """PUT /Invoices: create only; an InvoiceID in an element is ignored."""
    elements = _taken(call)
    return batches.write(
        call,
        "Invoices",
        "HasErrors",
        elements,
        lambda sent, claims: check(
            call.books, call.author, sent, None, places=call.places, claims=claims
        ),
    )


def upsert(call: Call) -> Response:
    """POST /Invoices: create or update."""
    elements = _taken(call)
    return batches.write(
        call, "Invoices", "HasErrors", elements, lambda sent, claims: _upsert(call, sent, claims)
    )


def update(call: Call, key: str) -> Response:
    """POST /Invoices/{InvoiceID}: update one."""
    existing = call.books.invoices.by_id.get(key.lower())
    if existing is None:
        return envelope.not_found()
    elements = _taken(call)[:1]
    return batches.write(
        call,
        "Invoices",
        "HasErrors",
        elements,
        lambda sent, claims: check(
            call.books, call.author, sent, existing, places=call.places, claims=claims
        ),
    )


def _taken(call: Call) -> list[dict[str, Any]]:
    """The call's elements, as Xero takes them."""
    elements = envelope.elements_of(call.request, "Invoices")
    return [alterations.invoice_taken(each, call.switches) for each in elements]


def _upsert(call: Call, sent: Mapping[str, Any], claims: Claims) -> Checked:
    books = call.books
    identifier = str(sent.get("InvoiceID") or "").lower()
    existing = None
    if identifier and identifier != NO_ID:
        existing = books.invoices.by_id.get(identifier)
        if existing is None:
            gone = envelope.not_found() if call.switches.unknown_invoice_is_404 else None
            return Checked(
                errors=[UNKNOWN],
                echo=lambda: invoice_refused.early(sent, None, Intent()),
                save=dict,
                response=gone,
            )
    elif sent.get("InvoiceNumber") and call.switches.post_by_number_edits:
        existing = invoice_rules.holder_of(books, str(sent["InvoiceNumber"]))
    return check(books, call.author, sent, existing, places=call.places, claims=claims)


def check(
    books: Books,
    author: Author,
    sent: Mapping[str, Any],
    existing: Invoice | None,
    *,
    places: int = 4,
    claims: Claims | None = None,
) -> Checked:
    """Look at one invoice somebody sends; `existing` is the one it updates."""
    wanted = invoice_rules.intent(
        books, sent, existing, at_ms=author.at_ms, places=places, claims=claims or Claims()
    )
    standing_id = None if existing is None else existing.contact_id
    party = invoice_contacts.find(books, sent.get("Contact"), standing_id)
    errors = [*party.errors, *wanted.errors]

    def echo() -> dict[str, Any]:
        if invoice_refused.is_late(errors, existing):
            return invoice_refused.late(books, wanted, party, places)
        return invoice_refused.early(sent, existing, wanted)

    return Checked(
        errors=list(dict.fromkeys(errors)),
        warnings=wanted.warnings,
        echo=echo,
        save=lambda: invoice_shape.written(
            books, save(books, author, existing, wanted, party), places
        ),
    )


def save(
    books: Books, author: Author, existing: Invoice | None, wanted: Intent, party: Party
) -> Invoice:
    """Write what was found good."""
    contact = party.settle(books, author)
    if existing is None:
        number = wanted.values.pop("number", "") or _next_number(books, wanted.values["type"])
        invoice = Invoice(
            id=books.mint.guid(),
            number=number,
            contact_id=contact.id,
            created_by=author.client_id or author.who,
            **wanted.values,
        )
        invoice.lines = wanted.lines or []
        reckon(invoice)
        settle_status(invoice)
        books.add(invoice, author)
        books.note_use(contact, invoice.type)
        return invoice

    def apply() -> None:
        for attribute, value in wanted.values.items():
            setattr(existing, attribute, value)
        existing.contact_id = contact.id
        if wanted.lines is not None:
            existing.lines = wanted.lines
            reckon(existing)
        settle_status(existing)

    status = wanted.values.get("status", existing.status)
    what = "edited" if status == existing.status else status.lower()
    books.change(existing, author, apply, what=what, bump=None)
    return existing


def reckon(invoice: Invoice) -> None:
    """Set the totals by the lines."""
    pairs = ((each.line_amount, each.tax_amount) for each in invoice.lines)
    sums = arithmetic.totals(pairs, invoice.line_amount_types)
    invoice.sub_total, invoice.total_tax = sums.sub_total, sums.total_tax
    invoice.total = sums.total + invoice.rounding


def settle_status(invoice: Invoice) -> None:
    """An approved document with nothing left to pay, and money on it, is PAID; else it is not."""
    if invoice.status == "AUTHORISED" and invoice.has_money and invoice.amount_due <= 0:
        invoice.status = "PAID"
    elif invoice.status == "PAID" and invoice.amount_due > 0:
        invoice.status, invoice.fully_paid_on = "AUTHORISED", None


def _next_number(books: Books, kind: str) -> str:
    if kind != "ACCREC":
        return ""
    while True:
        number = f"INV-{books.organisation.next_number:04d}"
        books.organisation.next_number += 1
        if invoice_rules.holder_of(books, number) is None:
            return number

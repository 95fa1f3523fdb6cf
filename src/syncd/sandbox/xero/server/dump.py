"""The books as JSON, and back: what judges read and what a sandbox can be started from.

Called by the world. Money is exact text, everything has Xero's name, and every document carries its
whole history: who changed what, when, from what to what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.sandbox.xero.ledger import names
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.model import (
    Account,
    Allocation,
    Change,
    Contact,
    Credit,
    Invoice,
    Line,
    Organisation,
    Payment,
    TaxRate,
    TrackingCategory,
)
from syncd.sandbox.xero.ledger.names import arguments, written


def books_to_json(books: Books) -> dict[str, Any]:
    """One organisation's books."""
    settings = books.settings
    return {
        "tenant_id": books.organisation.id,
        "name": books.organisation.name,
        "organisation": written(names.ORGANISATION, books.organisation),
        "accounts": [written(names.ACCOUNT, each) for each in settings.accounts],
        "tax_rates": [written(names.TAX_RATE, each) for each in settings.tax_rates.values()],
        "currencies": dict(settings.currencies),
        "tracking": [written(names.TRACKING, each) for each in settings.tracking],
        "branding_themes": [list(each) for each in settings.themes],
        "contacts": [_contact(each) for each in books.contacts.current()],
        "invoices": [_invoice(books, each) for each in books.invoices.current()],
        "payments": [_with_history(names.PAYMENT, each) for each in books.payments.current()],
        "credits": [_credit(each) for each in books.credits.current()],
        "allocations": [written(names.ALLOCATION, each) for each in books.allocations.values()],
        "notes": {key: [_change(each) for each in notes] for key, notes in books.notes.items()},
    }


def books_from_json(books: Books, row: Mapping[str, Any]) -> None:
    """Fill empty books with what `books_to_json` wrote."""
    books.organisation = Organisation(**arguments(names.ORGANISATION, row["organisation"]))
    settings = books.settings
    settings.accounts = [Account(**arguments(names.ACCOUNT, each)) for each in row["accounts"]]
    rates = (TaxRate(**arguments(names.TAX_RATE, each)) for each in row["tax_rates"])
    settings.tax_rates = {each.type: each for each in rates}
    settings.currencies = dict(row["currencies"])
    settings.tracking = [
        TrackingCategory(**arguments(names.TRACKING, each)) for each in row["tracking"]
    ]
    settings.themes = [(each[0], each[1]) for each in row["branding_themes"]]
    settings.index()
    for each in row["contacts"]:
        books.restore(Contact(**arguments(names.CONTACT, each), history=_history(each["History"])))
    for each in row["invoices"]:
        lines = [Line(**arguments(names.LINE, line)) for line in each["LineItems"]]
        books.restore(
            Invoice(
                **arguments(names.INVOICE, each), lines=lines, history=_history(each["History"])
            )
        )
    for each in row["payments"]:
        books.restore(Payment(**arguments(names.PAYMENT, each), history=_history(each["History"])))
    for each in row["credits"]:
        lines = [Line(**arguments(names.LINE, line)) for line in each["LineItems"]]
        books.restore(
            Credit(**arguments(names.CREDIT, each), lines=lines, history=_history(each["History"]))
        )
    allocations = (Allocation(**arguments(names.ALLOCATION, each)) for each in row["allocations"])
    books.allocations = {each.id: each for each in allocations}
    books.notes = {key: _history(notes) for key, notes in row["notes"].items()}


def _invoice(books: Books, invoice: Invoice) -> dict[str, Any]:
    row = _with_history(names.INVOICE, invoice)
    row["AmountDue"] = f"{invoice.amount_due:f}"
    row["ContactName"] = books.contacts.by_id[invoice.contact_id].name
    row["LineItems"] = [written(names.LINE, each) for each in invoice.lines]
    row["Payments"] = [
        written(names.PAYMENT, books.payments.by_id[each]) for each in invoice.payments
    ]
    row["Allocations"] = [
        written(names.ALLOCATION, books.allocations[each]) for each in invoice.allocations
    ]
    return row


def _contact(contact: Contact) -> dict[str, Any]:
    return _with_history(names.CONTACT, contact)


def _credit(credit: Credit) -> dict[str, Any]:
    row = _with_history(names.CREDIT, credit)
    row["RemainingCredit"] = f"{credit.remaining:f}"
    row["LineItems"] = [written(names.LINE, each) for each in credit.lines]
    return row


def _with_history(table: names.Table, document: Any) -> dict[str, Any]:
    row = written(table, document)
    row["History"] = [_change(each) for each in document.history]
    return row


def _change(change: Change) -> dict[str, Any]:
    return {
        "at_ms": change.at_ms,
        "who": change.who,
        "what": change.what,
        "fields": [list(field) for field in change.fields],
    }


def _history(rows: Sequence[Mapping[str, Any]]) -> list[Change]:
    return [
        Change(
            each["at_ms"],
            each["who"],
            each["what"],
            tuple((field[0], field[1], field[2]) for field in each["fields"]),
        )
        for each in rows
    ]

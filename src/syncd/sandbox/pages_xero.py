"""What the pretend Xero shows its director: each organisation's books, and the bookkeeper.

Called by `serve`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pages import Form, Page, Table
from syncd.sandbox.xero.ledger.books import Books

_SHOWN = 20
_HAND = "bookkeeper"
_FORMS = (
    Form("Pay an invoice", _HAND, "pay", ("invoice", "amount")),
    Form("Delete its newest payment", _HAND, "delete_payment", ("invoice",)),
    Form(
        "Credit an invoice",
        _HAND,
        "credit",
        ("invoice", "amount", ("kind", ("CreditNote", "Overpayment", "Prepayment"))),
    ),
    Form("Take its newest credit off", _HAND, "deallocate", ("invoice",)),
    Form("Edit an invoice", _HAND, "edit", ("invoice", "Reference", "DueDate")),
    Form("Approve an invoice", _HAND, "approve", ("invoice",)),
    Form("Void an invoice, or delete a draft", _HAND, "void", ("invoice",)),
    Form("Mail an invoice", _HAND, "mail", ("invoice",)),
    Form("Write an invoice in Xero", _HAND, "create_invoice", ("contact", "Reference")),
    Form("Archive a contact", _HAND, "archive", ("contact",)),
    Form("Merge a contact", _HAND, "merge", ("contact", "into")),
    Form("Set lock dates", _HAND, "lock", ("period", "year")),
    Form(
        "Change the user's role",
        _HAND,
        "role",
        (("role", ("standard", "adviser", "invoice_only", "read_only", "none")),),
    ),
    Form("Disconnect the app", _HAND, "disconnect"),
    Form("Any other deed", _HAND),
    Form("Let time pass", "clock", fields=("advance_s", "rate")),
    Form("Send webhooks to", "webhooks", fields=("url",)),
)


def page(organisations: Mapping[str, Books], clock: SandboxClock) -> Page:
    """The page as the books stand."""
    books = list(organisations.values())
    places = [str(place) for place in range(len(books))]
    return Page(
        title="Sandbox: Xero",
        about=f"World time {clock.utc():%Y-%m-%d %H:%M:%S} UTC. A pretend Xero.",
        counts={
            "organisations": len(books),
            "invoices": sum(len(each.invoices) for each in books),
            "contacts": sum(len(each.contacts) for each in books),
            "payments": sum(len(each.payments) for each in books),
            "credits": sum(len(each.credits) for each in books),
        },
        tables=[_invoices(place, each) for place, each in enumerate(books)],
        forms=_FORMS,
        choice=("organisation", places),
    )


def _invoices(place: int, books: Books) -> Table:
    last = books.invoices.newest(_SHOWN)
    return Table(
        title=f"{place}: {books.organisation.name}, the last {_SHOWN} invoices to change",
        columns=("Number", "Contact", "Status", "Date", "Total", "Due", "Changed"),
        numbers=("Total", "Due"),
        rows=[
            (
                each.number,
                books.contacts.by_id[each.contact_id].name,
                each.status,
                each.dated_on,
                f"{each.total:,.2f} {each.currency}",
                f"{each.amount_due:,.2f}",
                f"{datetime.fromtimestamp(each.updated_ms / 1000, tz=UTC):%Y-%m-%d %H:%M:%S}",
            )
            for each in last
        ],
    )

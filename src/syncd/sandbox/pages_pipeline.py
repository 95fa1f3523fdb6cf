"""What the pretend Pipeline shows its director: each tenant's books, and the user.

Called by `serve`.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pages import Form, Page, Table
from syncd.sandbox.pipeline.app import Tenant
from syncd.sandbox.pipeline.totals import totals

_SHOWN = 20
_HAND = "user"
_FORMS = (
    Form("Add a customer", _HAND, "create_customer", ("ref", "name", "email")),
    Form("Approve an invoice", _HAND, "approve", ("number",)),
    Form("Send an invoice", _HAND, "send", ("number",)),
    Form("Reopen as a draft", _HAND, "reopen", ("number",)),
    Form("Delete an invoice", _HAND, "delete", ("number",)),
    Form("Any other deed", _HAND),
    Form("Let time pass", "clock", fields=("advance_s", "rate")),
    Form("Send webhooks to", "webhooks", fields=("url",)),
)


def page(tenants: Mapping[str, Tenant], clock: SandboxClock) -> Page:
    """The page as the books stand."""
    books = [each.books for each in tenants.values()]
    return Page(
        title="Sandbox: Pipeline",
        about=f"World time {clock.utc():%Y-%m-%d %H:%M:%S} UTC. A pretend Pipeline.",
        counts={
            "tenants": len(books),
            "invoices": sum(len(each.ids("invoice")) for each in books),
            "customers": sum(len(each.ids("customer")) for each in books),
            "changes": sum(len(each.feed) for each in books),
            "results": sum(len(each.results.standing) for each in tenants.values()),
        },
        tables=[_invoices(each) for each in tenants.values()],
        forms=_FORMS,
        choice=("tenant", list(tenants)),
    )


def _invoices(tenant: Tenant) -> Table:
    records = tenant.books.records
    newest = (entry.id for entry in reversed(tenant.books.feed) if entry.kind == "invoice")
    rows = []
    for identity in dict.fromkeys(newest):
        document = records["invoice"][identity].document
        customer = records["customer"][document["customerId"]].document
        is_gone = records["invoice"][identity].deleted_at is not None
        rows.append(
            (
                document["number"],
                customer["name"],
                "Deleted" if is_gone else document["status"],
                document["invoiceDate"],
                f"{totals(document['lines'], document['lineAmountTypes'])['total']:,.2f}",
                document["updatedAt"],
            )
        )
        if len(rows) == _SHOWN:
            break
    return Table(
        title=f"{tenant.name}, the last {_SHOWN} invoices to change",
        columns=("Number", "Customer", "Status", "Date", "Total", "Changed"),
        numbers=("Total",),
        rows=rows,
    )

"""`syncd invoices`: what stands where, what waits and why, and looking again."""

from __future__ import annotations

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.output import (
    in_words,
    say,
    show_differences,
    show_json,
    show_rows,
    show_value,
    when,
)
from syncd.cli.parameters import Daemon, Json, Limit, Number, OnlyTenant, TenantOfInvoice

invoices = App(
    name="invoices",
    help="The invoices of a tenant and their sync state.",
    help_epilogue="Example: `syncd invoices explain INV-0042`",
)
for _place, _says in (
    ("differences:diff", "What differs, field by field, and who moved."),
    ("differences:resolve", "Take one side of what differs."),
    ("explain:explain", "Its story in plain sentences, and what you can do."),
):
    invoices.command(f"syncd.cli.commands.{_place}", name=_place.partition(":")[2], help=_says)
_HEADLINE = (
    "number", "state", "reason", "reason_code", "xero_status", "xero_invoice_number",
    "xero_url", "synced_version", "version", "next_attempt_at", "amount_paid", "amount_credited",
    "amount_due", "fully_paid_on", "id", "xero_invoice_id",
)  # fmt: skip
_PAYMENT = ("paid_on", "type", "amount", "currency_code", "reference", "status")


@invoices.command(name="list")
async def list_invoices(
    *,
    tenant: OnlyTenant = None,
    state: str | None = None,
    reason: str | None = None,
    cause: str | None = None,
    newest: bool = False,
    limit: Limit = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Invoices with their sync state, reason and Xero status.

    Parameters
    ----------
    state
        pending, synced, waiting, out_of_sync, failed, uncertain or voided.
    reason
        Only those with this reason code.
    cause
        Only those that wait for this, as `syncd needs list` names it: cost_code:PAINT.
    newest
        What changed last in Pipeline first, instead of by number.
    """
    await listings.show_all(
        DaemonClient(daemon),
        "invoices",
        ("tenant", "number", "customer", "total", "currency", "state", "reason_code", "reason"),
        {
            "state": (state or "").replace(" ", "_"),
            "reason": reason or "",
            "cause": cause or "",
            "sort": "changed" if newest else "",
        },
        tenant=tenant,
        limit=limit,
        as_json=json,
        title="Invoices",
        worded=lambda row: {**row, "state": in_words(row["state"])},
    )


@invoices.command(name="show")
async def show_invoice(
    number: Number, *, tenant: TenantOfInvoice = None, json: Json = False, daemon: Daemon = None
) -> None:
    """One invoice: what stands where, what differs, what happened."""
    client = DaemonClient(daemon)
    name, invoice = await listings.the_one(client, listings.INVOICES, number, tenant)
    found = await client.get(listings.path(name, "invoices", invoice))
    if json:
        show_json({"tenant": name, **found})
        return
    headline = {key: found[key] for key in _HEADLINE if found[key] not in (None, "")}
    headline["state"] = in_words(headline["state"])
    show_value({"tenant": name, **headline}, as_json=False)
    if found["open_write"]:
        say(f"A {found['open_write']['step']} has no certain outcome yet; syncd is looking.")
    if found["differences"]:
        show_differences(found["differences"])
    if found["payments"]:
        show_rows(found["payments"], _PAYMENT, as_json=False, title="Payments and credits")
    for entry in reversed(found["history"]):
        say(f"{when(entry['at'])}  {entry['description']} ({entry['who']})")


@invoices.command(name="retry")
async def retry(
    number: str | None = None,
    *,
    reason: str | None = None,
    tenant: str | None = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Look again now: at one invoice, or at all that wait or failed for a reason.

    Parameters
    ----------
    number
        The invoice's number, or its Pipeline id.
    reason
        Instead of a number: everything with this reason code.
    tenant
        The tenant; without it, all for a reason, and the one that has the number.
    """
    if (number is None) == (reason is None):
        end(Exit.USAGE, "Give either a NUMBER or --reason.")
    client = DaemonClient(daemon)
    if number is not None:
        name, invoice = await listings.the_one(client, listings.INVOICES, number, tenant)
        answer = await client.post(listings.path(name, "invoices", invoice, "retry"))
        line = f"{answer['number']} is {in_words(answer['state'])}. {answer['reason']}".rstrip()
        if json:
            show_json({"tenant": name, **answer})
        else:
            say(line)
        return
    rows = []
    for name in await listings.tenants(client, tenant):
        answer = await client.post(listings.path(name, "invoices", "retry"), {"reason": reason})
        rows.append({"tenant": name, **answer})
    show_rows(rows, ("tenant", "released"), as_json=json, title="Looked at again")

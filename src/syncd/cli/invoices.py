"""`syncd invoices`: what stands where, what waits and why, and looking again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from syncd.cli.daemon_client import DaemonClient, options_or_end, path_of
from syncd.cli.output import Exit, end, say, show_json, show_rows, show_value

invoices = App(name="invoices", help="The invoices of a tenant and their sync state.")
MOST_PAGES = 1000
_HEADLINE = (
    "number", "state", "reason", "reason_code", "xero_status", "xero_invoice_number",
    "xero_url", "synced_version", "version", "next_attempt_at", "amount_paid", "amount_credited",
    "amount_due", "fully_paid_on", "id", "xero_invoice_id",
)  # fmt: skip
_SIDES = ("field", "agreed", "pipeline", "xero", "moved_by")


@invoices.command(name="list")
async def list_invoices(
    *,
    tenant: str | None = None,
    state: str | None = None,
    reason: str | None = None,
    json: bool = False,
    config: Path | None = None,
) -> None:
    """Invoices with their sync state, reason and Xero status.

    Parameters
    ----------
    tenant
        Only this tenant; else all.
    state
        pending, synced, waiting, out_of_sync, failed, uncertain or voided.
    reason
        Only those with this reason code.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    client = DaemonClient(options_or_end(config))
    rows: list[dict[str, Any]] = []
    for name in await _tenants(client, tenant):
        query = {"state": state or "", "reason": reason or ""}
        rows.extend({"tenant": name, **row} for row in await _all(client, name, query))
    columns = ("tenant", "number", "state", "reason_code", "reason", "xero_status")
    show_rows(rows, columns, as_json=json, title="Invoices")


@invoices.command(name="show")
async def show_invoice(
    number: str, *, tenant: str | None = None, json: bool = False, config: Path | None = None
) -> None:
    """One invoice: what stands where, what differs, what happened.

    Parameters
    ----------
    number
        The invoice's number (Invoice Reference in Pipeline), or its Pipeline id.
    tenant
        The tenant, where several have that number.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    client = DaemonClient(options_or_end(config))
    name, invoice = await _the_one(client, number, tenant)
    found = await client.get(_path(name, "invoices", invoice))
    if json:
        show_json({"tenant": name, **found})
        return
    headline = {key: found[key] for key in _HEADLINE if found[key] not in (None, "")}
    show_value({"tenant": name, **headline}, as_json=False)
    if found["open_write"]:
        say(f"A {found['open_write']['step']} has no certain outcome yet; syncd is looking.")
    if found["differences"]:
        show_rows(found["differences"], _SIDES, as_json=False, title="Differences")
    for entry in reversed(found["history"]):
        say(f"{entry['at']}  {entry['description']} ({entry['who']})")


@invoices.command(name="retry")
async def retry(
    number: str | None = None,
    *,
    reason: str | None = None,
    tenant: str | None = None,
    json: bool = False,
    config: Path | None = None,
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
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    if (number is None) == (reason is None):
        end(Exit.USAGE, "Give either a NUMBER or --reason.")
    client = DaemonClient(options_or_end(config))
    if number is not None:
        name, invoice = await _the_one(client, number, tenant)
        answer = await client.post(_path(name, "invoices", invoice, "retry"))
        line = f"{answer['number']} is {answer['state']}. {answer['reason']}".rstrip()
        if json:
            show_json({"tenant": name, **answer})
        else:
            say(line)
        return
    rows = []
    for name in await _tenants(client, tenant):
        answer = await client.post(_path(name, "invoices", "retry"), {"reason": reason})
        rows.append({"tenant": name, **answer})
    show_rows(rows, ("tenant", "released"), as_json=json, title="Looked at again")


async def _tenants(client: DaemonClient, chosen: str | None) -> list[str]:
    if chosen is not None:
        return [chosen]
    return [row["id"] for row in (await client.get("/api/v1/tenants"))["items"]]


async def _the_one(client: DaemonClient, number: str, tenant: str | None) -> tuple[str, str]:
    """The tenant and id of the invoice with this number or id, or an end that says why not."""
    found: list[tuple[str, str]] = []
    for name in await _tenants(client, tenant):
        rows = await _all(client, name, {"q": number})
        found.extend((name, row["id"]) for row in rows if number in (row["number"], row["id"]))
    if not found:
        end(Exit.FAILED, f"No invoice has the number {number}.")
    if len(found) > 1:
        names = ", ".join(dict.fromkeys(name for name, _ in found))
        ids = ", ".join(invoice for _, invoice in found)
        end(
            Exit.FAILED,
            f"{len(found)} invoices have the number {number} (tenants: {names}; ids: {ids});"
            " give --tenant, or the id instead of the number.",
        )
    return found[0]


async def _all(client: DaemonClient, tenant: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Every page of a listing, bounded."""
    rows: list[dict[str, Any]] = []
    asked = {name: value for name, value in query.items() if value} | {"limit": "500"}
    for _ in range(MOST_PAGES):
        page = await client.get(_path(tenant, "invoices"), asked)
        rows.extend(page["items"])
        if not page["next_cursor"]:
            break
        asked["cursor"] = page["next_cursor"]
    return rows


def _path(tenant: str, *rest: str) -> str:
    return path_of("api", "v1", "tenants", tenant, *rest)

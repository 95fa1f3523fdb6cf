"""`syncd invoices`: what stands where, what waits and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import Exit, end, show_rows, show_value

invoices = App(name="invoices", help="The invoices of a tenant and their sync state.")
MOST_PAGES = 1000


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
    """One invoice: both sides, what differs, what happened.

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
    found: list[tuple[str, str]] = []
    for name in await _tenants(client, tenant):
        rows = await _all(client, name, {"q": number})
        found.extend((name, row["id"]) for row in rows if number in (row["number"], row["id"]))
    if not found:
        end(Exit.FAILED, f"No invoice has the number {number}.")
    if len(found) > 1:
        names = ", ".join(name for name, _ in found)
        end(Exit.FAILED, f"Several tenants have the number {number} ({names}); add --tenant.")
    name, invoice = found[0]
    show_value(await client.get(f"/api/v1/tenants/{name}/invoices/{invoice}"), as_json=json)


async def _tenants(client: DaemonClient, chosen: str | None) -> list[str]:
    if chosen is not None:
        return [chosen]
    return [row["id"] for row in (await client.get("/api/v1/tenants"))["items"]]


async def _all(client: DaemonClient, tenant: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Every page of a listing, bounded."""
    rows: list[dict[str, Any]] = []
    asked = {name: value for name, value in query.items() if value}
    for _ in range(MOST_PAGES):
        page = await client.get(f"/api/v1/tenants/{tenant}/invoices", asked)
        rows.extend(page["items"])
        if not page["next_cursor"]:
            break
        asked["cursor"] = page["next_cursor"]
    return rows

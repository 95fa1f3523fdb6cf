"""`syncd findings`: what sweeps and the queue found that people should know of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from syncd.cli.daemon_client import DaemonClient, options_or_end, path_of
from syncd.cli.output import show_rows

findings = App(name="findings", help="What people should know of, open until it is gone.")
MOST_PAGES = 1000
COLUMNS = ("tenant", "kind", "label", "text", "opened_at")


@findings.command(name="list")
async def list_findings(
    *,
    tenant: str | None = None,
    kind: str | None = None,
    json: bool = False,
    config: Path | None = None,
) -> None:
    """Open findings by kind, with their age.

    Parameters
    ----------
    tenant
        Only this tenant; else all.
    kind
        missing, extra, differing, paid_unpaid_mismatch, duplicate_suspected, stranger,
        unlinked_contact, contacts_merged, contact_kept or missed_webhook.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    client = DaemonClient(options_or_end(config))
    rows: list[dict[str, Any]] = []
    for name in [tenant] if tenant else await _tenants(client):
        rows.extend({"tenant": name, **row} for row in await _all(client, name, kind or ""))
    show_rows(rows, COLUMNS, as_json=json, title="Findings")


async def _tenants(client: DaemonClient) -> list[str]:
    answer = await client.get("/api/v1/tenants")
    return [one["id"] for one in answer["items"]]


async def _all(client: DaemonClient, tenant: str, kind: str) -> list[dict[str, Any]]:
    path = "/api/v1" + path_of("tenants", tenant, "findings")
    rows: list[dict[str, Any]] = []
    query = {"kind": kind} if kind else {}
    for _ in range(MOST_PAGES):
        page = await client.get(path, query)
        rows += page["items"]
        if page["next_cursor"] is None:
            break
        query = {**query, "cursor": page["next_cursor"]}
    return rows

"""`syncd findings`: what sweeps and the queue found that people should know of."""

from __future__ import annotations

from typing import Any

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.output import show_rows
from syncd.cli.parameters import Daemon, Json, OnlyTenant

findings = App(name="findings", help="What people should know of, open until it is gone.")
COLUMNS = ("tenant", "kind", "label", "text", "looked_at", "opened_at")


@findings.command(name="list")
async def list_findings(
    *,
    tenant: OnlyTenant = None,
    kind: str | None = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Open findings by kind, with their age.

    Parameters
    ----------
    kind
        missing, extra, differing, paid_unpaid_mismatch, duplicate_suspected, stranger,
        unlinked_contact, contacts_merged, contact_kept, contact_altered,
        missed_webhook, unreadable_in_pipeline, unreadable_feed or unreadable_in_xero.
    """
    client = DaemonClient(daemon)
    rows: list[dict[str, Any]] = []
    for name in await listings.tenants(client, tenant):
        found = await listings.every(client, name, "findings", {"kind": kind or ""})
        rows.extend({"tenant": name, **row} for row in found)
    show_rows(rows, COLUMNS, as_json=json, title="Findings")

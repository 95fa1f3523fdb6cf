"""`syncd findings`: what sweeps and the queue found that people should know of."""

from __future__ import annotations

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.parameters import Daemon, Json, Limit, OnlyTenant

findings = App(
    name="findings",
    help="What people should know of, open until it is gone.",
    help_epilogue="Example: `syncd findings list`",
)
COLUMNS = ("tenant", "kind", "label", "text", "looked_at", "opened_at")


@findings.command(name="list")
async def list_findings(
    *,
    tenant: OnlyTenant = None,
    kind: str | None = None,
    closed: bool = False,
    limit: Limit = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Open findings by kind, with their age.

    Parameters
    ----------
    kind
        missing, extra, differing, paid_unpaid_mismatch, duplicate_suspected, stranger,
        unlinked_contact, contacts_merged, contact_kept, contact_altered,
        missed_webhook, unreadable_in_pipeline, unreadable_feed, unreadable_in_xero or
        result_refused.
    closed
        Those that went in the last 30 days instead, the last one first.
    """
    await listings.show_all(
        DaemonClient(daemon),
        "findings",
        (*COLUMNS, "closed_at") if closed else COLUMNS,
        {"kind": kind or "", "closed": "1" if closed else ""},
        tenant=tenant,
        limit=limit,
        as_json=json,
        title="Findings",
    )

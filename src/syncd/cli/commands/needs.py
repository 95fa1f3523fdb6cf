"""`syncd needs`: what a person must do, one row a cause."""

from __future__ import annotations

from typing import Any

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.output import in_words, show_rows
from syncd.cli.parameters import Daemon, Json, OnlyTenant

needs = App(
    name="needs",
    help="What a person must do, by cause.",
    help_epilogue="Example: `syncd needs list`",
)
COLUMNS = ("tenant", "state", "reason_code", "text", "invoices", "oldest_at", "do", "filter")


@needs.command(name="list")
async def list_needs(
    *, tenant: OnlyTenant = None, json: Json = False, daemon: Daemon = None
) -> None:
    """What waits for a person, counted by its cause, with what can be done about it."""
    client = DaemonClient(daemon)
    rows: list[dict[str, Any]] = []
    for name in await listings.tenants(client, tenant):
        found = await client.get(listings.path(name, "needs"))
        rows.extend({"tenant": name, **one} for one in found["items"])
    show_rows(
        rows if json else [*map(_worded, rows)], COLUMNS, as_json=json, title="Needs a person"
    )


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    done = [each["label"] for each in row["actions"]]
    return {
        **row,
        "state": in_words(row["state"]),
        "do": "\n".join(done),
        "filter": row["cause"]["filter"] if row["cause"] else "",
    }

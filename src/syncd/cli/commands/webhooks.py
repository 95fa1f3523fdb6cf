"""`syncd webhooks`: what Xero has announced, processed once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.output import say, show_rows, show_value
from syncd.cli.parameters import Daemon, Json, OnlyTenant, Rows
from syncd.web.console import words

webhooks = App(
    name="webhooks",
    help="What Xero has announced.",
    help_epilogue="Example: `syncd webhooks replay`",
)
COLUMNS = ("tenant", "received_at", "source", "category", "event", "label", "verdict", "became")
DEFAULT = timedelta(days=1)


@webhooks.command(name="list")
async def list_notices(
    *,
    tenant: OnlyTenant = None,
    source: str | None = None,
    verdict: str | None = None,
    limit: Rows = 50,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """What webhooks brought, newest first, with what became of each, and what they missed.

    Parameters
    ----------
    source
        xero or pipeline.
    verdict
        Only those of which this became: fetched, echo, not_ours, ...; new: with work left.
    limit
        So many of each tenant.
    """
    client = DaemonClient(daemon)
    query = {"source": source or "", "verdict": verdict or "", "limit": str(limit)}
    asked = {name: value for name, value in query.items() if value}
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    for name in await listings.tenants(client, tenant):
        found = await client.get(listings.path(name, "webhooks"), asked)
        standing = await client.get(listings.path(name, "webhooks", "standing"))
        rows.extend({"tenant": name, **one} for one in found["items"])
        gaps = ", ".join(f"{one['first']}-{one['last']}" for one in standing["gaps"]) or "none"
        lines.append(f"{name}: {len(standing['missed'])} missed lately; gaps in the count: {gaps}.")
    worded = [{**one, "became": words.notice(one["verdict"])} for one in rows]
    show_rows(rows if json else worded, COLUMNS, as_json=json, title="Webhooks")
    for line in [] if json else lines:
        say(line)


@webhooks.command(name="replay")
async def replay(
    *,
    since: str | None = None,
    tenant: OnlyTenant = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Work through Xero's events again that are on disk; nothing is asked of Xero twice for it.

    Of all tenants, or of one; of one it is a job, and `syncd jobs list` says how far it has come.

    Parameters
    ----------
    since
        An instant, e.g. 2026-11-22T08:00:00Z; else the last 24 hours.
    """
    at = datetime.now(UTC) - DEFAULT if since is None else _instant(since)
    body = {"since": at.isoformat()}
    if tenant is not None:
        job = await DaemonClient(daemon).post(listings.path(tenant, "jobs", "replay"), body)
        show_value({"job": job["id"], "kind": job["kind"], "state": job["state"]}, as_json=json)
        return
    answer = await DaemonClient(daemon).post("/api/v1/webhooks/replay", body)
    show_value(answer, as_json=json)


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        end(Exit.USAGE, f"--since: expected an instant like 2026-11-22T08:00:00Z, got {text!r}.")
    return read if read.tzinfo is not None else read.astimezone()

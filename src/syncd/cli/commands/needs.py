"""`syncd needs` and `syncd jobs`: what a person must do, and what one has ordered."""

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
jobs = App(
    name="jobs",
    help="What was ordered and takes its time: plans, reports, checks of the chain, replays.",
    help_epilogue="Example: `syncd jobs list`",
)
COLUMNS = ("tenant", "state", "reason_code", "text", "invoices", "oldest_at", "do", "filter")
JOBS = ("tenant", "id", "kind", "state", "began_at", "asked_by", "so_far", "text")


@needs.command(name="list")
async def list_needs(
    *, tenant: OnlyTenant = None, json: Json = False, daemon: Daemon = None
) -> None:
    """What waits for a person, counted by its cause, with what can be done about it."""
    rows = await _of_each(DaemonClient(daemon), tenant, "needs")
    show_rows(
        rows if json else [*map(_worded, rows)], COLUMNS, as_json=json, title="Needs a person"
    )


@jobs.command(name="list")
async def list_jobs(
    *, tenant: OnlyTenant = None, json: Json = False, daemon: Daemon = None
) -> None:
    """What was ordered last, newest first, with how far it has come or how it ended."""
    rows = await _of_each(DaemonClient(daemon), tenant, "jobs")
    show_rows(rows if json else [*map(_so_far, rows)], JOBS, as_json=json, title="Jobs")


async def _of_each(client: DaemonClient, tenant: str | None, listing: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in await listings.tenants(client, tenant):
        found = (await client.get(listings.path(name, listing)))["items"]
        rows.extend({"tenant": name, **one} for one in found)
    return rows


def _so_far(row: dict[str, Any]) -> dict[str, Any]:
    progress = row["progress"]
    if progress is None:
        return {**row, "so_far": ""}
    of = "" if progress["total"] is None else f" of {progress['total']:,}"
    so_far = f"{progress['done']:,}{of}, {progress['calls']:,} calls"
    return {**row, "so_far": so_far, "text": progress["text"]}


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    done = [each["label"] for each in row["actions"]]
    return {
        **row,
        "state": in_words(row["state"] or row["finding"]),
        "do": "\n".join(done),
        "filter": row["cause"]["filter"] if row["cause"] else "",
    }

"""`syncd webhooks`: what Xero has announced, processed once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cyclopts import App

from syncd.cli.daemon_client import DaemonClient
from syncd.cli.exits import Exit
from syncd.cli.output import end, show_value
from syncd.cli.parameters import Daemon, Json

webhooks = App(
    name="webhooks",
    help="What Xero has announced.",
    help_epilogue="Example: `syncd webhooks replay`",
)
DEFAULT = timedelta(days=1)


@webhooks.command(name="replay")
async def replay(*, since: str | None = None, json: Json = False, daemon: Daemon = None) -> None:
    """Work through Xero's events again that are on disk; nothing is asked of Xero twice for it.

    Parameters
    ----------
    since
        An instant, e.g. 2026-11-22T08:00:00Z; else the last 24 hours.
    """
    at = datetime.now(UTC) - DEFAULT if since is None else _instant(since)
    body = {"since": at.isoformat()}
    answer = await DaemonClient(daemon).post("/api/v1/webhooks/replay", body)
    show_value(answer, as_json=json)


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        end(Exit.USAGE, f"--since: expected an instant like 2026-11-22T08:00:00Z, got {text!r}.")
    return read if read.tzinfo is not None else read.astimezone()

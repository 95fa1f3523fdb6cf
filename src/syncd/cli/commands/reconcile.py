"""`syncd reconcile`: a reconcile round now, and what it found."""

from __future__ import annotations

from syncd.cli.commands.findings import COLUMNS
from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.following import Waiting
from syncd.cli.output import away_s, show_json, show_rows
from syncd.cli.parameters import Daemon, Json, Tenant

FAR_S = 600.0
"""Nobody sits in front of a command that waits longer."""
MOST_ASKS = 240
"""Each takes up to 15 s; a sweep of an hour has other troubles."""


async def reconcile(
    tenant: Tenant, *, full: bool = False, json: Json = False, daemon: Daemon = None
) -> None:
    """A reconcile round now: what changed in Xero is read, and the findings are printed.

    Parameters
    ----------
    full
        Read every invoice there, not only what changed.
    """
    client = DaemonClient(daemon)
    path = "/api/v1" + path_of("tenants", tenant, "reconcile")
    answer = await client.post(path, {"full": full})
    waiting = Waiting("The round is under way ...")
    for _ in range(MOST_ASKS):
        if answer["complete"]:
            break
        waits_for = answer["waits_for"]
        waiting.say(waits_for)
        if waits_for is not None and _is_far(waits_for["until"]):
            end(Exit.TRY_AGAIN, "The round is ordered and goes on by itself then.")
        answer = await client.post(path, {"ticket": answer["ticket"]})
    else:
        end(Exit.TRY_AGAIN, "The round is not complete yet; `syncd findings list` shows the rest.")
    if json:
        show_json({"tenant": tenant, "items": answer["items"], "refused": answer["refused"]})
    else:
        rows = [{"tenant": tenant, **row} for row in answer["items"]]
        show_rows(rows, COLUMNS, as_json=False, title="Findings")
    if answer["refused"] is not None:
        end(Exit.TRY_AGAIN, answer["refused"])


def _is_far(until: str | None) -> bool:
    return until is not None and away_s(until) > FAR_S

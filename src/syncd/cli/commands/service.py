"""Is it fine? `syncd health` for probes, `status` and `console` for people, `version`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from syncd.cli import cards, listings, probe
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.output import say, show_json, show_rows, show_value, when
from syncd.cli.parameters import Config, Daemon, Json, Url
from syncd.domain.rules.text.printable import printable

_UNBUILT = "none: a working copy"
TASKS = {
    "intake": "reading what changed in Pipeline",
    "worker": "draining the queue",
    "prober": "looking for unknown outcomes",
    "write_back": "telling Pipeline the results",
    "waits": "telling Pipeline what waits",
    "tokens": "refreshing the tokens",
    "digest": "working through Xero's webhooks",
    "sweeper": "sweeping Xero",
    "restore": "reading Xero after a restore",
    "sampler": "counting for the metrics",
    "rescuer": "freeing what a lost round held",
    "retention": "forgetting what is old",
    "notify": "telling people what needs them",
    "clock": "noticing a clock that was set",
}

REPLICA_COLUMNS = ("name", "state", "since", "lease_until", "seen_at", "url", "version")


def health(
    *, ready: bool = False, json: Json = False, url: Url = None, config: Config = None
) -> None:
    """Exit 0 when the daemon is alive (or takes work), else 1.

    Parameters
    ----------
    ready
        Ask whether it takes work, not only whether it lives.
    """
    asked = probe.Asked(ready=ready, json=json, url=url, config=config)
    sys.exit(int(probe.health(asked)))


async def status(*, verbose: bool = False, json: Json = False, daemon: Daemon = None) -> None:
    """Per tenant: connection, organisation, queue, what is out of sync, calls left.

    Parameters
    ----------
    verbose
        Also when each of the daemon's tasks runs next.
    """
    client = DaemonClient(daemon)
    items = (await client.get("/api/v1/tenants"))["items"]
    runs = (await client.get("/api/v1/schedule"))["items"] if verbose else []
    replicas = (await client.get("/api/v1/replicas"))["items"]
    if json:
        whole = {"tenants": items, "schedule": runs, "replicas": replicas}
        show_json(whole if verbose else items)
        return
    if replicas:
        say("Replicas:")
        for one in replicas:
            say(f"  {_replica(one)}{_SHARED * bool(one.get('is_name_shared'))}")
        say("")
    for name, check in (await client.checks()).items():
        if check["status"] != "pass" and not name.startswith("tenant:"):
            say(f"The daemon: {name}: {check['output']}\n")
    if not items:
        say(listings.NO_TENANT)
    for tenant in items:
        needs = (await client.get(listings.path(tenant["id"], "needs")))["items"]
        show_value(cards.summary(tenant, needs), as_json=False)
        say("")
    if verbose:
        if replicas:
            show_rows(replicas, REPLICA_COLUMNS, as_json=False, title="Replicas")
        shown = [{**one, "what": TASKS.get(one["task"], one["task"])} for one in runs]
        show_rows(
            shown,
            ("what", "tenant", "task", "next_run_at", "failures"),
            as_json=False,
            title="Next runs",
        )


_SHARED = ". Two replicas have this name: give each its own (replicas.name), or none"


def _replica(one: dict[str, Any]) -> str:
    """A replica in words."""
    name = printable(one["name"])
    match one["state"]:
        case "works":
            until = f"its lease ends {when(one['lease_until'])}"
            return f"{name} works since {when(one['since'])}; {until}"
        case "gone":
            why = "it has died, or does not reach the database"
            return f"{name} is gone, last heard of {when(one['seen_at'])}: {why}"
        case _:
            return f"{name} stands by, heard of {when(one['seen_at'])}"


def show_version(*, json: Json = False) -> None:
    """The program's version, and the commit it was built from."""
    file = files("syncd.cli") / "files" / "commit"
    commit = file.read_text("utf-8").strip() if file.is_file() else None
    found = {"version": version("syncd"), "commit": commit}
    show_value(found if json else {**found, "commit": commit or _UNBUILT}, as_json=json)


async def open_console(*, json: Json = False, daemon: Daemon = None) -> None:
    """Print a link to the console that signs you in as the operator of your token.

    It is good once, for ten minutes. Its address begins as `server.console_url` says, else as the
    daemon was reached.
    """
    link = await DaemonClient(daemon).post("/api/v1/login-links")
    if json:
        show_json(link)
        return
    say(link["url"])
    say(f"Good once, until {when(link['expires_at'])}.")

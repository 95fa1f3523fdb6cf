"""Is it fine? `syncd health` for probes, `syncd status` for people, `syncd version`."""

from __future__ import annotations

from importlib.metadata import version

from syncd.cli import cards
from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import Exit, end, say, show_json, show_rows, show_value
from syncd.cli.parameters import Config, Json

_OK = 200
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
    "clock": "noticing a clock that was set",
}


async def health(*, ready: bool = False, json: Json = False, config: Config = None) -> None:
    """Exit 0 when the daemon is alive (or takes work), else 1.

    Parameters
    ----------
    ready
        Ask whether it takes work, not only whether it lives.
    """
    answer = await DaemonClient(options_or_end(config)).probe("/readyz" if ready else "/livez")
    is_healthy = answer == _OK
    if json:
        show_json({"healthy": is_healthy, "http_status": answer or None})
    if not is_healthy:
        end(Exit.FAILED, f"not healthy: {'no answer' if answer == 0 else f'HTTP {answer}'}")
    if not json:
        say("ok")


async def status(*, verbose: bool = False, json: Json = False, config: Config = None) -> None:
    """Per tenant: connection, organisation, queue, what is out of sync, calls left.

    Parameters
    ----------
    verbose
        Also when each of the daemon's tasks runs next.
    """
    client = DaemonClient(options_or_end(config))
    items = (await client.get("/api/v1/tenants"))["items"]
    runs = (await client.get("/api/v1/schedule"))["items"] if verbose else []
    if json:
        show_json({"tenants": items, "schedule": runs} if verbose else items)
        return
    for tenant in items:
        show_value(cards.summary(tenant), as_json=False)
        say("")
    if verbose:
        shown = [{**one, "what": TASKS.get(one["task"], one["task"])} for one in runs]
        show_rows(
            shown, ("what", "tenant", "task", "next_run_at"), as_json=False, title="Next runs"
        )


def show_version(*, json: Json = False) -> None:
    """The program's version."""
    show_value({"version": version("syncd")}, as_json=json)

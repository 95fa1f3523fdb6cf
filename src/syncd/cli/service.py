"""Is it fine? `syncd health` for probes, `syncd status` for people, `syncd version`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import Exit, end, lasting, say, show_json, show_value

_OK = 200
LOOKING = "reading what Xero has of ours since the backup; nothing is created meanwhile"
_STATES = ("synced", "waiting", "out_of_sync", "failed", "uncertain")


async def health(*, ready: bool = False, json: bool = False, config: Path | None = None) -> None:
    """Exit 0 when the daemon is alive (or takes work), else 1.

    Parameters
    ----------
    ready
        Ask whether it takes work, not only whether it lives.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    answer = await DaemonClient(options_or_end(config)).probe("/readyz" if ready else "/livez")
    is_healthy = answer == _OK
    if json:
        show_json({"healthy": is_healthy, "http_status": answer or None})
    if not is_healthy:
        end(Exit.FAILED, f"not healthy: {'no answer' if answer == 0 else f'HTTP {answer}'}")
    if not json:
        say("ok")


async def status(*, json: bool = False, config: Path | None = None) -> None:
    """Per tenant: connection, organisation, queue, what is out of sync, calls left.

    Parameters
    ----------
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    items = (await DaemonClient(options_or_end(config)).get("/api/v1/tenants"))["items"]
    if json:
        show_json(items)
        return
    for tenant in items:
        show_value(_at_a_glance(tenant), as_json=False)
        say("")


def show_version(*, json: bool = False) -> None:
    """The program's version.

    Parameters
    ----------
    json
        Print JSON.
    """
    show_value({"version": version("syncd")}, as_json=json)


def _at_a_glance(tenant: dict[str, Any]) -> dict[str, Any]:
    """One tenant, a line a question: connected to what, what is queued, what needs a person."""
    organisation = f" to {tenant['organisation']}" if tenant["organisation"] else ""
    clears_in = lasting(tenant["clears_in_s"])
    calls = tenant["budget"]["day"]
    return {
        "tenant": tenant["id"],
        "status": f"{tenant['status']}{organisation}",
        "mode": "paused" if tenant["paused"] else tenant["mode"],
        "queued": f"{tenant['backlog']}{f', clears in {clears_in}' if clears_in else ''}",
        "invoices": {f"{state}:": tenant["invoices"][state] for state in _STATES},
        "calls left today": "not known yet" if calls is None else calls,
        "halted": _halted(tenant),
        "warning": tenant["warning"] or "none",
        **({"restore": LOOKING} if tenant["restore"] else {}),
    }


def _halted(tenant: dict[str, Any]) -> str:
    """What is wrong, and what to do."""
    if not tenant["halted"]:
        return "no"
    return f"{tenant['halted']} See `syncd brakes list`, then release it or undo the cause."

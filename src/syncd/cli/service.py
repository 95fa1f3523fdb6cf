"""Is it fine? `syncd health` for probes, `syncd status` for people, `syncd version`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import Exit, end, lasting, say, show_json, show_rows, show_value

_OK = 200
_COLUMNS = (
    "tenant", "status", "mode", "organisation", "queued", "synced", "waiting", "out_of_sync",
    "failed", "uncertain", "calls_left_today", "clears_in", "warning",
)  # fmt: skip
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
    rows = items if json else [_flat(tenant) for tenant in items]
    show_rows(rows, _COLUMNS, as_json=json, title="Tenants")


def show_version(*, json: bool = False) -> None:
    """The program's version.

    Parameters
    ----------
    json
        Print JSON.
    """
    show_value({"version": version("syncd")}, as_json=json)


def _flat(tenant: dict[str, Any]) -> dict[str, Any]:
    invoices = tenant["invoices"]
    return {
        "tenant": tenant["id"],
        "status": tenant["status"],
        "mode": "paused" if tenant["paused"] else tenant["mode"],
        "organisation": tenant["organisation"],
        "queued": tenant["backlog"],
        **{state: invoices[state] for state in _STATES},
        "calls_left_today": tenant["budget"]["day"],
        "clears_in": lasting(tenant["clears_in_s"]),
        "warning": tenant["warning"],
    }

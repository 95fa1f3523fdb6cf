"""Is it fine? `syncd health` for probes, `syncd status` for people, `syncd version`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import Exit, console, end, show_rows, show_value


async def health(*, ready: bool = False, config: Path | None = None) -> None:
    """Exit 0 when the daemon is alive (or takes work), else 1.

    Parameters
    ----------
    ready
        Ask whether it takes work, not only whether it lives.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    status = await DaemonClient(options_or_end(config)).probe("/readyz" if ready else "/livez")
    if status != 200:  # noqa: PLR2004  (HTTP's OK)
        end(Exit.FAILED, f"not healthy: {'no answer' if status == 0 else f'HTTP {status}'}")
    console().print("ok")


async def status(*, json: bool = False, config: Path | None = None) -> None:
    """Per tenant: connection, organisation, queue, what is out of sync, calls left.

    Parameters
    ----------
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    listing = await DaemonClient(options_or_end(config)).get("/api/v1/tenants")
    rows = [_flat(tenant) for tenant in listing["items"]]
    columns = (
        "tenant", "status", "mode", "organisation", "waiting_work", "synced", "waiting",
        "out_of_sync", "failed", "uncertain", "calls_left_today", "clears_in", "warning",
    )  # fmt: skip
    show_rows(listing["items"] if json else rows, columns, as_json=json, title="Tenants")


def _flat(tenant: dict[str, Any]) -> dict[str, Any]:
    invoices = tenant.get("invoices", {})
    return {
        "tenant": tenant["id"],
        "status": tenant["status"],
        "mode": tenant["mode"],
        "organisation": tenant.get("organisation"),
        "waiting_work": tenant.get("backlog"),
        **{state: invoices.get(state, 0) for state in
           ("synced", "waiting", "out_of_sync", "failed", "uncertain")},
        "calls_left_today": tenant.get("budget", {}).get("day"),
        "clears_in": tenant.get("clears_in"),
        "warning": tenant.get("warning"),
    }  # fmt: skip


def show_version(*, json: bool = False) -> None:
    """The program's version.

    Parameters
    ----------
    json
        Print JSON.
    """
    show_value({"version": version("syncd")}, as_json=json)

"""`syncd tenants pause / resume / live / observe`: a tenant's switches."""

from __future__ import annotations

from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.output import say, show_json
from syncd.cli.parameters import Daemon, Json, Tenant


async def pause(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Hold all writes to Xero, at once; reading goes on, so that nothing is missed."""
    await _press(tenant, "pause", {}, daemon, as_json=json)


async def resume(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Let a paused tenant's work go on."""
    await _press(tenant, "resume", {}, daemon, as_json=json)


async def live(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Write to Xero from now on, where the configuration names no mode."""
    await _press(tenant, "mode", {"mode": "live"}, daemon, as_json=json)


async def observe(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Read, plan and show, but write nothing, where the configuration names no mode."""
    await _press(tenant, "mode", {"mode": "observe"}, daemon, as_json=json)


async def _press(
    tenant: str, button: str, body: dict[str, str], daemon: Daemon, *, as_json: bool
) -> None:
    path = path_of("api", "v1", "tenants", tenant, button)
    answer = await DaemonClient(daemon).post(path, body)
    if as_json:
        show_json(answer)
        return
    say(answer["message"])

"""The tenants the daemon serves and their connection: list, show, connect, refresh, disconnect.

Also their switches; adding and removing them is in `served_tenants`.
"""

from __future__ import annotations

from typing import Any

from cyclopts import App

from syncd.cli import cards
from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.output import say, show_json, show_rows, show_value, when
from syncd.cli.parameters import Daemon, Json, Tenant, TenantByName

tenants = App(
    name="tenants",
    help="The Pipeline tenants this daemon serves.",
    help_epilogue="Example: `syncd tenants list`",
)
for _name, _says in (
    ("add", "Serve one more, without a restart; its secrets are sealed."),
    ("remove", "Serve one less: disconnected; links, history and journal are kept."),
):
    tenants.command(f"syncd.cli.commands.served_tenants:{_name}", name=_name, help=_says)


@tenants.command(name="list")
async def list_tenants(*, json: Json = False, daemon: Daemon = None) -> None:
    """Every tenant with its connection."""
    listing = await DaemonClient(daemon).get("/api/v1/tenants")
    columns = ("id", "status", "mode", "paused", "organisation", "connected_at", "trouble")
    rows = listing["items"] if json else [cards.in_a_row(one) for one in listing["items"]]
    show_rows(rows, columns, as_json=json, title="Tenants")


@tenants.command(name="show")
async def show_tenant(tenant: TenantByName, *, json: Json = False, daemon: Daemon = None) -> None:
    """One tenant's connection card."""
    card = await DaemonClient(daemon).get(_path(tenant))
    show_value(card if json else cards.in_full(card), as_json=json)


@tenants.command
async def pause(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Hold all writes to Xero, at once; reading goes on, so that nothing is missed."""
    await _press(tenant, "pause", {}, daemon, as_json=json)


@tenants.command
async def resume(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Let a paused tenant's work go on."""
    await _press(tenant, "resume", {}, daemon, as_json=json)


@tenants.command
async def live(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Write to Xero from now on, where the configuration names no mode."""
    await _press(tenant, "mode", {"mode": "live"}, daemon, as_json=json)


@tenants.command
async def observe(tenant: Tenant, *, json: Json = False, daemon: Daemon = None) -> None:
    """Read, plan and show, but write nothing, where the configuration names no mode."""
    await _press(tenant, "mode", {"mode": "observe"}, daemon, as_json=json)


async def connect(tenant: TenantByName, *, json: Json = False, daemon: Daemon = None) -> None:
    """Connect to Xero: prints the address to open in a browser."""
    answer = await DaemonClient(daemon).post(_path(tenant, "connect"))
    if json:
        show_json(answer)
        return
    say(f"Open this address in a browser before {when(answer['expires_at'])}; it works once:")
    say(answer["url"])


async def refresh(tenant: TenantByName, *, json: Json = False, daemon: Daemon = None) -> None:
    """Refresh Token: renew the tenant's tokens now."""
    answer = await DaemonClient(daemon).post(_path(tenant, "refresh"))
    _show_pressed(answer, as_json=json)


async def disconnect(tenant: TenantByName, *, json: Json = False, daemon: Daemon = None) -> None:
    """Disconnect: stop all synchronisation of this tenant; links, queue and history stay."""
    answer = await DaemonClient(daemon).post(_path(tenant, "disconnect"))
    _show_pressed(answer, as_json=json)


async def _press(
    tenant: str, button: str, body: dict[str, str], daemon: Daemon, *, as_json: bool
) -> None:
    answer = await DaemonClient(daemon).post(_path(tenant, button), body)
    if as_json:
        show_json(answer)
        return
    say(answer["message"])


def _path(tenant: str, *rest: str) -> str:
    return path_of("api", "v1", "tenants", tenant, *rest)


def _show_pressed(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    say(answer["message"])
    say(f"{answer['id']} is {answer['status']}.")

"""The tenants the daemon serves and their connection: list, show, connect, refresh, disconnect."""

from __future__ import annotations

from typing import Any

from cyclopts import App

from syncd.cli import cards
from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.output import say, show_json, show_rows, show_value, when
from syncd.cli.parameters import Daemon, Json, TenantByName

tenants = App(
    name="tenants",
    help="The Pipeline tenants this daemon serves.",
    help_epilogue="Example: `syncd tenants list`",
)
for _name, _says in (
    ("pause", "Hold all writes to Xero; reading goes on."),
    ("resume", "Let a paused tenant's work go on."),
    ("live", "Write to Xero from now on."),
    ("observe", "Read, plan and show, but write nothing."),
):
    tenants.command(f"syncd.cli.commands.switches:{_name}", name=_name, help=_says)


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


def _path(tenant: str, *rest: str) -> str:
    return path_of("api", "v1", "tenants", tenant, *rest)


def _show_pressed(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(answer)
        return
    say(answer["message"])
    say(f"{answer['id']} is {answer['status']}.")

"""`syncd brakes`: what was halted because too much would change at once, and letting it pass."""

from __future__ import annotations

from typing import Any

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.output import say, show_json, show_rows
from syncd.cli.parameters import Daemon, Json, Limit, Tenant
from syncd.domain.rules.text import wording

brakes = App(
    name="brakes",
    help="Tenants halted because too much would change at once.",
    help_epilogue="Example: `syncd brakes list`",
)
COLUMNS = ("tenant", "halted_at", "kind", "would", "waiting", "seen")
DOCUMENTS = ("number", "step", "amount", "currency", "xero_invoice_id")


@brakes.command(name="list")
async def list_brakes(*, json: Json = False, daemon: Daemon = None) -> None:
    """Halted tenants: why, what they would have done, and a sample of the invoices."""
    items = await _items(DaemonClient(daemon))
    show_rows(items, COLUMNS, as_json=json, title="Halted brakes")
    if json:
        return
    for one in items:
        say("")
        say(f"{one['tenant']}: {one['text']}")
        title = f"{len(one['sample'])} of {one['documents']} invoices"
        show_rows(one["sample"], DOCUMENTS, as_json=False, title=title)
        limits = one["limits"]
        money = "" if limits["money"] is None else f", totals moved by {limits['money']}"
        window = wording.lasting(limits["window_s"])
        say(f"Limits within {window}: {limits['voids']} documents voided{money}.")
        say(f"To let them pass: syncd brakes release {one['tenant']} --seen {one['seen']}")
        say("Otherwise undo the cause: what needs no write any more leaves the list by itself.")


@brakes.command
async def show(
    tenant: Tenant, *, limit: Limit = None, json: Json = False, daemon: Daemon = None
) -> None:
    """All that a tenant's brake holds, by number."""
    await listings.show_all(
        DaemonClient(daemon),
        "brakes/documents",
        DOCUMENTS,
        {},
        tenant=tenant,
        limit=limit,
        as_json=json,
        title="Documents",
    )


@brakes.command
async def release(
    tenant: Tenant, *, seen: str | None = None, json: Json = False, daemon: Daemon = None
) -> None:
    """Let exactly what is listed pass; refused when the list is not what you saw.

    Parameters
    ----------
    seen
        The list's fingerprint as `syncd brakes list` showed it; else the list as it is now.
    """
    client = DaemonClient(daemon)
    if seen is None:
        standing = [one for one in await _items(client) if one["tenant"] == tenant]
        if not standing:
            end(Exit.FAILED, f"{tenant} is not halted by a brake; there is nothing to release.")
        seen = str(standing[0]["seen"])
    path = path_of("api", "v1", "tenants", tenant, "brakes", "release")
    answer = await client.post(path, {"seen": seen})
    if json:
        show_json(answer)
        return
    say(answer["message"])


async def _items(client: DaemonClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/v1/brakes"))["items"]
    return found

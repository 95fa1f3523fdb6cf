"""`syncd invoices explain`: one invoice's story, from cause to effect."""

from __future__ import annotations

from syncd.cli import by_command, listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.output import say, show_json, when
from syncd.cli.parameters import Daemon, Json, Number, TenantOfInvoice


async def explain(
    number: Number, *, tenant: TenantOfInvoice = None, json: Json = False, daemon: Daemon = None
) -> None:
    """One invoice's story: what happened on both sides, by whom, and what you can do."""
    client = DaemonClient(daemon)
    name, invoice = await listings.the_one(client, listings.INVOICES, number, tenant)
    found = await client.get(listings.path(name, "invoices", invoice, "explain"))
    if json:
        show_json({"tenant": name, **found})
        return
    for one in found["sentences"]:
        whom = one["where"] if one["who"] in ("", "syncd") else f"{one['where']}, {one['who']}"
        told = " ".join([one["text"], *one["differences"]])
        say(f"{when(one['at'])}  {whom}: {told}")
    if found["unread"]:
        say(f"{found['unread']} What people did there is missing above.")
    for line in found["now"]:
        say(f"Now: {line}")
    say(f"You can: {found['you_can']}")
    for command in by_command.of(found["actions"], name, found["number"]):
        say(f"  {command}")
    if found["trail"]:
        say(f"In the log: {found['trail']}")

"""`syncd invoices explain`: one invoice's story, from cause to effect."""

from __future__ import annotations

from pathlib import Path

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import say, show_json, when


async def explain(
    number: str, *, tenant: str | None = None, json: bool = False, config: Path | None = None
) -> None:
    """One invoice's story: what happened on both sides, by whom, and what you can do.

    Parameters
    ----------
    number
        The invoice's number (Invoice Reference in Pipeline), or its Pipeline id.
    tenant
        The tenant, where several have that number.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    client = DaemonClient(options_or_end(config))
    name, invoice = await listings.the_one(client, listings.INVOICES, number, tenant)
    found = await client.get(listings.path(name, "invoices", invoice, "explain"))
    if json:
        show_json({"tenant": name, **found})
        return
    for one in found["sentences"]:
        whom = one["where"] if one["who"] in ("", "syncd") else f"{one['where']}, {one['who']}"
        say(f"{when(one['at'])}  {whom}: {one['text']}")
    if found["unread"]:
        say(f"{found['unread']} What people did there is missing above.")
    for line in found["now"]:
        say(f"Now: {line}")
    say(f"You can: {found['you_can']}")

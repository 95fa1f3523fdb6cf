"""`syncd invoices diff / resolve`: what differs between the two sides, and a decision for one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient, refused
from syncd.cli.output import in_words, say, show_differences, show_json
from syncd.cli.parameters import Daemon, Json, Number, TenantOfInvoice

_SHOWN = ("id", "number", "state", "reason_code", "reason", "xero_status", "differences", "seen")


async def diff(
    number: Number, *, tenant: TenantOfInvoice = None, json: Json = False, daemon: Daemon = None
) -> None:
    """What differs, field by field: agreed, Pipeline, Xero, and who moved."""
    client = DaemonClient(daemon)
    name, invoice = await listings.the_one(client, listings.INVOICES, number, tenant)
    found = await client.get(listings.path(name, "invoices", invoice))
    if json:
        show_json({"tenant": name, **{key: found[key] for key in _SHOWN}})
        return
    _show(found)
    say(f"seen: {found['seen']}")


async def resolve(
    number: str,
    *,
    take: Literal["pipeline", "xero"],
    seen: str | None = None,
    tenant: TenantOfInvoice = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Take one side of what differs; refused when it is not as it was seen any more.

    Parameters
    ----------
    number
        The invoice's number, or its Pipeline id.
    take
        pipeline: Xero is to show what Pipeline shows; xero: both stay as they are, and what differs
        is kept so by decision.
    seen
        The `seen` that `diff` printed; without it, what this command shows before it acts.
    """
    client = DaemonClient(daemon)
    name, invoice = await listings.the_one(client, listings.INVOICES, number, tenant)
    if seen is None:
        found = await client.get(listings.path(name, "invoices", invoice))
        seen = found["seen"]
        if not json:
            _show(found)
    order = {"take": take, "seen": seen}
    status, answer = await client.attempt(
        listings.path(name, "invoices", invoice, "resolve"), order
    )
    if status >= HTTPStatus.BAD_REQUEST:
        _refused(status, answer, as_json=json)
    if json:
        show_json({"tenant": name, **answer})
        return
    say(f"{answer['number']} is {in_words(answer['state'])}. {answer['reason']}".rstrip())


def _show(found: dict[str, Any]) -> None:
    say(f"{found['number']} is {in_words(found['state'])}. {found['reason']}".rstrip())
    if found["differences"]:
        show_differences(found["differences"])
    else:
        say("Nothing differs.")


def _refused(status: int, answer: dict[str, Any], *, as_json: bool) -> None:
    """What the daemon said; and when something has moved, what differs now."""
    if as_json:
        show_json(answer)
    elif "seen" in answer:
        show_differences(answer["differences"])
        say(f"seen: {answer['seen']}")
    refused(status, answer)

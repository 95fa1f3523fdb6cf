"""A tenant's card in words: for `status`, where one screen shows all, and for `tenants show`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.cli.output import in_words, when
from syncd.domain.rules.text import wording

_CONNECT = "`syncd connect {tenant}`"
_COMMANDS = {
    "halted": "`syncd brakes list`",
    "paused": "`syncd tenants resume {tenant}`",
    "not_connected": _CONNECT,
    "token_expired": _CONNECT,
    "token_expiring": _CONNECT,
    "consent_failed": _CONNECT,
}
"""Where a person who reads this goes on."""
_STATES = ("synced", "waiting", "out_of_sync", "failed", "uncertain")


def summary(
    tenant: dict[str, Any], needs: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """One tenant, a line a question: connected to what, what is queued, what needs a person.

    `needs`: what it asks of people, by cause; None where that was not asked for.
    """
    return {
        "tenant": tenant["id"],
        "status": _connection(tenant),
        "mode": "paused" if tenant["paused"] else tenant["mode"],
        "queued": _queued(tenant),
        "invoices": _invoices(tenant["invoices"]) or "none",
        "calls left": _calls(tenant),
        "trouble": [_trouble(one, tenant["id"]) for one in tenant["troubles"]],
        **({} if needs is None else {"needs a person": _needs(tenant["id"], needs)}),
    }


def in_full(
    tenant: dict[str, Any], needs: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """All that is known of one tenant."""
    more = (
        "named_in",
        "organisation_id",
        "connected_at",
        "note",
        "token_expires_at",
        "refresh_token_expires_at",
    )
    return {**summary(tenant, needs), **{name: tenant[name] for name in more if tenant[name]}}


def _invoices(counts: dict[str, int]) -> dict[str, int]:
    return {f"{in_words(state)}:": counts[state] for state in _STATES if counts[state]}


def in_a_row(tenant: dict[str, Any]) -> dict[str, Any]:
    """One tenant in a listing, with the first of its troubles."""
    troubles = tenant["troubles"]
    return {**tenant, "trouble": troubles[0]["text"] if troubles else "none"}


def _connection(tenant: dict[str, Any]) -> str:
    status, organisation = str(tenant["status"]), tenant["organisation"]
    if not organisation:
        return status
    return f"{status} to {organisation}" if status == "Connected" else f"{status} ({organisation})"


def _queued(tenant: dict[str, Any]) -> str:
    clears_in_s = tenant["clears_in_s"]
    if clears_in_s is not None:
        return f"{tenant['backlog']}, clears in about {wording.lasting(clears_in_s)}"
    return f"{tenant['backlog']}{', and waits' if tenant['backlog'] else ''}"


def _calls(tenant: dict[str, Any]) -> str:
    minute, day = tenant["budget"]["minute"], tenant["budget"]["day"]
    today = "today's not known before a call" if day is None else f"{day:,} today"
    return f"{minute} this minute, {today}"


def _needs(tenant: str, needs: Sequence[Mapping[str, Any]]) -> str:
    """How many things, of how many invoices, and where they are listed."""
    if not needs:
        return "nothing"
    things = "1 thing" if len(needs) == 1 else f"{len(needs):,} things"
    count = sum(one["invoices"] for one in needs)
    invoices = "1 invoice" if count == 1 else f"{count:,} invoices"
    of_invoices = f", {invoices}" if count else ""
    return f"{things}{of_invoices} (`syncd needs list --tenant {shlex.quote(tenant)}`)"


def _trouble(one: dict[str, Any], tenant: str) -> str:
    """What is wrong, since when, and when it is tried again."""
    since = f" Since {when(one['since'])}." if one["since"] else ""
    until = f" Next try {when(one['until'])}." if one["until"] else ""
    command = _COMMANDS.get(one["kind"], "").format(tenant=shlex.quote(tenant))
    return f"{one['text']}{since}{until}{command and f' ({command})'}"

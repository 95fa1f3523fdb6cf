"""`syncd plan` and `syncd apply`: what would be written, as a file, and exactly what it says."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from syncd.cli import out_file
from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.following import followed
from syncd.cli.output import say, show_json, show_rows
from syncd.cli.parameters import Daemon, Json, Tenant

WITHIN_S = 1800.0
"""Reading both sides takes as long as the allowance makes it: a thousand documents to a call."""
MOST_SLICES = 10_000
_TOTALS = ("kind", "action", "count", "currency", "before", "after", "change")
_ITEMS = ("kind", "action", "name", "currency", "before", "after", "why")
_ENDED = ("kind", "action", "name", "outcome", "why")
_QUIET = "leave"
_MAPPING = "mapping_unusable"
_LONGEST_LIST = 8


async def plan(
    tenant: Tenant,
    *,
    out: Path | None = None,
    remap: bool = False,
    retry_failed: bool = False,
    json: bool = False,
    daemon: Daemon = None,
) -> None:
    """Show everything that would be written, with money totals; nothing is written.

    Parameters
    ----------
    out
        Keep the plan in this file, for `syncd apply`.
    remap
        Only invoices whose lines a changed mapping would code differently now.
    retry_failed
        Count what Xero refused as if it were tried again.
    json
        Print the whole plan as JSON.
    """
    out_file.refuse_unusable(out)
    client = DaemonClient(daemon, timeout_s=WITHIN_S)
    wanted = {"remap": remap, "retry_failed": retry_failed}
    order = client.post(_path(tenant, "plan"), wanted)
    made = await followed(client, tenant, order, "Reading both sides ...")
    await _say_mapping(client, tenant)
    if out is not None:
        out_file.put(out, jsonlib.dumps(made, ensure_ascii=False, indent=1) + "\n")
    if json:
        show_json(made)
        return
    show_rows(
        [_total(row) for row in made["totals"]],
        _TOTALS,
        as_json=False,
        title=f"Plan for {tenant} in {made['organisation']}, mode {made['mode']}",
    )
    shown = [row for row in made["items"] if row["action"] != _QUIET]
    show_rows([_money(row) for row in shown], _ITEMS, as_json=False, title="Items")
    left = len(made["items"]) - len(shown)
    if left:
        say(f"{left} more are left as they are; the plan's file and --json have them all.")
    say(f"Hash {made['hash']}")
    if out is not None:
        live = "" if made["mode"] == "live" else f", and sets {tenant} live"
        say(
            f"Kept in {out}. `syncd apply {out}` does this, refuses by name what has moved "
            f"since{live}."
        )
        _say_what_waits(made)


async def _say_mapping(client: DaemonClient, tenant: str) -> None:
    """Say beside the plan where the configuration leads to what the organisation does not take."""
    card = await client.get(_path(tenant))
    for trouble in card["troubles"]:
        if trouble["kind"] == _MAPPING:
            complain(trouble["text"])


async def apply(file: Path, *, json: Json = False, daemon: Daemon = None) -> None:
    """Do exactly what a plan's file says; what has moved since it was made is refused by name.

    The first plan that is applied sets the tenant live. What it refused then, and what came to
    Pipeline since it was made, stays held until a later plan carries it out or it is retried.
    Exit 1 when something was refused.

    Parameters
    ----------
    file
        A plan, as `syncd plan --out` kept it.
    """
    kept = _read(file)
    client = DaemonClient(daemon, timeout_s=WITHIN_S)
    items: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"complete": False, "ticket": ""}
    for _ in range(MOST_SLICES):
        query = {"ticket": answer["ticket"]} if answer["ticket"] else None
        tenant = str(kept["tenant"])
        order = client.post(_path(tenant, "apply"), kept, query=query)
        answer = await followed(client, tenant, order, "Reading both sides ...")
        items += answer["items"]
        if answer["complete"]:
            break
        if not json:
            done = answer["applied"] + answer["already_applied"] + answer["refused"]
            complain(f"{done} items so far ...")
    else:
        end(Exit.TRY_AGAIN, "The plan is not applied to its end yet; apply it again.")
    if json:
        show_json({**answer, "items": items})
    else:
        _show(kept, answer, items)
    if answer["refused"]:
        end(Exit.FAILED)


def _show(
    kept: Mapping[str, Any], answer: Mapping[str, Any], items: Sequence[Mapping[str, Any]]
) -> None:
    show_rows(items, _ENDED, as_json=False, title=f"Plan {kept['hash'][:12]} for {kept['tenant']}")
    say(
        f"{answer['applied']} carried out, {answer['already_applied']} already so, "
        f"{answer['refused']} refused; {kept['tenant']} is in mode {answer['mode']}."
    )
    _say_what_waits(kept)
    if answer["withheld"]:
        say(
            f"Pending changes refused or not in the plan: {answer['withheld']}. Nothing of "
            "them is written (`syncd invoices list --reason observing`). Plan and apply again, "
            f"retry them, or let all of it go with `syncd tenants live {kept['tenant']}`."
        )
    elif answer["refused"] and answer["mode"] == "live":
        say(
            f"{kept['tenant']} was live before: what was refused is the worker's, as any change "
            "is. `syncd invoices show` says how each stands."
        )


def _say_what_waits(kept: Mapping[str, Any]) -> None:
    """What a plan shows and applying cannot do."""
    for action, words in (("hold", "wait for what they name"), ("ambiguous", "need a choice")):
        names = [str(row["name"]) for row in kept["items"] if row["action"] == action]
        if names:
            more = len(names) - _LONGEST_LIST
            tail = f" and {more} more" if more > 0 else ""
            listed = ", ".join(names[:_LONGEST_LIST])
            say(f"Not done by applying it: {len(names)} {words} ({listed}{tail}).")


def _total(row: Mapping[str, Any]) -> dict[str, Any]:
    """A total with what it changes."""
    if not row["currency"]:
        return _money(row)
    change = Decimal(row["after"]) - Decimal(row["before"])
    return {**_money(row), "change": f"{change:+,.2f}" if change else "0.00"}


def _money(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its amounts as people read them; contacts have none."""
    amounts = ("before", "after")
    if not row["currency"]:
        return {**row, **dict.fromkeys(amounts, "")}
    return {**row, **{name: f"{Decimal(row[name]):,.2f}" for name in amounts}}


def _read(file: Path) -> dict[str, Any]:
    try:
        kept = jsonlib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        end(Exit.FAILED, f"{file} cannot be read: {error.strerror}.")
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not {"tenant", "hash"} <= set(kept):
        end(Exit.FAILED, f"{file} is no plan: expected what `syncd plan --out` keeps.")
    return kept


def _path(tenant: str, *verb: str) -> str:
    return "/api/v1" + path_of("tenants", tenant, *verb)

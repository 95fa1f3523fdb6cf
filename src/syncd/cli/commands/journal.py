"""`syncd journal` and `syncd events`: the audit trail, verified, erased from, and read."""

from __future__ import annotations

from typing import Any

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.output import say, show_json, show_value, when
from syncd.cli.parameters import Daemon, Json, Rows, Tenant

journal = App(
    name="journal",
    help="The audit trail: a chain of digests.",
    help_epilogue="Example: `syncd journal verify`",
)
events = App(
    name="events",
    help="What has happened, from the audit trail.",
    help_epilogue="Example: `syncd events tail`",
)
MOST_PARTS = 10_000
VERIFY = "/api/v1/journal/verify"
SHOWN = 20


@journal.command(name="verify")
async def verify(*, noted: str | None = None, json: Json = False, daemon: Daemon = None) -> None:
    """Check every entry against the one before it; exit 1 naming the first that does not fit.

    Parameters
    ----------
    noted
        A head that an earlier run printed, noted elsewhere: it must still be in the chain.
    """
    client = DaemonClient(daemon)
    found: dict[str, Any] = {"entries": 0, "complete": False}
    for _ in range(MOST_PARTS):
        query = {"since": str(found["entries"]), **({"noted": noted} if noted else {})}
        found = await client.get(VERIFY, query)
        if found["complete"]:
            break
    else:
        end(Exit.TRY_AGAIN, f"Not complete yet: {found['entries']} entries fit.")
    fault = found["fault"]
    if json:
        show_json(found)
    else:
        show_value({"entries": found["entries"], "head": found["head"]}, as_json=False)
    if fault is not None:
        end(Exit.FAILED, f"Entry {fault['seq']} does not fit: {fault['text']}.")
    if not json:
        say(
            "Every entry fits." if noted is None else "Every entry fits, and the noted head is one."
        )


@journal.command(name="erase")
async def erase(
    tenant: Tenant,
    *,
    customer: str | None = None,
    invoice: str | None = None,
    who: str | None = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Erase the words of entries; ids, instants and digests stay, and an entry says so.

    Parameters
    ----------
    customer
        A customer's Pipeline id: what was written of it.
    invoice
        An invoice's Pipeline id: what was written of it.
    who
        A person's name: what that person did, and whatever names that person.
    """
    given = {"customer": customer, "invoice": invoice, "who": who}
    body = {name: value for name, value in given.items() if value is not None}
    if len(body) != 1:
        end(Exit.USAGE, "Give one of --customer, --invoice and --who.")
    client = DaemonClient(daemon)
    answer = await client.post(listings.path(tenant, "journal", "erase"), body)
    show_value(answer, as_json=json)


@events.command(name="tail")
async def tail(
    tenant: Tenant,
    *,
    since: int | None = None,
    limit: Rows | None = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """The newest entries of the audit trail, or all after an entry.

    Parameters
    ----------
    since
        After this number; else the newest.
    limit
        So many of them at most, the newest; 20 without --since, else all.
    """
    most = SHOWN if limit is None and since is None else limit
    client = DaemonClient(daemon)
    found: list[dict[str, Any]] = []
    last, count = since or 0, 0
    for _ in range(MOST_PARTS):
        query = {"since": str(last), "limit": listings.ROWS_A_PAGE}
        page = await client.get(listings.path(tenant, "events"), query)
        found.extend(page["items"])
        count += len(page["items"])
        if most is not None:
            del found[: max(len(found) - most, 0)]
        if page["last"] == last:
            break
        last = page["last"]
    if json:
        show_json({"tenant": tenant, "items": found, "last": last})
        return
    if count > len(found):
        say(f"The newest {len(found):,} of {count:,} entries; --limit N shows N of them.")
    for one in found:
        about, said = one["object_type"], one["description"]
        if one["label"] and one["label"] not in said:
            about = f"{about} {one['label']}"
        say(f"{one['seq']}  {when(one['at'])}  {about}: {said} ({one['who']})")

"""Listings of the API as commands read them: of one tenant or all, every page, one by its name.

Shared by the commands about invoices, customers and findings. A table is as long as a person reads,
and says how much more there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import end
from syncd.cli.exits import Exit
from syncd.cli.output import say, show_rows
from syncd.domain.model.value import Value

ROWS_A_PAGE = "500"
MOST_PAGES = 1000
MOST_SHOWN = 100
"""Rows of a table nobody asked to be longer."""
MOST_COUNTED = 5000
"""Rows that are read only to say how many more there are."""


class Listing(Value, frozen=True, kw_only=True):
    """One of a tenant's listings: its place in the API, and how its rows are called."""

    path: str
    name: str
    """The field a person knows a row by, beside its id."""
    none: str
    """What is said when nothing is called `{0}`."""
    many: str
    """What is said when `{0}` are called `{1}`."""
    asks: str = ""
    """Where the API says why nothing is called so."""


INVOICES = Listing(
    path="invoices",
    name="number",
    none="No invoice has the number {0}.",
    asks="numbers",
    many="{0} invoices have the number {1}",
)
NO_TENANT = (
    "This daemon serves no tenant yet: name one in the configuration, or add one (`syncd tenants "
    "add`)."
)
CUSTOMERS = Listing(
    path="contacts",
    name="name",
    none=(
        "No customer is called {0}. Expected the name, as `syncd contacts list` shows it, or the "
        "Pipeline id."
    ),
    many="{0} customers are called {1}",
)


def path(tenant: str, *rest: str) -> str:
    """A path of the API below one tenant."""
    return path_of("api", "v1", "tenants", tenant, *rest)


async def tenants(client: DaemonClient, chosen: str | None) -> list[str]:
    """The one that was chosen, else all the daemon serves."""
    if chosen is not None:
        return [chosen]
    return [row["id"] for row in (await client.get("/api/v1/tenants"))["items"]]


async def every(
    client: DaemonClient,
    tenant: str,
    listing: str,
    query: dict[str, str],
    *,
    most: int | None = None,
) -> list[dict[str, Any]]:
    """Every row of a listing, or the first `most`, page by page; empty filters are left out."""
    rows: list[dict[str, Any]] = []
    asked = {name: value for name, value in query.items() if value} | {"limit": ROWS_A_PAGE}
    for _ in range(MOST_PAGES):
        page = await client.get(path(tenant, *listing.split("/")), asked)
        rows.extend(page["items"])
        if not page["next_cursor"] or (most is not None and len(rows) >= most):
            break
        asked["cursor"] = page["next_cursor"]
    return rows if most is None else rows[: max(most, 0)]


async def show_all(
    client: DaemonClient,
    listing: str,
    columns: Sequence[str],
    query: dict[str, str],
    *,
    tenant: str | None,
    limit: int | None,
    as_json: bool,
    title: str,
    worded: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> None:
    """A listing of one tenant or all: so many rows of it, and how many more there are.

    `worded` makes of a row what people read.
    """
    most = limit if limit is not None or as_json else MOST_SHOWN
    ceiling = None if most is None else max(most, 0) + (0 if as_json else MOST_COUNTED)
    rows: list[dict[str, Any]] = []
    for name in await tenants(client, tenant):
        left = None if ceiling is None else ceiling + 1 - len(rows)
        found = [] if left == 0 else await every(client, name, listing, query, most=left)
        rows.extend({"tenant": name, **row} for row in found)
    shown = rows if most is None else rows[: max(most, 0)]
    show_rows(shown if as_json else [*map(worded, shown)], columns, as_json=as_json, title=title)
    if rows and not as_json:
        is_all = ceiling is None or len(rows) <= ceiling
        say(told(len(shown), len(rows), title, is_all=is_all))


def told(shown: int, found: int, title: str, *, is_all: bool = True) -> str:
    """How many of a listing are shown, and how many there are."""
    many = title.lower()
    if shown == found:
        return f"1 {many.removesuffix('s')}." if found == 1 else f"{found:,} {many}."
    of = f"{found:,}" if is_all else f"more than {found - 1:,}"
    return f"The first {shown:,} of {of} {many}; --limit N shows N of them."


async def the_one(
    client: DaemonClient, listing: Listing, text: str, tenant: str | None
) -> tuple[str, str]:
    """The tenant and id of the row with this name or id, or an end that says why not."""
    text = text.strip()  # as it is copied from a sheet
    found: list[tuple[str, str]] = []
    if not (served := await tenants(client, tenant)):
        end(Exit.FAILED, NO_TENANT)
    for each in served:
        rows = await every(client, each, listing.path, {"q": text})
        found.extend((each, row["id"]) for row in _meant(rows, listing, text))
    if not found:
        end(Exit.FAILED, await _why_none(client, listing, text, tenant))
    if len(found) > 1:
        names = ", ".join(dict.fromkeys(name for name, _ in found))
        ids = ", ".join(key for _, key in found)
        end(
            Exit.FAILED,
            f"{listing.many.format(len(found), text)} (tenants: {names}; ids: {ids});"
            f" give --tenant, or the id instead of the {listing.name}.",
        )
    return found[0]


def _meant(rows: list[dict[str, Any]], listing: Listing, text: str) -> list[dict[str, Any]]:
    """Those with exactly this name or id; else those that differ in capitals alone.

    Blanks around a name are nobody's to tell apart, in Pipeline either.
    """
    named = [(str(row[listing.name]).strip(), row) for row in rows]
    exact = [row for name, row in named if text in (name, row["id"])]
    return exact or [row for name, row in named if text.casefold() == name.casefold()]


async def _why_none(client: DaemonClient, listing: Listing, text: str, tenant: str | None) -> str:
    """In words why nothing is called so: of the tenant that knows of it, else of each."""
    if not listing.asks:
        return listing.none.format(text)
    answers = {
        each: await client.get(path(each, listing.asks, text))
        for each in await tenants(client, tenant)
    }
    knowing = {each: answer for each, answer in answers.items() if answer["id"]} or answers
    if len(answers) == 1:
        return str(next(iter(answers.values()))["text"])
    return "\n".join(f"{each}: {answer['text']}" for each, answer in knowing.items())

"""Looks at point reads and listings: the same objects as in the feed, in order, and none deleted.

Called by `examine` after the feed.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from syncd.lab.conformance import shapes
from syncd.lab.conformance.calls import Server
from syncd.lab.conformance.feed import Walk

KINDS = ("invoice", "customer")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
_FEW, _MANY = 3, 500


async def look(server: Server, feed: Walk) -> None:
    """Read some objects by id, and the listings."""
    for kind in KINDS:
        await _points(server, feed, kind)
        await _pages(server, kind)
        await _ids(server, feed, kind)
        await _whole(server, feed, kind)
    await _since(server, feed)


async def _points(server: Server, feed: Walk, kind: str) -> None:
    hold = server.expectations.hold
    unknown = await server.get(f"/{kind}s/{UNKNOWN}")
    is_unknown = unknown.status == HTTPStatus.NOT_FOUND
    hold("read.unknown", is_unknown, f"{kind}: {unknown.in_words}")
    for key, shown in [*feed.standing(kind).items()][:_FEW]:
        answer = await server.get(f"/{kind}s/{key}")
        found = answer.json if isinstance(answer.json, dict) else {}
        now, then = found.get("version"), shown.get("version")
        is_newer = shapes.is_whole(now) and shapes.is_whole(then) and now > then
        got = f"{kind} {key}: {answer.in_words if not found else _difference(shown, found)}"
        hold("read.one", answer.is_fine and (is_newer or found == shown), got)
    for key in feed.deleted(kind)[:_FEW]:
        answer = await server.get(f"/{kind}s/{key}")
        is_gone = answer.status == HTTPStatus.NOT_FOUND
        hold("read.deleted", is_gone, f"{kind} {key}: {answer.in_words}")
    if not any(map(feed.deleted, KINDS)):
        server.expectations.skip("the feed has no deleted object", "read.deleted")


def _difference(shown: dict[str, Any], found: dict[str, Any]) -> str:
    names = [name for name in {**shown, **found} if shown.get(name) != found.get(name)]
    return f"differs in {', '.join(names)}"


async def _pages(server: Server, kind: str) -> None:
    small: list[str] = []
    for number in (1, 2):
        small += await _page(server, kind, number, _FEW)
    large = await _page(server, kind, 1, _MANY)
    ordered = sorted(set(large))
    server.expectations.hold("list.order", large == ordered, f"{kind}s: {_first_odd(large)}")
    got = f"{kind}s: small pages show {small}, a large one {large[: len(small)]}"
    server.expectations.hold("list.order", small == large[: len(small)], got)


def _first_odd(ids: Sequence[str]) -> str:
    pairs = itertools.pairwise(ids)
    return next((f"{after} after {before}" for before, after in pairs if after <= before), "")


async def _page(server: Server, kind: str, number: int, size: int) -> list[str]:
    """The ids of one page, in lower case."""
    answer = await server.get(f"/{kind}s", page=number, pageSize=size)
    page = answer.json if isinstance(answer.json, dict) else {}
    items = page.get("items")
    is_page = (
        isinstance(items, list)
        and (page.get("page"), page.get("pageSize")) == (number, size)
        and len(items) <= size
        and shapes.is_whole(page.get("total"))
        and page["total"] >= len(items)
    )
    server.expectations.hold("list.page", is_page, f"{kind}s: {answer.in_words}")
    for each in answer.rows("items"):
        shapes.judge(server.expectations, kind, each)
    return [str(each.get("id", "")).lower() for each in answer.rows("items")]


async def _ids(server: Server, feed: Walk, kind: str) -> None:
    alive, gone = [*feed.standing(kind)][:_FEW], feed.deleted(kind)[:_FEW]
    if not alive:
        server.expectations.skip(f"the feed has no {kind}", "list.ids")
        return
    answer = await server.get(f"/{kind}s", ids=",".join((*alive, *gone, UNKNOWN)))
    listed = {str(each.get("id")) for each in answer.rows("items")}
    if listed & {*gone}:
        server.expectations.hold("read.deleted", False, f"ids lists {kind} {gone}")
    got = f"{len(listed)} {kind}s for {len(alive)} that are alive"
    server.expectations.hold("list.ids", listed - {*gone} == {*alive}, got)


async def _whole(server: Server, feed: Walk, kind: str) -> None:
    if not feed.is_whole or feed.end is None:
        return
    listed = await server.get(f"/{kind}s", page=1, pageSize=_MANY)
    later = await server.get("/changes", cursor=feed.end)
    known = {str(one.get("id")) for one in later.rows("changes")}
    known |= {*feed.standing(kind), *feed.deleted(kind)}
    shown = [str(each.get("id")) for each in listed.rows("items")]
    missing = [each for each in shown if each not in known]
    server.expectations.hold("feed.whole", not missing, f"{kind}s {missing[:_FEW]}")


async def _since(server: Server, feed: Walk) -> None:
    updated = {
        key: each["updatedAt"]
        for key, each in feed.standing("invoice").items()
        if shapes.is_instant(each.get("updatedAt"))
    }
    if len({*updated.values()}) <= 1:
        why = "all invoices were updated at one instant"
        server.expectations.skip(why, "list.since")
        return
    since = max(updated.values())
    answer = await server.get("/invoices", updatedSince=since, pageSize=_MANY)
    listed = {str(each.get("id")): str(each.get("updatedAt")) for each in answer.rows("items")}
    old = [key for key, at in listed.items() if at < since]
    missing = [key for key, at in updated.items() if at >= since and key not in listed]
    got = f"updatedSince={since} lists {len(old)} older ones, and lacks {len(missing)}"
    server.expectations.hold("list.since", not old and not missing, got)

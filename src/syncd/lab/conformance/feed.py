"""Looks at the feed of changes: its pages, its order, its cursors, and what was deleted.

Called by `examine`, first: what it read is what the other rooms compare with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from syncd.lab.conformance import shapes
from syncd.lab.conformance.calls import Answer, Server
from syncd.lab.conformance.expectations import Expectations

Entry = dict[str, Any]
PAGE = 200
_SHARE_OF_CALLS = 3
"""A third of the calls may go into reading the feed to its end."""
_FEW = 5


@dataclass(slots=True, kw_only=True)
class Walk:
    """What the feed said from its beginning on, and where it stopped; `is_whole`: at its end."""

    entries: list[Entry] = field(default_factory=list)
    end: str | None = None
    is_whole: bool = False

    def standing(self, kind: str) -> dict[str, Any]:
        """The objects of this kind that are alive, by id, as last shown."""
        last = {one["id"]: one["data"] for one in self.entries if one["kind"] == kind}
        return {key: data for key, data in last.items() if isinstance(data, dict)}

    def deleted(self, kind: str) -> list[str]:
        """Those that were deleted."""
        last = {one["id"]: one["deleted"] for one in self.entries if one["kind"] == kind}
        return [key for key, is_deleted in last.items() if is_deleted]


async def look(server: Server, *, old_cursor: str | None) -> Walk:
    """Read the feed and hold it against the contract."""
    found = await walk(server)
    _order(server.expectations, found.entries)
    if _hides_deletions(found.entries):
        found = await walk(server)  # it may have been deleted while the first was read
    hold = server.expectations.hold
    hidden = _hides_deletions(found.entries)
    if any(one["deleted"] for one in found.entries):
        hold("feed.deleted", not hidden, f"seq {hidden[:1]} shows an object that is deleted")
    else:
        server.expectations.skip("the feed has no deleted object", "feed.deleted")
    _data(server.expectations, found.entries)
    await _limit_and_cursor(server, found.entries)
    await _end(server, found)
    await _from(server, found.entries)
    await _old(server, old_cursor)
    return found


async def walk(server: Server) -> Walk:
    """The feed from its beginning, as far as the calls allow."""
    found, query = Walk(), dict[str, object](limit=PAGE)
    for _ in range(max(server.calls_left // _SHARE_OF_CALLS, 1)):
        answer = await server.get("/changes", **query)
        if not _is_page(server.expectations, answer):
            return found
        found.entries += _readable(server.expectations, answer.json["changes"])
        found.end, found.is_whole = answer.json["nextCursor"], not answer.json["hasMore"]
        if found.is_whole:
            return found
        query = {"limit": PAGE, "cursor": found.end}
    why = f"the feed is longer than its share of {server.most_calls} calls: --most-calls"
    server.expectations.skip(why, "feed.end", "feed.whole")
    return found


def _is_page(expectations: Expectations, answer: Answer) -> bool:
    page = answer.json
    is_page = (
        answer.status == HTTPStatus.OK
        and isinstance(page, dict)
        and isinstance(page.get("changes"), list)
        and isinstance(page.get("nextCursor"), str)
        and isinstance(page.get("hasMore"), bool)
    )
    return expectations.hold("feed.page", is_page, answer.in_words)


def _readable(expectations: Expectations, entries: Sequence[Any]) -> Iterable[Entry]:
    """Entries that can be compared; each is held against its shape, with what it carries."""
    for one in entries:
        if not shapes.judge(expectations, "entry", one):
            continue
        if isinstance(one.get("data"), dict) and one.get("kind") in ("invoice", "customer"):
            shapes.judge(expectations, one["kind"], one["data"])
        if _is_comparable(one):
            yield one


def _is_comparable(one: Entry) -> bool:
    texts = [one.get(name) for name in ("id", "at", "kind")]
    numbers = [one.get(name) for name in ("seq", "version")]
    return (
        all(isinstance(each, str) for each in texts)
        and all(map(shapes.is_whole, numbers))
        and isinstance(one.get("deleted"), bool)
        and "data" in one
    )


def _order(expectations: Expectations, entries: Sequence[Entry]) -> None:
    seen: set[tuple[int, str]] = set()
    highest, versions = -1, dict[str, int]()
    for one in entries:
        key = (one["seq"], one["id"])
        expectations.hold(
            "feed.seq", one["seq"] > highest or key in seen, f"seq {one['seq']} after {highest}"
        )
        if key not in seen:
            before = versions.get(one["id"], 0)
            got = f"seq {one['seq']}: version {one['version']} after {before}"
            expectations.hold("feed.versions", one["version"] > before, got)
            versions[one["id"]] = one["version"]
        seen.add(key)
        highest = max(highest, one["seq"])


def _hides_deletions(entries: Sequence[Entry]) -> list[int]:
    """The entries of deleted objects that do not say so."""
    ends = {one["id"]: one["deleted"] for one in entries}
    return [
        one["seq"]
        for one in entries
        if (ends[one["id"]] and not one["deleted"])
        or (one["deleted"] is True and one["data"] is not None)
    ]


def _data(expectations: Expectations, entries: Sequence[Entry]) -> None:
    for one in entries:
        data = one["data"]
        if one["deleted"] or not isinstance(data, dict):
            continue
        own, version = data.get("id"), data.get("version")
        is_now = shapes.is_whole(version) and version >= one["version"]
        got = f"seq {one['seq']}: {own} in version {version} for version {one['version']}"
        expectations.hold("feed.data", own == one["id"] and is_now, got)


async def _limit_and_cursor(server: Server, entries: Sequence[Entry]) -> None:
    first = await server.get("/changes", limit=1)
    if not _is_page(server.expectations, first):
        return
    count = len(first.json["changes"])
    server.expectations.hold("feed.limit", count <= 1, f"{count} changes with limit=1")
    if len(entries) <= 1:
        server.expectations.skip("the feed is too short", "feed.cursor")
        return
    cursor = first.json["nextCursor"]
    pages = [await server.get("/changes", limit=_FEW, cursor=cursor) for _ in range(2)]
    if all(_is_page(server.expectations, each) for each in pages):
        before = max(_seqs(first), default=-1)
        one, other = (sorted(seq for seq in {*_seqs(page)} if seq > before) for page in pages)
        shared = min(len(one), len(other))
        got = f"first {one}, then {other}"
        server.expectations.hold("feed.cursor", one[:shared] == other[:shared], got)


def _seqs(page: Answer) -> list[int]:
    return [one["seq"] for one in page.rows("changes") if shapes.is_whole(one.get("seq"))]


async def _end(server: Server, found: Walk) -> None:
    if not found.is_whole or found.end is None:
        return
    for _ in range(2):  # something may move just then
        answer = await server.get("/changes", cursor=found.end)
        if not _is_page(server.expectations, answer) or not answer.json["hasMore"]:
            break
    else:
        server.expectations.hold("feed.end", False, "hasMore true at the end")
        return
    is_end = answer.status == HTTPStatus.OK
    server.expectations.hold("feed.end", is_end, f"its cursor again: {answer.in_words}")


async def _from(server: Server, entries: Sequence[Entry]) -> None:
    dated = sorted(one["at"] for one in entries if shapes.is_instant(one["at"]))
    if not dated or dated[0] == dated[-1]:
        server.expectations.skip("all entries are of one instant", "feed.from")
        return
    since = dated[-1]
    answer = await server.get("/changes", **{"from": since})
    if _is_page(server.expectations, answer):
        old = [one["at"] for one in answer.rows("changes") if str(one.get("at", since)) < since]
        server.expectations.hold("feed.from", not old, f"from={since} gives {old[:1]}")


async def _old(server: Server, old_cursor: str | None) -> None:
    if old_cursor is None:
        why = "give a cursor that is too old: --old-cursor"
        server.expectations.skip(why, "feed.old_cursor")
        return
    answer = await server.get("/changes", cursor=old_cursor)
    server.expectations.hold("feed.old_cursor", answer.status == HTTPStatus.GONE, answer.in_words)

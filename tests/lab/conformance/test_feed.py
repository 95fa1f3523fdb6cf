"""The feed's order, cursors and deletions, on pages made for one mistake each."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.lab.conformance import feed
from tests.lab.conformance.support.canned import ID, entry, looked, page, problem

OTHER = ID.replace("1", "2")


def whole(*entries: dict[str, Any]) -> Any:
    """A feed of these entries whose cursor leads to its end."""

    def answers(_: str, query: dict[str, str], __: Any) -> Any:
        if "cursor" in query:
            return page()
        return page(*entries[: int(query.get("limit", 200))])

    return answers


@pytest.mark.parametrize(
    ("entries", "name"),
    [
        ([entry(5), entry(3, key=OTHER)], "feed.seq"),
        ([entry(1, 2), entry(2, 1)], "feed.versions"),
        ([entry(1), entry(2, 2, deleted=True, data=None)], "feed.deleted"),
        ([entry(1, deleted=True)], "feed.deleted"),
        ([entry(1, 12), entry(2, key=OTHER)], "feed.data"),
        ([entry(1), entry(2, key=OTHER, version="2")], "form.types"),
        ([entry(1), {"seq": 2}], "form.required"),
    ],
)
async def test_one_mistake_is_one_line(entries: list[dict[str, Any]], name: str) -> None:
    at = looked(whole(*entries))

    await feed.look(at.server, old_cursor=None)

    assert name in at.failing


async def test_entry_that_comes_again_is_no_mistake() -> None:
    at = looked(whole(entry(1), entry(1), entry(4, key=OTHER), entry(1)))

    found = await feed.look(at.server, old_cursor=None)

    assert not {"feed.seq", "feed.versions"} & set(at.failing)
    assert found.is_whole
    assert set(found.standing("customer")) == {ID, OTHER}
    assert found.deleted("customer") == []


async def test_feed_that_never_ends_is_left_at_its_share_of_the_calls() -> None:
    at = looked(lambda *_: page(entry(1), more=True), most_calls=30)

    found = await feed.walk(at.server)

    assert (found.is_whole, at.server.calls) == (False, 10)
    (end,) = [one for one in at.server.expectations.lines() if one.name == "feed.end"]
    assert "--most-calls" in end.got


async def test_what_is_no_page_stops_the_walk_and_is_told() -> None:
    at = looked(lambda *_: (200, {"changes": []}))

    found = await feed.look(at.server, old_cursor="old")

    assert found.entries == []
    assert {"feed.page", "feed.old_cursor"} <= set(at.failing)


async def test_old_cursor_must_be_gone() -> None:
    def answers(_: str, query: dict[str, str], __: Any) -> Any:
        return problem(410) if query.get("cursor") == "old" else page(entry(1))

    at = looked(answers)

    await feed.look(at.server, old_cursor="old")

    assert "feed.old_cursor" in at.met

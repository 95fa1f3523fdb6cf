"""Point reads and listings are held against the feed, in a server made for one mistake each."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.lab.conformance import reads
from syncd.lab.conformance.feed import Walk
from tests.lab.conformance.support.canned import ID, customer, entry, looked, page, problem

GONE = ID.replace("1", "9")
FEED = Walk(
    entries=[
        entry(1, data=customer()),
        entry(2, key=GONE, deleted=True, data=None),
    ],
    end="c",
    is_whole=True,
)


def server(**other: Any) -> Any:
    """A server with one customer; `other` answers by the end of the path or the parameter."""

    def answers(path: str, query: dict[str, str], _: Any) -> Any:
        for name in (path.rpartition("/")[2], *query):
            if name in other:
                return other[name]
        if path.endswith("/changes"):
            return page()
        if path.endswith(ID):
            return 200, customer()
        if not path.endswith("s"):
            return problem(404)
        number, size = int(query.get("page", 1)), int(query.get("pageSize", 100))
        rows = [customer()] if path.endswith("customers") and number == 1 else []
        return 200, {"items": rows, "page": number, "pageSize": size, "total": len(rows)}

    return answers


async def test_server_that_agrees_with_its_feed_meets_everything() -> None:
    at = looked(server())

    await reads.look(at.server, FEED)

    assert at.failing == {}
    assert {"read.one", "read.unknown", "read.deleted", "list.ids", "list.order"} <= at.met


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ({ID: (200, customer(name="Other"))}, "read.one"),
        ({reads.UNKNOWN: (200, {})}, "read.unknown"),
        ({GONE: (200, customer(GONE))}, "read.deleted"),
        ({"ids": (200, {"items": []})}, "list.ids"),
        ({"ids": (200, {"items": [customer(), customer(GONE)]})}, "read.deleted"),
        ({"pageSize": (200, {"items": [customer()]})}, "list.page"),
        (
            {"changes": (200, {}), "pageSize": (200, {"items": [customer(GONE + "x")]})},
            "feed.whole",
        ),
    ],
)
async def test_one_mistake_is_told(other: dict[str, Any], name: str) -> None:
    at = looked(server(**other))

    await reads.look(at.server, FEED)

    assert name in at.failing

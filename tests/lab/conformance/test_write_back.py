"""Results go out for the customer that was named, and each answer has its line."""

from __future__ import annotations

from typing import Any

from syncd.lab.conformance import write_back
from tests.lab.conformance.support.canned import ID, customer, looked, page, problem


class Stores:
    """A server that calls everything stored, and knows one customer."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def __call__(self, path: str, _: dict[str, str], body: Any) -> Any:
        if path.endswith("/changes"):
            return page()
        if body is None:
            return (200, customer()) if path.endswith(ID) else problem(404)
        self.items += body["results"]
        answers = [{"index": at, "outcome": "stored"} for at, _ in enumerate(body["results"])]
        return 200, {"results": answers}


async def test_server_that_stores_everything_is_told_what_it_should_have_said() -> None:
    stores = Stores()
    at = looked(stores)

    assert await write_back.look(at.server, ID, "c")

    assert set(at.failing) == {
        *("write.stored", "write.same", "write.other_content", "write.older", "write.newer_same"),
        *("write.alone", "write.unknown_id", "write.too_many", "write.conflict"),
        "write.from_xero",
    }
    assert {"write.order", "write.silent", "write.unknown_fields"} <= at.met
    own = [one["revision"] for one in stores.items if one["id"] == ID and "revision" in one]
    assert min(own) == own[0] - 1


async def test_customer_that_is_not_there_is_written_nothing() -> None:
    stores = Stores()
    at = looked(stores)

    assert not await write_back.look(at.server, ID.replace("1", "2"), "c")

    assert stores.items == []
    skipped = {one.name: one.got for one in at.server.expectations.lines()}
    assert skipped["write.stored"] == "the customer named is answered 404"

"""A decision over HTTP: who may, what it takes, and what is answered when something has moved."""

from __future__ import annotations

from typing import cast

from syncd.domain.ids import TenantId
from syncd.domain.rules.decide.resolve import Take
from syncd.engine.operator.resolve import (
    Answer,
    HasMoved,
    NotResolved,
    Order,
    Resolved,
    ResolveService,
)
from tests.engine.support.operating import OUT_OF_SYNC, TOTAL, differing
from tests.web.support.serving import Served, operators

PATH = "/api/v1/tenants/acme/invoices/a/resolve"


class Decided:
    """ResolveService with its answer set by hand; remembers what was ordered."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.orders: list[tuple[TenantId, str, Order]] = []

    async def resolve(self, tenant: TenantId, key: str, order: Order) -> Answer:
        self.orders.append((tenant, key, order))
        return self.answer


async def _deciding(served: Served, answer: Answer) -> Decided:
    await served.desk.seed({"a": OUT_OF_SYNC})
    await served.desk.link("a", result=differing("a"))
    decided = Decided(answer)
    served.desk.operations.resolutions = cast("ResolveService", decided)
    return decided


async def test_an_admin_takes_a_side_and_sees_where_the_invoice_stands() -> None:
    async with operators() as served:
        decided = await _deciding(served, Resolved())

        answer = await served.client.post(PATH, {"take": "xero", "seen": "s"}, role="Admin")

        assert (answer.status, answer.json["id"]) == (200, "a")
        assert decided.orders == [("acme", "a", Order(take=Take.XERO, seen="s", who="admin"))]


async def test_the_office_only_looks() -> None:
    async with operators() as served:
        decided = await _deciding(served, Resolved())

        answer = await served.client.post(PATH, {"take": "xero", "seen": "s"}, role="Office")

        assert (answer.status, decided.orders) == (403, [])
        shown = await served.client.get(PATH.removesuffix("/resolve"), role="Office")
        assert len(shown.json["seen"]) == 32


async def test_what_has_moved_is_answered_with_the_new_difference() -> None:
    async with operators() as served:
        await _deciding(served, HasMoved(differences=(TOTAL,), seen="now"))

        answer = await served.client.post(PATH, {"take": "pipeline", "seen": "then"})

        assert answer.status == 409
        assert answer.json["seen"] == "now"
        assert answer.json["differences"] == [
            {
                "field": "total",
                "pipeline": "115",
                "xero": "120",
                "agreed": "100",
                "moved_by": "both",
                "follows": False,
            }
        ]


async def test_what_cannot_be_decided_says_why() -> None:
    async with operators() as served:
        decided = await _deciding(served, NotResolved(text="It is being worked on."))
        body = {"take": "pipeline", "seen": "s"}

        busy = await served.client.post(PATH, body)
        decided.answer = NotResolved(text="It could not be read.", is_unread=True)
        unread = await served.client.post(PATH, body)

        assert (busy.status, busy.json["detail"]) == (409, "It is being worked on.")
        assert (unread.status, unread.json["detail"]) == (503, "It could not be read.")


async def test_an_order_names_a_side_and_what_was_seen() -> None:
    async with operators() as served:
        decided = await _deciding(served, Resolved())

        for body in ({}, {"take": "xero"}, {"take": "both", "seen": "s"}, {"take": "xero", "x": 1}):
            assert (await served.client.post(PATH, body)).status == 400
        unknown = PATH.replace("/a/", "/b/")
        answer = await served.client.post(unknown, {"take": "xero", "seen": "s"})

        assert (answer.status, decided.orders) == (404, [])

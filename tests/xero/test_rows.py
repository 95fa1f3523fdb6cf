"""An odd row beside good ones: the good ones come out, and the odd one is named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled, ServerTrouble, TooLong
from syncd.domain.model.summary import InvoiceSummary
from syncd.ports.ledger_sweeps import ListPage
from syncd.ports.rows import Unread
from syncd.xero import rows, wire_summaries
from syncd.xero.listing import Query
from syncd.xero.rows import CONTACTS, INVOICES, LISTED, SUMMARIES, Kind
from syncd.xero.wire_invoices import SummaryWire
from tests.xero.support import invoices

EXACT = msgspec.json.Encoder(decimal_format="number")
AT = "/Date(1789378199100+0000)/"
LATER = "/Date(1789378299100+0000)/"
CONTACT = {
    "ContactID": "c",
    "Name": "Acme",
    "ContactStatus": "ACTIVE",
    "Addresses": [{"AddressType": "POBOX"}],
    "Phones": [{"PhoneType": "DEFAULT"}],
    "UpdatedDateUTC": AT,
}
KINDS = {
    "invoices": INVOICES,
    "contacts": CONTACTS,
    "summaries": SUMMARIES,
    "listed summaries": LISTED,
}
DEEP = b"[" * 3000 + b"]" * 3000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def shown(kind: Kind[Any], number: int) -> dict[str, Any]:
    if kind is CONTACTS:
        return CONTACT | {"ContactID": f"c-{number}", "Name": f"Acme {number}"}
    return invoices.shown(invoices.live()) | {
        "InvoiceID": f"i-{number}",
        "InvoiceNumber": f"PL-{number}",
    }


def query(kind: Kind[Any], *, page: int = 1, size: int = 100) -> Query:
    path = f"/{kind.element}"
    return Query(operation="read", path=path, filters={}, page=page, page_size=size)


async def read(kind: Kind[Any], *elements: bytes, more: str = "") -> ListPage[Any]:
    body = b'{"DateTimeUTC":"%s",%s"%s":[%s]}' % (
        AT.encode(),
        more.encode(),
        kind.element.encode(),
        b",".join(elements),
    )

    async def ask(_: Query) -> bytes:
        return body

    return await rows.page_of(ask, kind, query(kind))


def text(value: Any) -> bytes:
    return EXACT.encode(value)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(odd=JSON, place=st.integers(0, 2))
async def test_anything_beside_good_rows_leaves_them_readable(
    kind: Kind[Any], odd: Any, place: int
) -> None:
    good = [text(shown(kind, 1)), text(shown(kind, 2))]
    good.insert(place, text(odd))

    page = await read(kind, *good)

    assert [row.id[-1] for row in page.rows] == ["1", "2"]
    assert len(page.unread) == 1
    assert page.unread[0].may_be("anything")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    "odd",
    [DEEP, b'{"a":01}', b'{"a":"\\q"}', b'{"a":"\xff"}', b"7", b"{}"],
    ids=["nesting", "number", "escape", "bytes", "whole", "empty"],
)
async def test_text_no_parser_takes_costs_its_own_row_alone(kind: Kind[Any], odd: bytes) -> None:
    one, two = text(shown(kind, 1)), text(shown(kind, 2))

    page = await read(kind, one, odd, two, more='"pagination":{"page":1,"pageCount":3},')

    assert [row.id[-1] for row in page.rows] == ["1", "2"]
    assert (len(page.unread), page.is_last) == (1, False)


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        (INVOICES, {"Status": "FROZEN"}),
        (INVOICES, {"Total": "1e400"}),
        (INVOICES, {"DateString": "0001-01-01T00:00:00"}),
        (INVOICES, {"UpdatedDateUTC": "0001-01-01T00:00:00+13:00"}),
        (INVOICES, {"LineItems": {"nested": 1}}),
        (SUMMARIES, {"Status": "FROZEN"}),
        (SUMMARIES, {"Total": "1e400"}),
    ],
)
async def test_odd_document_is_known_by_every_name_it_has(
    kind: Kind[Any], odd: dict[str, Any]
) -> None:
    whole = shown(kind, 2) | {"Url": "https://app.test/invoices/mine?syncd=installation-1"}

    page = await read(kind, text(shown(kind, 1)), text(whole | odd))

    (unread,) = page.unread
    assert (unread.id, unread.label) == ("i-2", "PL-2")
    assert unread.may_be("pl-2")
    assert unread.may_be("I-2")
    assert unread.may_be("mine")
    assert not unread.may_be("PL-1", "i-1")
    assert "FROZEN" in unread.problem or "Status" not in odd


@pytest.mark.parametrize("odd", [{"Status": "FROZEN"}, {"Total": "1e400"}, {"DateString": "now"}])
async def test_listed_row_is_found_to_be_odd_when_it_is_asked_for(odd: dict[str, Any]) -> None:
    page = await read(LISTED, text(shown(LISTED, 1)), text(shown(LISTED, 2) | odd))

    one, two = [row.summary(page.as_of) for row in page.rows]

    assert isinstance(one, InvoiceSummary)
    assert isinstance(two, Unread)
    assert (two.id, two.label) == ("i-2", "PL-2")


async def test_listed_row_shows_no_change_from_after_the_answer() -> None:
    page = await read(LISTED, text(shown(LISTED, 1) | {"UpdatedDateUTC": LATER}))

    row = page.rows[0].summary(page.as_of)

    assert isinstance(row, InvoiceSummary)
    assert row.updated_at == page.as_of


@given(moved=st.sampled_from(sorted(SummaryWire.__struct_fields__)), text_now=st.text(max_size=9))
def test_digest_moves_with_everything_that_is_read_of_a_row(moved: str, text_now: str) -> None:
    before = wire_summaries.READ_ONE.decode(text(shown(SUMMARIES, 1)))
    values = {name: getattr(before, name) for name in SummaryWire.__struct_fields__}
    again = SummaryWire(**values)
    now = SummaryWire(**values | {moved: text_now})

    assert wire_summaries.digest(again) == wire_summaries.digest(before)
    is_moved = getattr(before, moved) != text_now
    assert (wire_summaries.digest(now) != wire_summaries.digest(before)) == is_moved


async def test_odd_contact_is_known_by_every_name_it_has() -> None:
    odd = CONTACT | {"ContactStatus": "?", "ContactNumber": "mark", "AccountNumber": "R1"}

    (unread,) = (await read(CONTACTS, text(odd))).unread

    assert unread.label == "Acme"
    assert all(map(unread.may_be, ("c", "acme", "MARK", "r1")))
    assert not unread.may_be("other")


@pytest.mark.parametrize("clock", ["soon", "/Date(-62135596800000+0000)/", "0001-01-01T00:00:00"])
async def test_clock_that_cannot_be_read_is_none_and_costs_no_row(clock: str) -> None:
    """Year 1 is how .NET says none: believed, it would lead the next sweep to before all time."""
    body = text({"DateTimeUTC": clock, "Contacts": [shown(CONTACTS, 1)]})

    async def ask(_: Query) -> bytes:
        return body

    page = await rows.page_of(ask, CONTACTS, query(CONTACTS))

    assert (len(page.rows), page.as_of) == (1, None)


@pytest.mark.parametrize("body", [b"[]", b"7", b"<html>", b"{}", b'{"Contacts":{}}', DEEP])
async def test_page_that_is_no_list_is_garbled(body: bytes) -> None:
    async def ask(_: Query) -> bytes:
        return body

    with pytest.raises(Garbled):
        await rows.page_of(ask, CONTACTS, query(CONTACTS))


class Books:
    """A list of which no answer may show more than `most` rows; row `giant` is too long alone."""

    def __init__(self, count: int, most: int, giant: int | None = None) -> None:
        self.rows = [shown(CONTACTS, number) for number in range(count)]
        self.most = most
        self.giant = giant
        self.asked: list[tuple[int, int]] = []

    async def ask(self, query: Query) -> bytes:
        self.asked.append((query.page, query.page_size))
        start = (query.page - 1) * query.page_size
        places = range(start, min(start + query.page_size, len(self.rows)))
        if len(places) > self.most or self.giant in places:
            raise TooLong("the answer is longer than 16,777,216 bytes")
        return text({"Contacts": [self.rows[place] for place in places]})

    async def page(self, size: int) -> ListPage[Any]:
        return await rows.page_of(self.ask, CONTACTS, query(CONTACTS, size=size))


@pytest.mark.parametrize("size", [1000, 100, 40])
async def test_page_that_is_too_long_comes_in_parts_and_in_its_own_order(size: int) -> None:
    books = Books(35, most=10)

    page = await books.page(size)

    assert [row.id for row in page.rows] == [f"c-{number}" for number in range(35)]
    assert page.is_last
    parts = [asked for asked in books.asked if asked[1] == min(part for _, part in books.asked)]
    assert parts == sorted(parts, reverse=True)  # backwards: what moves to the end hides nobody


class Slow(Books):
    """A list of which an answer with more than `most` rows does not come in time."""

    status = 0

    async def ask(self, query: Query) -> bytes:
        try:
            return await super().ask(query)
        except TooLong:
            raise ServerTrouble("no whole answer within 60 s", status=self.status) from None


@pytest.mark.parametrize(("size", "part"), [(1000, 100), (500, 100), (250, 50), (125, 25)])
async def test_page_that_does_not_come_in_time_is_asked_for_in_usual_ones(
    size: int, part: int
) -> None:
    books = Slow(120, most=100)

    page = await books.page(size)

    assert [row.id for row in page.rows] == [f"c-{number}" for number in range(120)]
    assert page.is_last
    assert {asked for _, asked in books.asked} == {size, part}


@pytest.mark.parametrize(("status", "size"), [(0, 100), (503, 1000)])
async def test_trouble_of_xeros_own_is_not_asked_for_in_parts(status: int, size: int) -> None:
    books = Slow(120, most=10)
    books.status = status

    with pytest.raises(ServerTrouble):
        await books.page(size)

    assert len(books.asked) == 1


async def test_row_that_is_too_long_alone_is_set_aside() -> None:
    books = Books(20, most=100, giant=7)

    page = await books.page(100)

    assert [row.id for row in page.rows] == [f"c-{n}" for n in range(20) if n != 7]
    (unread,) = page.unread
    assert "row 8" in unread.problem
    assert unread.may_be("whoever")

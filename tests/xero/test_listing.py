"""Lists are read to their end, however rows move and however crowded a second is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled, Throttled
from syncd.ports.ledger_sweeps import ListPage
from syncd.xero import listing
from syncd.xero.listing import Query
from syncd.xero.wire import PagingWire

START = datetime(2026, 11, 22, tzinfo=UTC)
QUERY = Query(operation="read", path="/Invoices", filters={"unitdp": "4"}, page_size=3, since=START)


@dataclass(frozen=True)
class Row:
    id: str
    updated_at: datetime


class Books:
    """Rows in order of change, and a hand that changes one after each read."""

    def __init__(self, rows: Sequence[Row], moves: Sequence[int] = (), *, inclusive: bool) -> None:
        self.rows = list(rows)
        self.moves = list(moves)
        self.inclusive = inclusive
        self.reads = 0

    async def read(self, query: Query) -> ListPage[Row]:
        self.reads += 1
        assert query.since is not None
        since = query.since if self.inclusive else query.since + timedelta(seconds=1)
        found = [row for row in self.rows if row.updated_at >= since]
        page = found[(query.page - 1) * query.page_size :][: query.page_size]
        if self.moves and self.rows:
            moved = self.rows.pop(self.moves.pop() % len(self.rows))
            last = max([moved.updated_at, *(row.updated_at for row in self.rows)])
            self.rows.append(Row(moved.id, last + timedelta(seconds=2)))
        return ListPage(
            rows=tuple(page),
            is_last=len(page) < query.page_size,
            count=len(page),
            last_at=page[-1].updated_at if page else None,
        )


rows = st.lists(st.integers(0, 6_000), max_size=25).map(
    lambda places: [
        Row(str(number), START + timedelta(milliseconds=ms))
        for number, ms in enumerate(sorted(places))
    ]
)


@given(rows=rows, moves=st.lists(st.integers(0, 100), max_size=10), inclusive=st.booleans())
async def test_seek_finds_every_row_in_its_newest_state(
    rows: list[Row], moves: list[int], inclusive: bool
) -> None:
    books = Books(rows, moves, inclusive=inclusive)

    found = [row async for page in listing.ByChange(QUERY).pages(books.read) for row in page.rows]

    assert {row.id for row in found} == {row.id for row in rows}
    assert len(found) == len(set(found))


@given(
    rows=rows,
    moves=st.lists(st.integers(0, 100), max_size=10),
    fails=st.sets(st.integers(0, 12), max_size=5),
)
async def test_seek_that_failed_goes_on_there_and_finds_as_much(
    rows: list[Row], moves: list[int], fails: set[int]
) -> None:
    books, tries = Books(rows, moves, inclusive=True), 0

    async def read(query: Query) -> ListPage[Row]:
        nonlocal tries
        tries += 1
        if tries - 1 in fails:
            raise Throttled("enough for now", retry_after_s=1.0, limit="minute")
        return await books.read(query)

    seek: listing.ByChange[Row] = listing.ByChange(QUERY)
    found: list[Row] = []
    for _ in range(len(fails) + 1):
        with suppress(Throttled):
            async for page in seek.pages(read):
                found += page.rows

    assert {row.id for row in found} == {row.id for row in rows}
    assert books.reads == tries - len([each for each in fails if each < tries])


@given(rows=rows, moves=st.lists(st.integers(0, 100), max_size=10))
async def test_no_row_was_changed_after_the_answer_that_shows_it(
    rows: list[Row], moves: list[int]
) -> None:
    books = Books(rows, moves, inclusive=True)
    as_of = START + timedelta(seconds=3)

    async def read(query: Query) -> ListPage[Row]:
        return replace(await books.read(query), as_of=as_of)

    sought = [row async for page in listing.ByChange(QUERY).pages(read) for row in page.rows]

    assert {row.id for row in sought} == {row.id for row in rows}
    assert all(row.updated_at <= as_of for row in sought)


@pytest.mark.parametrize(("inclusive", "reads"), [(False, 8), (True, 15)])
async def test_crowded_second_is_paged_through_and_back(*, inclusive: bool, reads: int) -> None:
    crowd = [Row(str(number), START) for number in range(10)]
    books = Books(crowd, inclusive=inclusive)

    found = [row async for page in listing.ByChange(QUERY).pages(books.read) for row in page.rows]

    assert len(found) == 10
    assert books.reads == reads  # 4 pages there and 3 back; what moved meanwhile is behind them


async def test_what_slid_on_the_way_through_a_crowd_is_found_on_the_way_back() -> None:
    crowd = [Row(str(number), START) for number in range(12)]
    books = Books(crowd, [0] * 6, inclusive=False)

    found = {
        row.id async for page in listing.ByChange(QUERY).pages(books.read) for row in page.rows
    }

    assert found == {row.id for row in crowd}


async def test_list_by_pages_ends_where_a_page_has_room_left() -> None:
    books = Books([Row(str(number), START) for number in range(7)], inclusive=True)

    found = [row async for page in listing.every_page(books.read, QUERY) for row in page.rows]

    assert len(found) == 7
    assert books.reads == 3


async def test_list_that_never_ends_is_garbled() -> None:
    async def again(_: Query) -> ListPage[Row]:
        return ListPage(rows=(Row("1", START),), is_last=False, count=1)

    with pytest.raises(Garbled):
        [page async for page in listing.every_page(again, QUERY)]
    with pytest.raises(Garbled):
        _ = [page async for page in listing.ByChange(QUERY).pages(again)]


@pytest.mark.parametrize(
    ("paging", "page", "rows", "expected"),
    [
        (PagingWire(page=1, page_count=2), 1, 3, False),
        (PagingWire(page=2, page_count=2), 2, 3, True),
        (PagingWire(page=1, page_count=0), 1, 0, True),
        (None, 1, 3, False),
        (None, 1, 2, True),
    ],
)
def test_last_page_is_where_xero_says_or_where_room_is_left(
    paging: PagingWire | None, page: int, rows: int, expected: bool
) -> None:
    assert listing.is_last(paging, QUERY.at(page, None), rows) is expected


def test_query_encodes_what_a_user_may_type() -> None:
    query = Query(operation="read", path="/Invoices", filters={"where": 'A=="x&y +,"'})

    assert query.target == ("/Invoices?where=A%3D%3D%22x%26y%20%2B%2C%22&page=1&pageSize=100")
    assert QUERY.modified_since == "2026-11-22T00:00:00"

"""A sweep loses no row that was changed before it began, however rows move while it reads.

Rows change between any two pages, many of them within one second, and so move to the end of the
list; a sweep may be put off for as long as it likes between pages. What changes while a sweep is
under way is found by it, or by the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.inbound import change_cursor
from syncd.domain.rules.inbound.change_cursor import ListPosition, SweepProgress
from tests.searching import examples

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOST_PAGES = 2000
Move = tuple[int, int]
"""Which of the oldest rows is changed before a page is answered, and how much later, in ms."""


@dataclass
class Books:
    """Rows by the time of their last change, of which each state has a version."""

    size: int
    inclusive: bool
    now: datetime
    rows: dict[str, tuple[datetime, int]]
    moves: list[list[Move]] = field(default_factory=list)

    def page(self, since: datetime, number: int) -> tuple[list[tuple[str, datetime, int]], bool]:
        """What Xero answers, after some rows were changed."""
        assert number >= 1
        for place, ms in self.moves.pop() if self.moves else ():
            self.change(place, ms)
        least = since if self.inclusive else since + timedelta(seconds=1)
        listed = sorted(
            (at, key, version) for key, (at, version) in self.rows.items() if at >= least
        )
        page = listed[(number - 1) * self.size : number * self.size]
        return [(key, at, version) for at, key, version in page], number * self.size >= len(listed)

    def change(self, place: int, ms: int) -> None:
        self.now += timedelta(milliseconds=ms)
        key = min(self.rows, key=lambda one: (self.rows[one][0], (int(one) - place) % 30))
        self.rows[key] = (self.now, self.rows[key][1] + 1)


def swept(books: Books, trail: SweepProgress) -> tuple[SweepProgress, set[tuple[str, int]]]:
    """A whole sweep; which states of which rows it has seen."""
    trail, seen = change_cursor.begin(trail), set()
    for _ in range(MOST_PAGES):
        assert trail.place is not None
        rows, is_last = books.page(trail.place.since, trail.place.page)
        seen |= {(key, version) for key, _, version in rows}
        last_at = rows[-1][1] if rows else None
        trail = change_cursor.after_page(
            trail, last_at, as_of=books.now, is_last=is_last, has_news=False, now=books.now
        )
        if trail.place is None:
            return trail, seen
    raise AssertionError("the sweep never ends")


moves = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from((0, 0, 0, 1, 999, 1000, 2500))), max_size=3
)


@examples(200)
@given(
    offsets_ms=st.lists(
        st.sampled_from((0, 0, 0, 1, 999, 1000, 1001, 5000)), min_size=1, max_size=30
    ),
    size=st.integers(1, 4),
    under_way=st.lists(moves, min_size=5, max_size=25),
    inclusive=st.booleans(),
)
def test_no_row_is_lost_however_rows_move(
    offsets_ms: list[int], size: int, under_way: list[list[Move]], inclusive: bool
) -> None:
    began_at = START + timedelta(milliseconds=max(offsets_ms))
    rows = {
        f"{index:02}": (START + timedelta(milliseconds=ms), 1)
        for index, ms in enumerate(offsets_ms)
    }
    books = Books(size, inclusive, began_at, dict(rows), under_way)

    trail, seen = swept(books, SweepProgress(reached_at=START - timedelta(hours=1)))
    moved = {key for key, (_, version) in books.rows.items() if version > 1}
    books.moves = []
    _, later = swept(books, trail)

    assert {key for key in rows if key not in moved} <= {key for key, _ in seen}
    assert {(key, version) for key, (_, version) in books.rows.items()} <= seen | later


@examples(60)
@given(crowd=st.integers(1, 40), size=st.integers(1, 7))
def test_a_crowd_is_read_to_its_last_page_and_back(crowd: int, size: int) -> None:
    books = Books(
        size, inclusive=True, now=START, rows={f"{at:02}": (START, 1) for at in range(crowd)}
    )
    asked: list[int] = []
    trail = SweepProgress(reached_at=START, place=ListPosition(since=START - timedelta(seconds=1)))
    while trail.place is not None and len(asked) < MOST_PAGES:
        rows, is_last = books.page(trail.place.since, trail.place.page)
        asked.append(trail.place.page)
        last_at = rows[-1][1] if rows else None
        trail = change_cursor.after_page(
            trail, last_at, as_of=START, is_last=is_last, has_news=False, now=START
        )

    pages = -(-crowd // size)
    assert asked == [*range(1, pages + 1), *reversed(range(1, pages))]


def test_where_no_second_is_crowded_it_seeks_and_asks_for_first_pages_alone() -> None:
    rows = {f"{at:02}": (START + timedelta(seconds=3 * at), 1) for at in range(30)}
    books = Books(4, inclusive=True, now=START + timedelta(hours=1), rows=rows)
    trail, asked = change_cursor.begin(SweepProgress(reached_at=START)), list[int]()
    while trail.place is not None and len(asked) < MOST_PAGES:
        found, is_last = books.page(trail.place.since, trail.place.page)
        asked.append(trail.place.page)
        trail = change_cursor.after_page(
            trail, found[-1][1], as_of=None, is_last=is_last, has_news=False, now=books.now
        )

    assert {*asked} == {1}
    assert len(asked) == 10  # each page begins with the last row of the one before


def test_what_slid_on_the_way_through_a_crowd_is_seen_on_the_way_back() -> None:
    rows = {f"{at:02}": (START, 1) for at in range(12)}
    oldest_each_time = [[(0, 1)] for _ in range(8)]
    books = Books(3, inclusive=False, now=START, rows=dict(rows), moves=oldest_each_time)

    _, seen = swept(books, SweepProgress(reached_at=START - timedelta(hours=1)))

    assert {key for key, (_, version) in books.rows.items() if version == 1} <= {
        key for key, _ in seen
    }

"""Seeking along the time of change loses no row, ends, and is cheap at rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.inbound import change_cursor
from syncd.domain.rules.inbound.change_cursor import OVERLAP, SweepProgress
from tests.searching import examples

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOST_PAGES = 500
Rows = list[tuple[datetime, str]]


def walked(
    rows: Rows,
    trail: SweepProgress,
    *,
    size: int,
    now: datetime = START,
    as_of: datetime | None = None,
) -> tuple[SweepProgress, Rows]:
    """A whole sweep over a list that stands still, by an inclusive or exclusive header."""
    trail, seen = change_cursor.begin(trail), []
    for _ in range(MOST_PAGES):
        assert trail.place is not None
        listed = sorted(row for row in rows if row[0] >= trail.place.since)
        page = listed[(trail.place.page - 1) * size : trail.place.page * size]
        seen += page
        is_last = trail.place.page * size >= len(listed)
        last_at = page[-1][0] if page else None
        trail = change_cursor.after_page(
            trail, last_at, as_of=as_of, is_last=is_last, has_news=False, now=now
        )
        if trail.place is None:
            return trail, seen
    raise AssertionError("the sweep never ends")


@examples(150)
@given(
    offsets_ms=st.lists(st.integers(0, 20_000), max_size=60),
    size=st.integers(1, 7),
)
def test_sweep_sees_every_row_and_reaches_the_last(offsets_ms: list[int], size: int) -> None:
    rows = [
        (START + timedelta(milliseconds=offset), str(index))
        for index, offset in enumerate(offsets_ms)
    ]

    trail, seen = walked(rows, SweepProgress(reached_at=START), size=size)

    assert set(seen) == set(rows)
    assert trail.reached_at == max((at for at, _ in rows), default=START)


@examples(100)
@given(crowd=st.integers(1, 40), size=st.integers(1, 7), after=st.integers(0, 5))
def test_a_crowded_second_is_walked_twice_and_never_for_ever(
    crowd: int, size: int, after: int
) -> None:
    rows = [(START, str(index)) for index in range(crowd)]
    rows += [(START + timedelta(seconds=5 + each), f"later {each}") for each in range(after)]

    _, seen = walked(rows, SweepProgress(reached_at=START - timedelta(hours=1)), size=size)

    assert set(seen) == set(rows)
    assert len(seen) <= 6 * len(rows)


def test_a_sweep_is_quiet_only_long_after_the_last_change_and_without_news() -> None:
    rows = [(START, "one")]
    fresh, _ = walked(rows, SweepProgress(reached_at=START - timedelta(hours=1)), size=5)
    soon, _ = walked(rows, fresh, size=5, now=START + OVERLAP / 2)
    late, _ = walked(rows, soon, size=5, now=START + OVERLAP)

    assert (fresh.is_quiet, soon.is_quiet, late.is_quiet) == (False, False, True)
    assert change_cursor.is_idle(late, START)
    assert not change_cursor.is_idle(late, START + timedelta(milliseconds=1))
    assert not change_cursor.is_idle(soon, START)


def test_what_becomes_visible_late_is_seen_by_the_overlap() -> None:
    first, _ = walked(
        [(START, "one")], SweepProgress(reached_at=START - timedelta(hours=1)), size=5
    )
    late = (START - timedelta(seconds=100), "late")

    _, seen = walked([(START, "one"), late], first, size=5)

    assert late in seen


@examples(100)
@given(
    offsets_s=st.lists(st.integers(-7200, 50_000), min_size=1, max_size=30),
    size=st.integers(1, 7),
)
def test_sweep_never_comes_further_than_xeros_clock(offsets_s: list[int], size: int) -> None:
    rows = [(START + timedelta(seconds=at), str(index)) for index, at in enumerate(offsets_s)]

    trail, seen = walked(
        rows, SweepProgress(reached_at=START - timedelta(hours=9)), size=size, as_of=START
    )

    assert set(seen) == set(rows)
    assert trail.reached_at == min(START, max(at for at, _ in rows))
    assert not change_cursor.is_idle(trail, START + timedelta(seconds=1))


def test_trail_that_ran_ahead_comes_back_with_the_next_answer() -> None:
    trail, _ = walked(
        [], SweepProgress(reached_at=START + timedelta(hours=12)), size=5, as_of=START
    )

    assert trail.reached_at == START
    assert not trail.is_quiet


def test_news_on_any_page_keeps_a_sweep_from_being_quiet() -> None:
    trail = change_cursor.begin(SweepProgress(reached_at=START, moved_at=START - OVERLAP))
    quiet = change_cursor.after_page(
        trail, START, as_of=None, is_last=True, has_news=False, now=START
    )
    first = change_cursor.after_page(
        trail, START - OVERLAP / 2, as_of=None, is_last=False, has_news=True, now=START
    )
    after = change_cursor.after_page(
        first, START, as_of=None, is_last=True, has_news=False, now=START
    )

    assert (quiet.is_quiet, after.is_quiet) == (True, False)
    assert not change_cursor.is_idle(SweepProgress(reached_at=START), START)
    assert change_cursor.is_idle(quiet, START - OVERLAP)

"""Ranges of dates join without gap or overlap, and a large one becomes two."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.inbound import date_ranges
from syncd.domain.rules.inbound.date_ranges import DateRange, FullSweepProgress

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))


def holds(one: DateRange, day: date) -> bool:
    return one.since_on <= day and (one.before_on is None or day < one.before_on)


@given(bounds=st.lists(DAYS, min_size=1, max_size=8), day=DAYS)
def test_every_day_from_the_first_on_is_in_one_range(bounds: list[date], day: date) -> None:
    found = [one for one in date_ranges.ranges_of(bounds) if holds(one, day)]

    assert len(found) == (1 if day >= min(bounds) else 0)


@given(since=DAYS, days=st.none() | st.integers(2, 4_000), offset=st.integers(0, 5_000))
def test_a_cut_range_holds_the_same_days_once(since: date, days: int | None, offset: int) -> None:
    before = None if days is None else since + timedelta(days=days)
    whole = DateRange(since_on=since, before_on=before)
    day = since + timedelta(days=offset)

    halves = date_ranges.cut(FullSweepProgress(run=1, ranges=(whole,), page=1)).ranges

    assert sum(holds(one, day) for one in halves) == holds(whole, day)
    assert all(one.since_on != one.before_on for one in halves)


def test_books_without_a_row_are_no_range() -> None:
    assert date_ranges.ranges_of([]) == ()


def test_a_crowded_day_is_a_range_of_its_own() -> None:
    day = date(2026, 11, 20)

    assert date_ranges.ranges_of([day, day, day]) == (
        DateRange(since_on=day, before_on=date(2026, 11, 21)),
        DateRange(since_on=date(2026, 11, 21)),
    )


def test_a_single_day_is_read_however_large_it_is() -> None:
    day = DateRange(since_on=date(2026, 11, 22), before_on=date(2026, 11, 23))

    assert not date_ranges.is_too_large(FullSweepProgress(run=1, ranges=(day,)), 60_000)
    assert date_ranges.is_too_large(
        FullSweepProgress(run=1, ranges=(DateRange(since_on=day.since_on),)), 60_000
    )


def test_a_course_goes_on_by_page_and_then_by_range() -> None:
    one, two = date_ranges.ranges_of([date(2026, 1, 1), date(2026, 7, 1)])
    course = FullSweepProgress(run=3, ranges=(one, two))

    course = date_ranges.after_page(course, is_last=False)
    assert (course.page, course.ranges) == (2, (one, two))
    course = date_ranges.after_page(course, is_last=True)
    assert (course.page, course.ranges) == (1, (two,))
    assert date_ranges.after_page(course, is_last=True).ranges == ()

"""Date ranges for the full sweep: few, and each small enough for Xero to list.

Pure. Called by the engine's full sweep. Ranges begin at the oldest date of our own documents and
the last is open towards the future; a range that proves too large is cut in two and asked again.
What was moved to a date before all of them is found by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from syncd.domain.model.value import Value

MOST_ROWS = 50_000
"""A range of more rows is cut; Xero refuses above 100,000 (facts §3.4)."""
_OPEN_STEP = timedelta(days=366)
_DAY = timedelta(days=1)


class DateRange(Value, frozen=True, kw_only=True):
    """From a date on, and before another; None: open."""

    since_on: date
    before_on: date | None = None


class FullSweepProgress(Value, frozen=True, kw_only=True):
    """A full sweep under way: its number, the ranges left to read, and the page in the first.

    When no range is left, what was not seen is looked for by id, those after `after` (an id).
    """

    run: int
    ranges: tuple[DateRange, ...]
    page: int = 1
    after: str = ""


def ranges_of(bounds: Sequence[date]) -> tuple[DateRange, ...]:
    """Ranges that begin at these dates; the last is open.

    A date that comes more than once is so full that it is a range of its own.
    """
    crowded = [day + _DAY for day, after in pairwise(sorted(bounds)) if day == after]
    starts = sorted({*bounds, *crowded})
    ends: list[date | None] = [*starts[1:], None] if starts else []
    return tuple(
        DateRange(since_on=start, before_on=end) for start, end in zip(starts, ends, strict=True)
    )


def is_too_large(progress: FullSweepProgress, rows: int) -> bool:
    """The range being read has to be cut before it is read further."""
    return progress.page == 1 and rows > MOST_ROWS and can_cut(progress.ranges[0])


def can_cut(one: DateRange) -> bool:
    """A single day cannot be cut."""
    return one.before_on is None or one.before_on - one.since_on > _DAY


def cut(progress: FullSweepProgress) -> FullSweepProgress:
    """The same progress with the range being read cut in two."""
    one, *others = progress.ranges
    middle = one.since_on + _OPEN_STEP
    if one.before_on is not None:
        middle = one.since_on + max(_DAY, (one.before_on - one.since_on) // 2)
    halves = (replace(one, before_on=middle), replace(one, since_on=middle))
    return replace(progress, ranges=(*halves, *others), page=1)


def after_page(progress: FullSweepProgress, *, is_last: bool) -> FullSweepProgress:
    """The progress after a page."""
    if is_last:
        return replace(progress, ranges=progress.ranges[1:], page=1)
    return replace(progress, page=progress.page + 1)

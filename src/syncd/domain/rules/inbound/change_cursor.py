"""Sweeps by time of change: where to read next, and where the next sweep begins.

Pure. Called by the engine's sweeper, which keeps a `SweepProgress` between rounds and a restart.

A list ordered by time of change is sought through: always the first page since the last row's own
time (never our clock), for page numbers would lose rows that move to the end when they change.
Where it begins again is bounded by Xero's clock: some rows are hours ahead of it (facts §3.6).
Only inside one crowded second it pages on, to the end of that second and then back to its first
page: a row that changes leaves the crowd, and all behind it slide to where it has been read
already. On the way back they slide to where it is still to come.

A sweep begins 120 s before the last row seen, for a change may become visible late. What begins so
reads rows again, so once a whole sweep has brought nothing new, the next asks for the newest row
alone, and sweeps only when that has moved: in quiet times a sweep costs one call for one row.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from syncd.domain.model.value import Value

OVERLAP = timedelta(seconds=120)
STEP_BACK = timedelta(seconds=1)
"""Whether the header is inclusive is undocumented (facts §3.4)."""


class ListPosition(Value, frozen=True, kw_only=True):
    """Where in the list to read next: a page of what was changed since a whole second.

    `is_back`: on the way back through a crowd, from behind which it goes on at `beyond`; None where
    the list ends with the crowd.
    """

    since: datetime
    page: int = 1
    is_back: bool = False
    beyond: datetime | None = None


class SweepProgress(Value, frozen=True, kw_only=True):
    """How far a sweep has come: the last row's time, and where it stands while under way.

    `reached_at` is by Xero's clock, `moved_at` by ours: when it last moved. `began_from` is where
    it was when this sweep began. `is_quiet`: a whole sweep, long after it had moved, brought
    nothing that was not known, so there is nothing late left to come.
    """

    reached_at: datetime
    moved_at: datetime | None = None
    place: ListPosition | None = None
    began_from: datetime | None = None
    has_news: bool = False
    is_quiet: bool = False


def begin(progress: SweepProgress) -> SweepProgress:
    """The progress of a sweep that begins, overlapping what was read before."""
    return SweepProgress(
        reached_at=progress.reached_at,
        moved_at=progress.moved_at,
        began_from=progress.reached_at,
        place=ListPosition(since=_second(progress.reached_at - OVERLAP)),
    )


def is_idle(progress: SweepProgress, newest_at: datetime | None) -> bool:
    """Whether nothing has changed since a quiet sweep, by the newest row of the list."""
    return progress.is_quiet and (newest_at is None or newest_at <= progress.reached_at)


def after_page(
    progress: SweepProgress,
    last_at: datetime | None,
    *,
    as_of: datetime | None,
    is_last: bool,
    has_news: bool,
    now: datetime,
) -> SweepProgress:
    """The progress after a page whose last row changed at `last_at` (None: no row), read `now`.

    `as_of` is Xero's clock as it answered: no row, and no sweep, has come further than that, or
    what changes until then would never be read. `place` None: the sweep has come to its end.
    """
    place = progress.place
    assert place is not None, "a page was read somewhere"
    after = replace(
        progress, has_news=progress.has_news or has_news, moved_at=progress.moved_at or now
    )
    reached_at = _not_ahead(max(progress.reached_at, last_at or progress.reached_at), as_of)
    if reached_at != progress.reached_at:
        after = replace(after, reached_at=reached_at, moved_at=now)
    following = next_place(place, last_at, is_last=is_last)
    if following is not None:
        return replace(after, place=following)
    return SweepProgress(
        reached_at=after.reached_at, moved_at=after.moved_at, is_quiet=_is_quiet(after, now)
    )


def next_place(
    place: ListPosition, last_at: datetime | None, *, is_last: bool
) -> ListPosition | None:
    """Where to read after this page, whose last row changed at `last_at`; None: it is the end."""
    if place.is_back and place.page > 1:
        return replace(place, page=place.page - 1)
    if place.is_back:
        return _beyond(place.beyond)
    further = place.since if last_at is None else _second(last_at - STEP_BACK)
    if not is_last and further <= place.since:
        return replace(place, page=place.page + 1)
    beyond = None if is_last else further
    if place.page > 1:
        return replace(place, page=place.page - 1, is_back=True, beyond=beyond)
    return _beyond(beyond)


def _beyond(since: datetime | None) -> ListPosition | None:
    return None if since is None else ListPosition(since=since)


def _is_quiet(progress: SweepProgress, now: datetime) -> bool:
    assert progress.moved_at is not None, "a page has been read"
    is_long_unmoved = now - progress.moved_at >= OVERLAP
    return is_long_unmoved and not progress.has_news and progress.reached_at == progress.began_from


def _not_ahead(instant: datetime, as_of: datetime | None) -> datetime:
    return instant if as_of is None else min(instant, as_of)


def _second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)

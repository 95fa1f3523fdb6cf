"""Routes events: when a batch of them is due, and which of them cost a call.

Pure. Called by `engine.webhooks.inbox` (the running count) and `engine.webhooks.process_events`
(everything else). An INVOICE event comes for bills and for every invoice made in Xero as well, so
most of them cost nothing:

| first match                                              | route    |
|----------------------------------------------------------|----------|
| no link, and a create is open that began before it came  | LATER    |
| no link                                                  | NOT_OURS |
| the stamp of our own last write                          | ECHO     |
| a read has shown the invoice as it was then, or later    | COVERED  |
| everything else                                          | FETCH    |

Xero's reads may lag behind its writes. A document read with an UpdatedDateUTC before its event is
read again after a pause, each longer than the last. Not every change moves that time, and what the
event's own time is made of is not recorded, so the tries are few: one more where both are within
`STALE_AFTER`, as a copy is past that by then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from math import ceil

from syncd.domain.model.value import Value

SAME_ACTION = timedelta(milliseconds=100)
"""A payment and the change of its invoice are announced as of one instant, or nearly."""
STALE_AFTER = timedelta(seconds=2)
"""A document older than its event by more than this was read from a copy that lags behind."""
PAUSES_S = (2.5, 5.0, 10.0, 20.0, 40.0, 60.0)
"""Between the reads of one event; the first is longer than `STALE_AFTER`."""
GRID_S = 2.0
"""Reads fall on multiples of this, so that those of many events share their calls."""
LONGEST_PAUSE = timedelta(seconds=PAUSES_S[-1] + GRID_S)
_PURCHASES = ("ACCPAY", "SPEND", "AP")


class Route(Enum):
    """What becomes of one INVOICE event."""

    FETCH = auto()
    ECHO = auto()
    COVERED = auto()
    NOT_OURS = auto()
    LATER = auto()


class Reread(Value, frozen=True, kw_only=True):
    """An event is read once more, not before `at`; `tries` counts the reads that were too early."""

    at: datetime
    tries: int


class Gap(Value, frozen=True, kw_only=True):
    """Numbers of the running count that were not seen, both ends included."""

    first: int
    last: int


class Counted(Value, frozen=True, kw_only=True):
    """How far the running count has come, and which gaps went and came."""

    highest: int
    gaps: tuple[Gap, ...]
    closed: tuple[Gap, ...] = ()
    opened: tuple[Gap, ...] = ()


def count(highest: int, gaps: Sequence[Gap], first: int, last: int) -> Counted:
    """Take note that the numbers `first` to `last` have come, in whatever order."""
    if first < 1 or last < first:
        return Counted(highest=highest, gaps=tuple(gaps))
    if first > highest:
        opened = (
            (Gap(first=highest + 1, last=first - 1),) if highest and first > highest + 1 else ()
        )
        return Counted(highest=last, gaps=(*gaps, *opened), opened=opened)
    kept: list[Gap] = []
    closed: list[Gap] = []
    opened_parts: list[Gap] = []
    for gap in gaps:
        if gap.last < first or gap.first > last:
            kept.append(gap)
            continue
        parts = []
        if gap.first < first:
            parts.append(Gap(first=gap.first, last=first - 1))
        if gap.last > last:
            parts.append(Gap(first=last + 1, last=gap.last))
        closed.append(gap)
        opened_parts += parts
        kept += parts
    return Counted(
        highest=max(highest, last),
        gaps=tuple(kept),
        closed=tuple(closed),
        opened=tuple(opened_parts),
    )


def delay_s(
    first_at: datetime, last_at: datetime, now: datetime, *, quiet_s: float, most_s: float
) -> float:
    """How long to wait for more: until it is quiet, but never long. Zero or less: begin."""
    if last_at > now:  # the clock was set back: nobody knows how long it has been quiet
        return 0.0
    quiet = (last_at - now).total_seconds() + quiet_s
    longest = (first_at - now).total_seconds() + most_s
    return min(quiet, longest)


def route(
    *,
    happened_at: datetime,
    received_at: datetime,
    is_linked: bool,
    own_updated_at: datetime | None,
    read_at: datetime | None,
    updated_at: datetime | None,
    open_create_since: datetime | None,
) -> Route:
    """What becomes of an INVOICE event.

    The last read began at `read_at` and showed the document's UpdatedDateUTC to be `updated_at`;
    `open_create_since` is when the oldest open create began.
    """
    if not is_linked:
        # An invoice whose create was not answered is ours, and nobody knows its id yet.
        may_be_ours = open_create_since is not None and open_create_since <= received_at
        return Route.LATER if may_be_ours else Route.NOT_OURS
    if own_updated_at is not None and own_updated_at == happened_at:
        return Route.ECHO
    if updated_at is not None and happened_at <= updated_at:
        return Route.COVERED
    if updated_at is None and read_at is not None and read_at > received_at:
        return Route.COVERED
    return Route.FETCH


def reread(
    updated_at: datetime | None, happened_at: datetime, tries: int, now: datetime
) -> Reread | None:
    """When an event is read once more; None where it is done.

    `updated_at` is the UpdatedDateUTC the read showed, None where it did not show the document;
    `tries` reads before it were too early.
    """
    if tries >= len(PAUSES_S) or (updated_at is not None and updated_at >= happened_at):
        return None
    if is_stale(updated_at, happened_at):
        return Reread(at=_on_grid(now, PAUSES_S[tries]), tries=tries + 1)
    return Reread(at=_on_grid(now, PAUSES_S[0]), tries=len(PAUSES_S))


def _on_grid(now: datetime, pause_s: float) -> datetime:
    return datetime.fromtimestamp(ceil((now.timestamp() + pause_s) / GRID_S) * GRID_S, UTC)


def is_stale(updated_at: datetime | None, happened_at: datetime) -> bool:
    """The document was read as it was before the event, or was not there yet."""
    return updated_at is None or updated_at < happened_at - STALE_AFTER


def is_purchase(resource_type: str) -> bool:
    """Money on the buying side, by what the event says of it (facts §6.3)."""
    return resource_type.startswith(_PURCHASES)


def is_explained(happened_at: datetime, announced: Sequence[datetime]) -> bool:
    """An INVOICE event of the same action has come; `announced` are such instants, in order."""
    place = bisect_left(announced, happened_at - SAME_ACTION)
    return place < len(announced) and announced[place] <= happened_at + SAME_ACTION

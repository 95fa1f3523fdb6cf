"""Dates as Xero writes and reads them (facts §3.6).

Called by the shapes, the rules and the filters. `/Date(ms+0000)/` counts milliseconds since the
epoch; its offset never shifts the value. A calendar date is midnight UTC of that date.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

_WIRE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T.*")


def instant(at_ms: int) -> str:
    """An instant with offset: `/Date(1789378199100+0000)/`."""
    return f"/Date({at_ms}+0000)/"


def bare_instant(at_ms: int) -> str:
    """An instant as the envelope and CreatedDateUTC write it: `/Date(1789378199160)/`."""
    return f"/Date({at_ms})/"


def seconds_text(at_ms: int) -> str:
    """UpdatedDateUTCString: whole seconds with Z, since 16 July 2026."""
    return _seconds_text(at_ms // 1000)


@lru_cache(maxsize=8192)
def _seconds_text(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event_text(at_ms: int) -> str:
    """A webhook's eventDateUtc: milliseconds without noughts at the end, no zone (facts §6.3)."""
    fraction = f"{at_ms % 1000:03d}".rstrip("0")
    return f"{plain_text(at_ms)}.{fraction}" if fraction else plain_text(at_ms)


def plain_text(at_ms: int) -> str:
    """A history entry's DateUTCString: whole seconds, no zone (facts §3.2)."""
    return _seconds_text(at_ms // 1000)[:-1]


def connection_text(at_ms: int) -> str:
    """A connection's timestamp: seven digits of a second, no zone (facts §1.6)."""
    return f"{plain_text(at_ms)}.{at_ms % 1000:03d}0000"


@lru_cache(maxsize=8192)
def day(on: date) -> str:
    """A calendar date: `/Date(1789344000000+0000)/`."""
    return instant(day_ms(on))


@lru_cache(maxsize=8192)
def day_text(on: date) -> str:
    """The twin of a calendar date: `2026-09-14T00:00:00`."""
    return f"{on.isoformat()}T00:00:00"


def moment(at_ms: int) -> datetime:
    """An instant as filters compare it."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)


def short_day(on: date) -> str:
    """A date as Xero's sentences write it: `31-Oct-2026`."""
    return f"{on:%d-%b-%Y}"


def day_ms(on: date) -> int:
    """Midnight UTC of a date, in milliseconds."""
    return timegm(on.timetuple()) * 1000


@lru_cache(maxsize=8192)
def read_day(text: str) -> date:
    """A calendar date somebody sent. Raises ValueError.

    A local time with an offset becomes UTC first, and may so lose a day, as Xero's does.
    """
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    try:
        if match := _WIRE.fullmatch(text):
            return datetime.fromtimestamp(int(match.group(1)) // 1000, tz=UTC).date()
        if _ISO.fullmatch(text):
            return _aware(datetime.fromisoformat(text)).date()
    except (OverflowError, OSError) as wrong:
        raise ValueError(text) from wrong
    raise ValueError(text)


def read_since(text: str) -> int:
    """An If-Modified-Since header in milliseconds. Raises ValueError.

    ISO without a zone or RFC 1123; seconds only.
    """
    try:
        at = _aware(datetime.fromisoformat(text.strip()))
    except ValueError:
        at = _aware(parsedate_to_datetime(text.strip()))
    except OverflowError as wrong:
        raise ValueError(text) from wrong
    return int(at.timestamp()) * 1000


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def echoed(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What a refused element echoes: as sent, but its Date as Xero writes dates."""
    row = dict(sent)
    if row.get("Date"):
        # An unreadable date is what the refusal is about: it comes back as it was.
        with suppress(ValueError):
            row["Date"] = day(read_day(str(row["Date"])))
    return row

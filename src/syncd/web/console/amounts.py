"""Amounts and instants as people read them: thousands, two decimals; the reader's zone.

Pure. Calendar dates are never shifted; an instant is relative up to a day, absolute behind that,
and always exact, with UTC, in its title.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from syncd.domain.model import money

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_JUST = 5


def amount(value: Decimal | str | None, currency: str | None = None) -> str:
    """`1,150.00 NZD`; a dash for nothing, and what is no number as it came."""
    if value is None:
        return "–"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return str(value)
    shown = money.grouped(number, most_places=6).replace("-", "−")
    return f"{shown} {currency}" if currency else shown


def count(value: int) -> str:
    """`98,214`."""
    return f"{value:,}"


def lasting(seconds: float) -> str:
    """`12 s`, `8 min`, `2 h`, `3 d`."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def day(on: date | str | None, today: date | None = None) -> str:
    """`22 Nov 2026`, without the year where it is this one; a dash for nothing."""
    if on is None:
        return "–"
    if isinstance(on, str):
        try:
            on = date.fromisoformat(on)
        except ValueError:
            return str(on)
    year = "" if today is not None and on.year == today.year else f" {on.year}"
    return f"{on.day} {on:%b}{year}"


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo | None:
    """The time zone of that name; None for what is none."""
    try:
        return ZoneInfo(name) if name and len(name) < _MINUTE else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Reading:
    """How one reader sees instants: at `now`, in their `zone`."""

    def __init__(self, now: datetime, zone: tzinfo = UTC) -> None:
        self.now = now
        self.zone = zone

    @property
    def today(self) -> date:
        """The day it is where the reader is."""
        return self.now.astimezone(self.zone).date()

    @property
    def zone_name(self) -> str:
        """What the zone is called where the reader is now."""
        return f"{self.now.astimezone(self.zone):%Z}"

    def ago(self, at: datetime | None) -> Markup:
        """`12 s ago`, `in 7 min`, or an instant that is more than a day away."""
        return Markup("–") if at is None else self._time(at, self._relative(at))

    def age(self, at: datetime | None) -> Markup:
        """`2 h`: for a column that says since."""
        if at is None:
            return Markup("–")
        passed_s = max(0.0, (self.now - at).total_seconds())
        return self._time(at, lasting(passed_s))

    def clock(self, at: datetime | None) -> Markup:
        """`14:02:11`, with the day where it is another."""
        return Markup("–") if at is None else self._time(at, self._absolute(at, "%H:%M:%S"))

    def minute(self, at: datetime | None) -> Markup:
        """`14:02`, with the day where it is another."""
        return Markup("–") if at is None else self._time(at, self._absolute(at, "%H:%M"))

    def day(self, on: date | str | None) -> str:
        """A calendar date, as it is."""
        return day(on, self.today)

    def _relative(self, at: datetime) -> str:
        passed_s = (self.now - at).total_seconds()
        if abs(passed_s) >= _DAY:
            return self._absolute(at, "%H:%M")
        if abs(passed_s) < _JUST:
            return "just now" if passed_s >= 0 else "in a moment"
        return f"{lasting(passed_s)} ago" if passed_s > 0 else f"in {lasting(-passed_s)}"

    def _absolute(self, at: datetime, form: str) -> str:
        local = at.astimezone(self.zone)
        shown = local.strftime(form)
        return shown if local.date() == self.today else f"{day(local.date(), self.today)} {shown}"

    def _time(self, at: datetime, words: str) -> Markup:
        utc = at.astimezone(UTC)
        local = at.astimezone(self.zone)
        title = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
        if local.utcoffset():
            title = f"{day(local.date())} {local:%H:%M:%S %Z} · {title}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            f"{utc:%Y-%m-%dT%H:%M:%SZ}", title, words
        )

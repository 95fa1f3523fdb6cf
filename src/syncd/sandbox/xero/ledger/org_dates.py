"""An organisation's own dates: today where it is, and what its lock dates forbid (facts §7).

Called by the rules of every document.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.wire_dates import long_day


def lock_error(books: Books, on: date) -> str | None:
    """Why a document of that date cannot be written, in Xero's words."""
    lock = books.locked_by(on)
    if lock is None:
        return None
    return (
        f"The document date cannot be before the {lock[0]} lock date, "
        f"currently set at {long_day(lock[1])}"
    )


def today(books: Books, at_ms: int) -> date:
    """The date in the organisation's time zone."""
    return _date_in(books.organisation.zone, at_ms // 60_000)


@lru_cache(maxsize=64)
def _date_in(zone: str, minute: int) -> date:
    return datetime.fromtimestamp(minute * 60, tz=ZoneInfo(zone)).date()

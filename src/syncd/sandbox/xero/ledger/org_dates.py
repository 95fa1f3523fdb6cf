"""An organisation's own dates: today where it is, and what its lock dates forbid (facts §7).

Called by the rules of every document.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.wire_dates import short_day


def lock_errors(books: Books, *dates: date) -> list[str]:
    """Why what bears one of these dates cannot be written, in Xero's words: one for each lock."""
    texts = (
        f"The document date cannot be before the {name} lock date, currently set at "
        f"{short_day(lock)}"
        for on in dates
        for name, lock in books.locks_on(on)
    )
    return list(dict.fromkeys(texts))


def today(books: Books, at_ms: int) -> date:
    """The date in the organisation's time zone."""
    return _date_in(books.organisation.zone, at_ms // 60_000)


@lru_cache(maxsize=64)
def _date_in(zone: str, minute: int) -> date:
    return datetime.fromtimestamp(minute * 60, tz=ZoneInfo(zone)).date()

"""Instants that something waits for or is ordered by, moved along when the wall clock is set.

Called by `engine.core.wall_clock` alone. What has happened (journal, calls that ended)
keeps the instants it was written with.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("pending")
_MS = timedelta(milliseconds=1)
_LONG_AGO = timedelta(days=1)
"""Far beyond the time Xero remembers an idempotency key."""


def newest() -> Statement[datetime | None]:
    """The newest instant stored, to a minute, by the clock of whoever wrote it; one row."""
    return ask(_QUERIES["newest"], decode=lambda row: rows.from_ms_or_none(row[0]))


def moved(by: timedelta, now: datetime) -> Iterable[Statement[None]]:
    """The clock was set `by` so much, to `now`.

    Set back: nothing waits longer for that, and no read counts as older than those before it. Set
    forward: what waits for an instant waits less, but no lease runs out and no look comes early.
    """
    by_ms = by // _MS
    yield tell(_QUERIES["move_leases"], [(by_ms,)])
    yield tell(_QUERIES["move_looks"], [(by_ms,)])
    if by_ms < 0:
        later = [(by_ms, rows.to_ms(now))]
        yield tell(_QUERIES["move_jobs_ready_at"], later)
        yield tell(_QUERIES["move_jobs_first_wanted_at"], later)
        yield tell(_QUERIES["move_results_ready_at"], later)
        yield tell(_QUERIES["move_links_seen_at"], later)
        yield tell(_QUERIES["move_links_based_at"], later)
        yield tell(_QUERIES["move_sights_read_at"], later)
        yield tell(_QUERIES["move_brake_documents_at"], later)
        yield tell(_QUERIES["move_settings_read_at"], later)
        yield tell(_QUERIES["move_settings_doubted_at"], later)
        yield tell(_QUERIES["move_sweeps_ended_at"], later)
        yield tell(_QUERIES["move_feeds_moved_at"], later)
        yield tell(_QUERIES["move_feeds_began_again_at"], later)
        yield tell(_QUERIES["move_tenants_paused_at"], later)
        yield tell(_QUERIES["move_connections"], later)
        yield tell(_QUERIES["move_findings"], later)
        yield tell(_QUERIES["move_events"], later)


def mended(now: datetime) -> Iterable[Statement[None]]:
    """What was written by the clock as it was before it was set back, while that was taken over.

    Nothing has happened later than now; what waits waits as long as was meant, from now on.
    """
    ms = [(rows.to_ms(now),)]
    yield tell(_QUERIES["mend_jobs"], ms)
    yield tell(_QUERIES["mend_results"], ms)
    yield tell(_QUERIES["mend_links_seen_at"], ms)
    yield tell(_QUERIES["mend_links_based_at"], ms)
    yield tell(_QUERIES["mend_sights"], ms)
    yield tell(_QUERIES["mend_settings"], ms)
    yield tell(_QUERIES["mend_sweeps"], ms)
    yield tell(_QUERIES["mend_feeds"], ms)
    yield tell(_QUERIES["mend_events"], ms)


def doubt_open_calls(sent_at: datetime) -> Statement[None]:
    """Open calls count as sent then for giving up, and as too old for sending them again."""
    long_ago = rows.to_ms(sent_at - _LONG_AGO)
    return tell(_QUERIES["doubt_open_calls"], [(rows.to_ms(sent_at), long_ago)])

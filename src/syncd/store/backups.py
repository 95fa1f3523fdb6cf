"""Backups: the stamp that says when a copy was taken, and what `syncd db check` counts.

The stamp is written into the copy alone, also where the store is older than the stamp's migration.
Called by `bootstrap.upkeep`, for the `db` commands.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("backups")


class OpenIntents(Value, frozen=True, kw_only=True):
    """Writes whose outcome is not stored yet, and since when the first of them is open."""

    count: int
    oldest_at: datetime | None


def stamp(at: datetime) -> tuple[Statement[None], ...]:
    """This copy was taken then."""
    return (tell(_QUERIES["make_stamp"]), tell(_QUERIES["stamp"], [(rows.to_ms(at),)]))


def taken_at() -> Statement[datetime]:
    """When this copy was taken; no row in a store that is no backup."""
    return ask(_QUERIES["taken_at"], decode=_instant)


def unstamp() -> Statement[None]:
    """This is the store itself from here on."""
    return tell(_QUERIES["unstamp"])


def newest() -> Statement[datetime | None]:
    """The newest instant stored, by the clock of whoever wrote it; one row. Reads all links."""
    return ask(_QUERIES["newest"], decode=lambda row: rows.from_ms_or_none(row[0]))


def open_intents() -> Statement[OpenIntents]:
    """Every tenant's; one row."""
    return ask(_QUERIES["open_intents"], decode=_open)


_instant = rows.decoder(datetime)
_open = rows.decoder(OpenIntents)

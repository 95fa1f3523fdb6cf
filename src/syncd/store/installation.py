"""This store's own name, drawn once: part of every mark and idempotency key."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import InstallationId
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("installation")


def ensure(installation: InstallationId, at: datetime) -> Statement[None]:
    """Take this name unless the store has one already."""
    return tell(_QUERIES["ensure"], [(installation, rows.to_ms(at))])


def touch() -> Statement[None]:
    """Write the name over itself: a write that changes nothing but needs room for it."""
    return tell(_QUERIES["touch"])


def get() -> Statement[InstallationId]:
    """The store's name; no row before the first `ensure`."""
    return ask(_QUERIES["get"], decode=_id)


_id = rows.decoder(InstallationId)

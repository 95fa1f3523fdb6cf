"""How far each reader of a feed or sweep has come.

A cursor moves in the transaction that stores what it brought, so nothing is skipped.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("cursors")


class Cursor(Value, frozen=True, kw_only=True):
    """A place in a feed, opaque, and when it was reached."""

    value: str
    moved_at: datetime


def get(tenant: TenantId, name: str) -> Statement[Cursor]:
    """Where that reader stands; no row when it has not begun."""
    return ask(_QUERIES["get"], tenant, name, decode=_cursor)


def move(tenant: TenantId, name: str, value: str, at: datetime) -> Statement[None]:
    """Go on to `value`."""
    return tell(_QUERIES["move"], [(tenant, name, value, rows.to_ms(at))])


def replace(
    tenant: TenantId, name: str, known: Cursor, value: str, at: datetime
) -> Statement[None]:
    """Go on to `value`, unless somebody has moved it since `known` was read."""
    row = (tenant, name, known.value, rows.to_ms(known.moved_at), value, rows.to_ms(at))
    return tell(_QUERIES["replace"], [row])


def forget(tenant: TenantId, name: str) -> Statement[None]:
    """Begin again from the start (the other side no longer knows the cursor)."""
    return tell(_QUERIES["forget"], [(tenant, name)])


def forget_known(tenant: TenantId, name: str, known: Cursor) -> Statement[None]:
    """Its reader is at the end, unless somebody has moved it since `known` was read."""
    row = (tenant, name, known.value, rows.to_ms(known.moved_at))
    return tell(_QUERIES["forget_known"], [row])


_cursor = rows.decoder(Cursor)

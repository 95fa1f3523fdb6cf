"""Slow work that a person ordered: what it was, how it ended, and where its result is kept.

One row each, begun before the work and ended after it, so that a restart finds what was cut short.
Called by `engine.long_work`.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("long_works")
MOST_KEPT = 50
"""Of each tenant; older ones are forgotten."""


class WorkRow(Value, frozen=True, kw_only=True):
    """One order. `result` names what came of it: a plan's hash, a report's digest.

    Of a check it is the chain's head or its fault, of a replay how many events.
    """

    id: int
    kind: WorkKind
    state: WorkState
    asked_by: str
    began_at: datetime
    ended_at: datetime | None
    result: str | None
    text: str
    """How it ended, for people."""


def begin(
    tenant: TenantId, kind: WorkKind, who: str, at: datetime, *, about: str = ""
) -> Statement[int]:
    """It is ordered; its number. The store takes one running work of a kind."""
    row = (tenant, kind, who, rows.to_ms(at), about or None)
    return ask(_QUERIES["begin"], *row, decode=rows.decoder(int))


def end(
    work: int, state: WorkState, at: datetime, *, result: str | None, text: str
) -> Statement[None]:
    """It has ended so."""
    return tell(_QUERIES["end"], [(work, state, rows.to_ms(at), result, text)])


def interrupt(at: datetime) -> Statement[None]:
    """At start: what an earlier run had begun was cut short."""
    return tell(_QUERIES["interrupt"], [(rows.to_ms(at),)])


def forget(tenant: TenantId) -> Statement[None]:
    """Forget the oldest."""
    return tell(_QUERIES["forget"], [(tenant, MOST_KEPT)])


def get(tenant: TenantId, work: int) -> Statement[WorkRow]:
    """One of a tenant's."""
    return ask(_QUERIES["get"], tenant, work, decode=_row)


def recent(tenant: TenantId, *, limit: int = MOST_KEPT) -> Statement[WorkRow]:
    """Those ordered last, newest first."""
    return ask(_QUERIES["recent"], tenant, limit, decode=_row)


_row = rows.decoder(WorkRow)

"""How far a reconnected tenant has read what moved in Xero while it was away."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("catch_ups")


class CatchUp(Value, frozen=True, kw_only=True):
    """The step that is next, and since when."""

    step: str
    moved_at: datetime


def get(tenant: TenantId) -> Statement[CatchUp]:
    """What is next; no row when there is nothing to catch up with."""
    return ask(_QUERIES["get"], tenant, decode=_catch_up)


def begin(tenant: TenantId, step: str, at: datetime) -> Statement[None]:
    """From this step on, also where an earlier one has not ended."""
    return tell(_QUERIES["begin"], [(tenant, step, rows.to_ms(at))])


def go_on(tenant: TenantId, known: CatchUp, step: str, at: datetime) -> Statement[None]:
    """This step is next, unless it was begun anew since `known` was read."""
    row = (tenant, known.step, rows.to_ms(known.moved_at), step, rows.to_ms(at))
    return tell(_QUERIES["go_on"], [row])


def end(tenant: TenantId, known: CatchUp) -> Statement[None]:
    """Nothing is left, unless it was begun anew since `known` was read."""
    return tell(_QUERIES["end"], [(tenant, known.step, rows.to_ms(known.moved_at))])


_catch_up = rows.decoder(CatchUp)

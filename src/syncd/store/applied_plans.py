"""Plans that were carried out, by their hash: the same one is not handed over twice."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("applied_plans")


def is_applied(tenant: TenantId, plan: str) -> Statement[bool]:
    """Whether the plan of this hash was carried out; one row."""
    return ask(_QUERIES["is_applied"], tenant, plan, decode=rows.decoder(bool))


def note(tenant: TenantId, plan: str, *, made_at: str, at: datetime) -> Statement[None]:
    """It was carried out."""
    return tell(_QUERIES["note"], [(tenant, plan, made_at, rows.to_ms(at))])

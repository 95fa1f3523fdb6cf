"""Plans by their hash and reports by their digest, whole as they were made; the newest are kept.

What they say proves itself, so nothing in here is changed but a report's review. Called by
`engine.long_work`.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.long_work import KeptFile
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("kept_files")
MOST_PLANS = 10
"""Of each tenant: a plan of large books is some megabytes."""
MOST_REPORTS = 100


def put_plan(
    tenant: TenantId, name: str, body: bytes, *, at: datetime, who: str
) -> tuple[Statement[None], Statement[None]]:
    """Keep a plan, and forget the oldest."""
    row = (tenant, name, rows.to_ms(at), who, body)
    return tell(_QUERIES["put_plan"], [row]), tell(_QUERIES["forget_plans"], [(tenant, MOST_PLANS)])


def plan(tenant: TenantId, name: str) -> Statement[bytes]:
    """A plan by its hash, as JSON; no row where it is not kept."""
    return ask(_QUERIES["plan"], tenant, name, decode=_body)


def plans(tenant: TenantId) -> Statement[KeptFile]:
    """The plans that are kept, newest first."""
    return ask(_QUERIES["plans"], tenant, MOST_PLANS, decode=_file)


def note_outcomes(tenant: TenantId, name: str, body: bytes) -> Statement[None]:
    """What became of a plan's items, as JSON; nothing where the plan is not kept."""
    return tell(_QUERIES["note_outcomes"], [(tenant, name, body)])


def outcomes(tenant: TenantId, name: str) -> Statement[bytes]:
    """What became of a plan's items, as JSON; no row where it was not applied."""
    return ask(_QUERIES["outcomes"], tenant, name, decode=_body)


def put_report(
    tenant: TenantId, name: str, body: bytes, *, at: datetime, who: str, ties_out: bool
) -> tuple[Statement[None], Statement[None]]:
    """Keep a report, and forget the oldest."""
    row = (tenant, name, rows.to_ms(at), who, ties_out, body)
    forget = tell(_QUERIES["forget_reports"], [(tenant, MOST_REPORTS)])
    return tell(_QUERIES["put_report"], [row]), forget


def report(tenant: TenantId, name: str) -> Statement[bytes]:
    """A report by its digest, as JSON; no row where it is not kept."""
    return ask(_QUERIES["report"], tenant, name, decode=_body)


def reports(tenant: TenantId) -> Statement[KeptFile]:
    """The reports that are kept, newest first."""
    return ask(_QUERIES["reports"], tenant, MOST_REPORTS, decode=_file)


def review(tenant: TenantId, name: str, who: str, at: datetime) -> Statement[bool]:
    """Somebody has reviewed a report; whether it ties out, no row where it is not kept."""
    return ask(_QUERIES["review"], tenant, name, rows.to_ms(at), who, decode=rows.decoder(bool))


_body = rows.decoder(bytes)
_file = rows.decoder(KeptFile)

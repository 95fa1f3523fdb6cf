"""The tenants this store serves: each one's switches, and the choices it was last decided by.

Every other room takes a `TenantId` and finds the row by name itself: the look-up costs less than
a microsecond a row, and no caller can mix up two tenants' numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("tenants")


class TenantRow(Value, frozen=True, kw_only=True):
    """A tenant's switches and choices as the store remembers them."""

    tenant: TenantId
    mode: Mode
    is_paused: bool
    is_halted: bool = False
    """By a brake."""
    is_started_by_plan: bool = False
    choices: str | None = None
    """The digest of the choices that were decided by last."""
    start_date: str | None = None
    """From which day on invoices were taken in, "" for all of them; None: none were."""


def ensure(tenants: Iterable[TenantId]) -> Statement[None]:
    """Make sure each of them is known; a new one observes."""
    return tell(_QUERIES["ensure"], [(tenant,) for tenant in tenants])


def one(tenant: TenantId) -> Statement[TenantRow]:
    """One tenant; no row when it is unknown."""
    return ask(_QUERIES["one"], tenant, decode=_tenant)


def may_write(tenant: TenantId, kind: JobKind, keys: Iterable[str]) -> Statement[None]:
    """A guard for the transaction that stores a write of these objects.

    Raises Conflict while the tenant observes, is paused or halted by a brake, or one of them is
    withheld: then nothing of that transaction is written.
    """
    return tell(_QUERIES["may_write"], [(tenant, kind, rows.json_list(keys))], must_change=1)


def set_mode(tenant: TenantId, mode: Mode) -> Statement[None]:
    """Switch between observing and writing. Raises Conflict for an unknown tenant."""
    return tell(_QUERIES["set_mode"], [(tenant, mode)], must_change=1)


def pause(tenant: TenantId, at: datetime, who: str) -> Statement[None]:
    """Hold all writes. Raises Conflict for an unknown tenant."""
    return tell(_QUERIES["pause"], [(tenant, rows.to_ms(at), who)], must_change=1)


def resume(tenant: TenantId) -> Statement[None]:
    """Let them pass. Raises Conflict for an unknown tenant."""
    return tell(_QUERIES["resume"], [(tenant,)], must_change=1)


def set_started_by(tenant: TenantId, cause: str | None) -> Statement[None]:
    """What set the tenant live though its configuration says `observe`; None: nothing any more."""
    return tell(_QUERIES["set_started_by"], [(tenant, cause)])


def set_choices(tenant: TenantId, digest: str) -> Statement[None]:
    """It is decided by the choices of this digest."""
    return tell(_QUERIES["set_choices"], [(tenant, digest)])


def set_start_date(tenant: TenantId, start_date: str) -> Statement[None]:
    """Invoices from that day on were taken in, "" for all of them."""
    return tell(_QUERIES["set_start_date"], [(tenant, start_date)])


_tenant = rows.decoder(TenantRow)

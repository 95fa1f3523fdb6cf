"""The tenants this store serves, and each one's switch: observe or live, paused or not.

Every other room takes a `TenantId` and finds the row by name itself: the look-up costs less than
a microsecond a row, and no caller can mix up two tenants' numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("tenants")


class TenantRow(Value, frozen=True, kw_only=True):
    """A tenant's switch as the store remembers it."""

    tenant: TenantId
    mode: Mode
    is_paused: bool
    is_halted: bool = False
    """By a brake."""


def ensure(tenants: Iterable[TenantId]) -> Statement[None]:
    """Make sure each of them is known; a new one observes."""
    return tell(_QUERIES["ensure"], [(tenant,) for tenant in tenants])


def one(tenant: TenantId) -> Statement[TenantRow]:
    """One tenant; no row when it is unknown."""
    return ask(_QUERIES["one"], tenant, decode=_tenant)


def may_write(tenant: TenantId, kind: JobKind, keys: Iterable[str]) -> Statement[None]:
    """A guard for the transaction that stores a write of these objects.

    Raises Conflict while the tenant is paused or halted by a brake, or one of them is withheld:
    then nothing of that transaction is written.
    """
    return tell(_QUERIES["may_write"], [(tenant, kind, rows.json_list(keys))], must_change=1)


def set_mode(tenant: TenantId, mode: Mode) -> Statement[None]:
    """Switch between observing and writing. Raises Conflict for an unknown tenant."""
    return tell(_QUERIES["set_mode"], [(tenant, mode)], must_change=1)


def set_paused(tenant: TenantId, *, is_paused: bool) -> Statement[None]:
    """Pause or resume. Raises Conflict for an unknown tenant."""
    return tell(_QUERIES["set_paused"], [(tenant, is_paused)], must_change=1)


_tenant = rows.decoder(TenantRow)

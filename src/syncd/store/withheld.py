"""Changes that a plan left out when it set its tenant live: refused ones, and those not listed.

Called by `engine.plans.service` and `engine.core.tenant_mode`, and wherever a person asks for one
object. What is withheld is held as `observing` by the worker, and `tenants.may_write` guards the
last door.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("withheld")


def carried_out(tenant: TenantId, kind: JobKind, keys: Iterable[str], plan: str) -> Statement[None]:
    """The plan of this name carries these out: nothing of them is withheld any more."""
    return tell(_QUERIES["carried_out"], [(tenant, kind, rows.json_list(keys), plan)])


def moved_since(tenant: TenantId, kind: JobKind, keys: Iterable[str]) -> Statement[None]:
    """The plan being applied has not shown what is wanted of these now, though it did before."""
    return tell(_QUERIES["moved_since"], [(tenant, kind, rows.json_list(keys))])


def withhold(tenant: TenantId, plan: str, waiting: Iterable[str]) -> Statement[str]:
    """Withhold what would be written now and this plan did not carry out; answers the keys.

    `waiting` are keys of which the plan says that they wait, and for what.
    """
    return ask(_QUERIES["withhold"], tenant, plan, rows.json_list(waiting), decode=_key)


def let_go(tenant: TenantId, kind: JobKind, keys: Iterable[str]) -> Statement[None]:
    """A person has spoken for these."""
    return tell(_QUERIES["let_go"], [(tenant, kind, rows.json_list(keys))])


def let_go_with_customer(tenant: TenantId, invoice: str, at: datetime) -> Statement[None]:
    """A person has spoken for an invoice, and so for the customer without whom it cannot go."""
    return tell(_QUERIES["let_go_with_customer"], [(tenant, invoice, rows.to_ms(at))])


def let_go_all(tenant: TenantId) -> Statement[str]:
    """A person has spoken for all of them; answers the keys."""
    return ask(_QUERIES["let_go_all"], tenant, decode=_key)


def _key(row: Row) -> str:
    return rows.text_of(row[1])

"""Brakes as they are stored: a tenant's halt, and the documents let pass, halted or released.

Written in the transaction that settles what was halted, or that a person's release moves; so the
window that brakes count survives any restart. Called by `engine.invoices.brake` and
`engine.operator.release_brake`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.brake import Braked, BrakeStep, Halt
from syncd.domain.model.money import cents
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("brakes")
_HUNDRED = Decimal(100)


class BrakedState(StrEnum):
    """PASSED counts towards the window; RELEASED passes uncounted."""

    PASSED = "passed"
    HALTED = "halted"
    RELEASED = "released"


class BrakeRow(Value, frozen=True, kw_only=True):
    """A tenant's halt; `waiting` counts the jobs it holds, whatever they would do."""

    tenant: TenantId
    halt: Halt
    halted_at: datetime
    waiting: int


class BrakedRow(Value, frozen=True, kw_only=True):
    """One document of a brake."""

    document: Braked
    state: BrakedState


class BrakeTotal(Value, frozen=True, kw_only=True):
    """Documents of one step and currency, those without money apart from those with."""

    step: BrakeStep
    currency: str
    has_money: bool
    count: int
    amount: Decimal


def get(tenant: TenantId | None = None) -> Statement[BrakeRow]:
    """The halts that stand, of all tenants or one. Counts held jobs: for a person's question."""
    return ask(_QUERIES["get"], tenant, decode=_brake)


def current_halt(tenant: TenantId) -> Statement[Halt]:
    """Why the tenant is halted; no row when it is not."""
    return ask(_QUERIES["current_halt"], tenant, decode=_halt)


def halt(tenant: TenantId, why: Halt, at: datetime) -> Statement[None]:
    """The tenant is halted; one that is already keeps its first reason."""
    return tell(_QUERIES["halt"], [(tenant, why.kind, why.text, rows.to_ms(at))])


def lift(tenant: TenantId) -> Statement[None]:
    """The tenant is halted no more. Raises Conflict when it was not."""
    return tell(_QUERIES["lift"], [(tenant,)], must_change=1)


def lift_if_clear(tenant: TenantId) -> Statement[Halt]:
    """The tenant is halted no more if no document is; why it was."""
    return ask(_QUERIES["lift_if_clear"], tenant, decode=_halt)


def of_keys(tenant: TenantId, keys: Iterable[str], since: datetime) -> Statement[BrakedRow]:
    """These documents: halted, released, or let pass since then."""
    listed = rows.json_list(keys)
    return ask(_QUERIES["of_keys"], tenant, listed, rows.to_ms(since), decode=_document)


def halted(tenant: TenantId) -> Statement[BrakedRow]:
    """Every halted document by number."""
    return ask(_QUERIES["halted"], tenant, decode=_document)


def totals(
    tenant: TenantId, state: BrakedState, since: datetime | None = None
) -> Statement[BrakeTotal]:
    """How many documents of a state since then, or ever; and by how much their totals change."""
    first = 0 if since is None else rows.to_ms(since)
    return ask(_QUERIES["totals"], tenant, state, first, decode=_total)


def put(
    tenant: TenantId, documents: Iterable[Braked], state: BrakedState, at: datetime
) -> Statement[None]:
    """These are in that state from now on."""
    now = rows.to_ms(at)
    return tell(
        _QUERIES["put"],
        [
            (
                tenant,
                *one.identity,
                one.label,
                one.xero_id,
                one.currency,
                int(cents(one.amount) * _HUNDRED),
                state,
                now,
            )
            for one in documents
        ],
    )


def forget_halted(tenant: TenantId, keys: Iterable[str] | None = None) -> Statement[None]:
    """These documents, or all of the tenant, are not halted any more."""
    if keys is None:
        return tell(_QUERIES["forget_all_halted"], [(tenant,)])
    return tell(_QUERIES["forget_halted"], [(tenant, rows.json_list(keys))])


def forget_older(tenant: TenantId, state: BrakedState, before: datetime) -> Statement[None]:
    """Forget documents of a state that came to it before then."""
    return tell(_QUERIES["forget_older"], [(tenant, state, rows.to_ms(before))])


def documents_in_xero(tenant: TenantId, *, most: int) -> Statement[int]:
    """How many linked invoices stand in Xero, counted up to `most`."""
    return ask(_QUERIES["documents_in_xero"], tenant, most, decode=_count)


_brake = rows.decoder(BrakeRow)
_halt = rows.decoder(Halt)
_document = rows.decoder(BrakedRow)
_total = rows.decoder(BrakeTotal)
_count = rows.decoder(int)

"""Tenants that were added while the daemon ran: their choices, and their secrets as sealed bytes.

The choices are JSON with the keys of a tenant's section in the configuration. Called by
`bootstrap.added_tenants`, which judges and seals them.
"""

from __future__ import annotations

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("added_tenants")


class AddedTenant(Value, frozen=True, kw_only=True):
    """What a tenant was added with."""

    not_shown = ("sealed_secrets",)

    tenant: TenantId
    choices: str
    sealed_secrets: bytes


def everyone() -> Statement[AddedTenant]:
    """All of them, by name."""
    return ask(_QUERIES["all"], decode=_added)


def put(added: AddedTenant) -> Statement[None]:
    """It is served from now on, also after a restart. The tenant itself must be known."""
    return tell(_QUERIES["put"], [(added.tenant, added.choices, added.sealed_secrets)])


def forget(tenant: TenantId) -> Statement[None]:
    """It is served no more; all else that is stored of it stays."""
    return tell(_QUERIES["forget"], [(tenant,)])


def resealed(tenant: TenantId, sealed_secrets: bytes) -> Statement[None]:
    """The same secrets under another key."""
    return tell(_QUERIES["resealed"], [(tenant, sealed_secrets)])


_added = rows.decoder(AddedTenant)

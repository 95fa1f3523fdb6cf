"""Who may call Xero for a tenant: the connection, and its tokens as sealed bytes.

    (none) ─connect─> Connected ─refresh_started─> … ─refreshed─> Connected (generation + 1)
    Connected ─expired─> TOKEN_EXPIRED ─connect─> Connected;  any ─disconnected─> Not Connected
    Connected ─refused─> Not Connected, tokens kept ─permitted─> Connected

Every change of a pair is a compare-and-set on `generation`: a refresh that comes back after a
disconnect, or loses a race, changes nothing (Conflict). The store never sees an open token.
Called by the engine's token keeper and consent.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("tokens")


class SealedPair(Value, frozen=True, kw_only=True):
    """An access and a refresh token under the vault's seal."""

    not_shown = ("access", "refresh")

    access: bytes
    access_expires_at: datetime
    refresh: bytes


class Connection(Value, frozen=True, kw_only=True):
    """A tenant's connection as it stands.

    The organisation stays known after a disconnect, so that the same one is asked for again.
    `refresh_started_at`: a refresh of this generation began then and is not settled.
    """

    not_shown = ("sealed_access", "sealed_refresh")

    tenant: TenantId
    state: ConnectionState
    organisation_id: XeroOrganisationId | None
    organisation_name: str | None
    connection_id: str | None
    connected_at: datetime | None
    generation: int
    sealed_access: bytes | None
    access_expires_at: datetime | None
    sealed_refresh: bytes | None
    refresh_issued_at: datetime | None
    refresh_started_at: datetime | None
    refresh_failed_since: datetime | None
    scopes: str | None
    note: str | None

    @property
    def is_refused(self) -> bool:
        """Not Connected for the role of whoever connected: its tokens are kept for its return."""
        return self.state.value == ConnectionState.NOT_CONNECTED.value and self.has_tokens

    @property
    def has_tokens(self) -> bool:
        """There is a grant, whether or not work may pass."""
        return self.sealed_refresh is not None


def get(tenant: TenantId) -> Statement[Connection]:
    """The tenant's connection; no row when it never had one."""
    return ask(_QUERIES["get"], tenant, decode=_connection)


def everyone() -> Statement[Connection]:
    """Every connection, by tenant."""
    return ask(_QUERIES["all"], decode=_connection)


def connect(
    tenant: TenantId,
    pair: SealedPair,
    *,
    organisation_id: XeroOrganisationId,
    organisation_name: str,
    connection_id: str | None,
    scopes: str,
    at: datetime,
) -> Statement[None]:
    """Consent was given.

    Raises Conflict when another tenant is connected to the organisation, or this tenant belongs
    to another one.
    """
    row = (
        tenant,
        organisation_id,
        organisation_name,
        connection_id,
        rows.to_ms(at),
        pair.access,
        rows.to_ms(pair.access_expires_at),
        pair.refresh,
        scopes,
    )
    return tell(_QUERIES["connect"], [row], must_change=1)


def refresh_started(tenant: TenantId, generation: int, at: datetime) -> Statement[None]:
    """To be committed before a refresh is sent. Raises Conflict: the pair is no longer this one."""
    return tell(_QUERIES["refresh_started"], [(tenant, generation, rows.to_ms(at))], must_change=1)


def refreshed(
    tenant: TenantId, generation: int, pair: SealedPair, *, at: datetime
) -> Statement[None]:
    """The new pair, to be committed before it is used. Raises Conflict: it is not wanted."""
    row = (
        tenant,
        generation,
        pair.access,
        rows.to_ms(pair.access_expires_at),
        pair.refresh,
        rows.to_ms(at),
    )
    return tell(_QUERIES["refreshed"], [row], must_change=1)


def refresh_unsent(tenant: TenantId, generation: int, at: datetime, note: str) -> Statement[None]:
    """The refresh surely was not applied: the old pair is as good as before."""
    return tell(_QUERIES["refresh_unsent"], [(tenant, generation, rows.to_ms(at), note)])


def refresh_doubtful(tenant: TenantId, generation: int, at: datetime, note: str) -> Statement[None]:
    """Nobody can say whether the refresh was applied: it stays started, and is tried again."""
    return tell(_QUERIES["refresh_doubtful"], [(tenant, generation, rows.to_ms(at), note)])


def expired(tenant: TenantId, generation: int, note: str) -> Statement[None]:
    """The grant is dead: TOKEN_EXPIRED until a person connects.

    Raises Conflict: the pair is no longer this one.
    """
    return tell(_QUERIES["expired"], [(tenant, generation, note)], must_change=1)


def refused(tenant: TenantId, generation: int, note: str) -> Statement[None]:
    """Not Connected until `permitted`: Xero refuses the role of whoever connected.

    Raises Conflict: the pair is no longer this one.
    """
    return tell(_QUERIES["refused"], [(tenant, generation, note)], must_change=1)


def permitted(tenant: TenantId, generation: int) -> Statement[None]:
    """A refused one is Connected again. Raises Conflict: it is not wanted any more."""
    return tell(_QUERIES["permitted"], [(tenant, generation)], must_change=1)


def disconnected(tenant: TenantId, generation: int, note: str) -> Statement[None]:
    """Not Connected; the tokens are forgotten, the organisation is remembered.

    Raises Conflict: the pair is no longer this one.
    """
    return tell(_QUERIES["disconnected"], [(tenant, generation, note)], must_change=1)


def resealed(
    tenant: TenantId, generation: int, *, access: bytes | None, refresh: bytes | None
) -> Statement[None]:
    """The same pair under another key. Raises Conflict when it was refreshed meanwhile."""
    return tell(_QUERIES["resealed"], [(tenant, generation, access, refresh)], must_change=1)


_connection = rows.decoder(Connection)

"""Provides bearer tokens and refreshes the pairs behind them: the Tokens port.

One refresh per tenant at a time, shared by all who met the same generation. While one is in doubt
the access token of the old pair is still handed out as long as it lives: what must never be used
again, once its successor was, is the refresh token, and no successor is used before it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import anyio

from syncd.domain.errors import Conflict, RemoteError, Throttled, Unauthorised
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.rules.tenant import connection
from syncd.engine.connection.gate import Connections, catch_up_wanted
from syncd.engine.connection.refresh import SYSTEM, Refresher
from syncd.engine.connection.role_looks import RoleLooks
from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.engine.core import journal_entries
from syncd.ports.clock import Clock
from syncd.ports.identity import Identity
from syncd.ports.observer import Observer
from syncd.ports.tokens import Bearer
from syncd.ports.vault import Vault
from syncd.store import tokens
from syncd.store.journal import RecordType
from syncd.store.tokens import Connection
from syncd.store.unit_of_work import Statement, Store, Transaction

_CUT_NOTE = (
    "The connection was removed in Xero, or the person who granted it lost access. Press Connect "
    "to Xero to go on; links, queue and history are kept."
)


class TokenService:
    """Every tenant's tokens. One per process; `retry_s` apart, an unsettled refresh is repeated."""

    def __init__(
        self,
        *,
        connections: Connections,
        store: Store,
        identity: Identity,
        vault: Vault,
        clock: Clock,
        observe: Observer,
        retry_s: float = connection.DOUBT_RETRY_S,
    ) -> None:
        self.connections = connections
        self.encryption = TokenEncryption(vault)
        self._store = store
        self._identity = identity
        self._clock = clock
        self._retry_s = retry_s
        self._refresher = Refresher(
            connections=connections,
            store=store,
            identity=identity,
            encryption=self.encryption,
            clock=clock,
            observe=observe,
            retry_s=retry_s,
        )
        self._role_looks = RoleLooks()
        self._locks: dict[TenantId, anyio.Lock] = {}

    async def bearer(self, tenant: TenantId) -> Bearer:
        """A bearer with life left; refreshed first when it has none.

        Raises Unauthorised when the gate is closed, NotSent or Throttled while a refresh that is
        needed cannot be made or is in doubt.
        """
        row = self.connections.opened(tenant)
        if not self.is_usable(row):
            row = await self._refreshed(tenant, row.generation)
        return self._bearer_of(row)

    async def renew(self, tenant: TenantId, spent: Bearer) -> Bearer:
        """After a 401: one refresh, shared by all who ask with the same `spent` bearer.

        Raises what `bearer` does, and Throttled when Xero refuses a token as young as a breath:
        to ask for the next one at once would go on for ever.
        """
        row = self.connections.opened(tenant)
        if row.generation != spent.generation:
            return await self.bearer(tenant)
        self._not_twice_in_a_breath(row)
        return self._bearer_of(await self._refreshed(tenant, row.generation))

    def check(self, tenant: TenantId) -> None:
        """The last look before a call's first byte. Raises Unauthorised: the gate has closed."""
        self.connections.opened(tenant)

    async def disconnected(self, tenant: TenantId, refused: Bearer) -> bool:
        """Xero answered 403 AuthenticationUnsuccessful: closed if its list of connections agrees.

        One refusal alone may be a hiccup, and forgotten tokens come back by a consent alone.
        """
        if not self._is_present(tenant, refused):
            return True
        if not await self._is_removed(refused.access_token, refused.organisation_id):
            return False
        if self._is_present(tenant, refused):
            closing = self._forgotten(tenant, refused.generation)
            await self._shut_for(tenant, closing, cause="disconnected_in_xero")
            self.encryption.forget(tenant)
        return True

    async def permission_missing(self, tenant: TenantId, refused: Bearer, message: str) -> None:
        """Xero answered that the grant lacks a permission: closed, with the tokens."""
        await self._refused(tenant, refused, cause="insufficient_scope", lacking=message)

    async def role_refused(self, tenant: TenantId, refused: Bearer) -> None:
        """Xero refused the role of whoever connected: closed, with the tokens, until it is back."""
        await self._refused(tenant, refused, cause="role_refused")

    async def _refused(
        self, tenant: TenantId, refused: Bearer, *, cause: str, lacking: str = ""
    ) -> None:
        if not self._is_present(tenant, refused):
            return
        note = self._role_looks.refused(tenant, lacking)
        closing = (
            tokens.refused(tenant, refused.generation, note),
            journal_entries.of_connection(tenant, note, at=self._clock.now()),
        )
        await self._shut_for(tenant, closing, cause=cause)

    async def ask_for_role(self, tenant: TenantId, who: str = journal_entries.SYNCD) -> bool:
        """Whether what Xero refused is permitted again, a role's writing; then the gate opens.

        Raises RemoteError's leaves, VaultError, StoreError.
        """
        self._role_looks.asked(tenant)
        async with self.lock(tenant):
            row = await self.connections.reread(tenant)
            if row is not None and row.is_refused and not self.is_usable(row):
                row = await self._renewed(row)
            try:
                may_write = await self._may_write(row)
            except Unauthorised as error:
                if row is None or error.cause != "token_expired":
                    await self._cut_behind(row, error)
                    raise
                # The access token ended on the way, which says nothing of the grant.
                row = await self._renewed(row)
                may_write = await self._may_write(row)
            if row is None or not row.is_refused or not may_write:
                return self.connections.is_open(tenant)
            now = self._clock.now()
            said = "Xero permits writing again: Connected."
            tx = Transaction()
            tx.add(tokens.permitted(tenant, row.generation))
            tx.add(journal_entries.of_connection(tenant, said, at=now, who=who))
            tx.add(catch_up_wanted(tenant, now))
            with suppress(Conflict):  # somebody has connected it anew, or cut it, meanwhile
                await self._store.commit(tx)
        self._role_looks.permitted(tenant)
        await self.connections.moved(tenant, cause="role_permitted")
        return self.connections.is_open(tenant)

    async def _cut_behind(self, row: Connection | None, error: Unauthorised) -> None:
        """A refused role leads nowhere any more: the connection was removed in Xero meanwhile."""
        if row is None or row.organisation_id is None or error.cause != "disconnected":
            return
        if not await self._is_removed(self.encryption.access(row), row.organisation_id):
            return
        tx = Transaction()
        tx.add_all(self._forgotten(row.tenant, row.generation))
        with suppress(Conflict):
            await self._store.commit(tx)
        await self.connections.moved(row.tenant, cause="disconnected_in_xero")
        self.encryption.forget(row.tenant)

    async def _is_removed(self, access_token: str, organisation: XeroOrganisationId) -> bool:
        """Whether Xero's list of connections is without the organisation; False for no answer."""
        try:
            listed = await self._identity.connections(access_token)
        except RemoteError:
            return False
        return all(each.organisation_id != organisation for each in listed)

    async def _renewed(self, row: Connection) -> Connection | None:
        await self._refresher.attempt(row)
        return self.connections.row(row.tenant)

    async def _may_write(self, row: Connection | None) -> bool:
        """What Xero says of a refused role; False where there is none to ask about."""
        if row is None or not row.is_refused or row.organisation_id is None:
            return False
        return await self._identity.may_write(self.encryption.access(row), row.organisation_id)

    async def refresh(self, tenant: TenantId, *, is_asked: bool = False) -> Connection:
        """Refresh now, whatever life is left; shared with a refresh that is under way.

        `is_asked`: by a person, who need not rest after a failure. Raises Unauthorised, NotSent,
        Throttled.
        """
        row = self.connections.opened(tenant)
        return await self._refreshed(tenant, row.generation, is_asked=is_asked)

    async def refresh_alone(self, row: Connection) -> None:
        """One attempt at a refresh by whoever holds the tenant's lock, even behind a shut gate."""
        await self._refresher.attempt(row)

    def delay_s(self, tenant: TenantId) -> float | None:
        """In how many seconds the next refresh is due, or the next look at a refused role.

        None behind any other closed gate.
        """
        if not self.connections.is_open(tenant):
            refused = self.connections.row(tenant)
            is_refused = refused is not None and refused.is_refused
            return self._role_looks.delay_s(tenant) if is_refused else None
        row = self.connections.opened(tenant)
        if row.refresh_started_at or row.refresh_failed_since or row.access_expires_at is None:
            return self._refresher.wait_s(tenant)
        now = self._clock.now()
        if row.refresh_issued_at is not None and row.refresh_issued_at > now:
            return 0.0  # the clock was set back: nobody knows how long the token lives still
        due_at = connection.refresh_at(row.access_expires_at, _life_s(row))
        return max(0.0, (due_at - now).total_seconds())

    def lock(self, tenant: TenantId) -> anyio.Lock:
        """Whoever holds it is alone with the tenant's grant."""
        return self._locks.setdefault(tenant, anyio.Lock())

    def is_usable(self, row: Connection) -> bool:
        """Whether the connection's access token may still be handed out."""
        if row.sealed_access is None or row.access_expires_at is None:
            return False
        return connection.is_usable(row.access_expires_at, self._clock.now(), _life_s(row))

    async def _refreshed(
        self, tenant: TenantId, spent: int, *, is_asked: bool = False
    ) -> Connection:
        async with self.lock(tenant):
            row = self.connections.opened(tenant)
            if row.generation == spent:
                if not is_asked:
                    self._not_too_soon(tenant)
                await self._refresher.attempt(row)
        return self.connections.opened(tenant)

    def _not_too_soon(self, tenant: TenantId) -> None:
        wait_s = self._refresher.wait_s(tenant)
        if wait_s > 0:
            raise Throttled(
                f"The refresh of {tenant}'s tokens is not settled; it is tried again in"
                f" {wait_s:.1f} s",
                retry_after_s=wait_s,
                limit="identity",
                system=SYSTEM,
            )

    def _not_twice_in_a_breath(self, row: Connection) -> None:
        if row.refresh_issued_at is None:
            return
        age_s = (self._clock.now() - row.refresh_issued_at).total_seconds()
        breath_s = min(self._retry_s, _life_s(row) / 4)
        if 0 <= age_s < breath_s:
            raise Throttled(
                f"Xero refused {row.tenant}'s token {age_s:.1f} s after it was issued",
                retry_after_s=breath_s - age_s,
                limit="identity",
                system=SYSTEM,
            )

    def _bearer_of(self, row: Connection) -> Bearer:
        assert row.organisation_id is not None, "an open gate leads to an organisation"
        return Bearer(
            access_token=self.encryption.access(row),
            organisation_id=row.organisation_id,
            generation=row.generation,
        )

    def _is_present(self, tenant: TenantId, refused: Bearer) -> bool:
        """Whether the gate is open on the very pair that was refused.

        A call may be answered long after it left: what Xero says of an older pair says nothing of
        what a person has granted since. Where the pair was only refreshed, the next call tells.
        """
        row = self.connections.row(tenant)
        is_open = self.connections.is_open(tenant)
        return is_open and row is not None and row.generation == refused.generation

    def _forgotten(self, tenant: TenantId, generation: int) -> tuple[Statement[None], ...]:
        at, note = self._clock.now(), _CUT_NOTE
        return (
            tokens.disconnected(tenant, generation, note),
            journal_entries.of_connection(tenant, note, at=at, record_type=RecordType.DELETE),
        )

    async def _shut_for(
        self, tenant: TenantId, closing: Iterable[Statement[None]], *, cause: str
    ) -> None:
        """Close at once, then store it; a pair that was left in the same instant closes nothing."""
        self.connections.shut(tenant)
        tx = Transaction()
        tx.add_all(closing)
        try:
            with suppress(Conflict):
                await self._store.commit(tx)
        finally:
            with anyio.CancelScope(shield=True):
                await self.connections.unshut(tenant, cause=cause)


def _life_s(row: Connection) -> float:
    """How long this access token lives, from its issue."""
    if row.access_expires_at is None or row.refresh_issued_at is None:
        return connection.ACCESS_LIFE_S
    return max(0.0, (row.access_expires_at - row.refresh_issued_at).total_seconds())

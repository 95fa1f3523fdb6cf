"""The commands Disconnect and Refresh Token, each idempotent and in the journal.

Called by the API, the command line and the console, which check the role. After the answer to
Disconnect no new call leaves: the gate is shut before anything else, and every call looks at it
once more before its first byte. Calls already on the wire are recorded when they come back.
"""

from __future__ import annotations

import anyio

from syncd.domain.errors import Conflict, RemoteError, SyncdError, Unauthorised
from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.text import wording
from syncd.engine.connection.tokens import TokenService
from syncd.engine.core import journal_entries
from syncd.ports.clock import Clock
from syncd.ports.identity import Identity
from syncd.store import tokens
from syncd.store.journal import RecordType
from syncd.store.tokens import Connection
from syncd.store.unit_of_work import Store, Transaction

_TIDY_S = 10.0
"""Revoking what leads nowhere any more is a courtesy, not worth a long wait."""
_KEPT = "Links, queue and history are kept; press Connect to Xero to go on."
_REMOVE = (
    "Xero could not be told. Remove this app in Xero under Settings > Connected apps, so that it "
    "no longer counts as connected."
)


class CommandAnswer(Value, frozen=True, kw_only=True):
    """What became of a command, in plain words."""

    is_done: bool
    status: ConnectionState
    message: str


class ConnectionCommands:
    """The two commands of the connection card beside Connect to Xero."""

    def __init__(
        self, *, tokens: TokenService, store: Store, identity: Identity, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._connections = tokens.connections
        self._store = store
        self._identity = identity
        self._clock = clock

    async def refresh(self, tenant: TenantId, who: str) -> CommandAnswer:
        """Refresh Token: renew the connection now, whatever life it has left."""
        status = self._connections.state(tenant)
        row = self._connections.row(tenant)
        if row is not None and row.is_refused:
            return await self._ask_for_role(tenant, who)
        if status is not ConnectionState.CONNECTED:
            return self._answer(
                tenant,
                f"There is nothing to refresh: {status}. Press Connect to Xero; links, queue and "
                "history are kept.",
                done=False,
            )
        try:
            await self._tokens.refresh(tenant, is_asked=True)
        except Unauthorised:
            return self._answer(tenant, self._note(tenant), done=False)
        except RemoteError as error:
            return self._answer(
                tenant,
                f"{wording.in_words(error)} Nothing is lost.",
                done=False,
            )
        said, at = "Token refreshed by hand", self._clock.now()
        await self._store.run(journal_entries.of_connection(tenant, said, at=at, who=who))
        return self._answer(tenant, "The connection was renewed.", done=True)

    async def _ask_for_role(self, tenant: TenantId, who: str) -> CommandAnswer:
        """The grant is good; what is asked for is the role of whoever gave it."""
        try:
            is_open = await self._tokens.ask_for_role(tenant, who)
        except RemoteError as error:
            row = self._connections.row(tenant)
            if row is not None and not row.has_tokens:
                return self._answer(tenant, self._note(tenant), done=False)
            said = f"Xero did not say whether it permits writing again. {wording.in_words(error)}"
            return self._answer(tenant, said, done=False)
        if is_open:
            said = "Xero permits writing again; work goes on."
            return self._answer(tenant, said, done=True)
        return self._answer(tenant, f"Nothing has changed. {self._note(tenant)}", done=False)

    async def disconnect(self, tenant: TenantId, who: str) -> CommandAnswer:
        """Disconnect: stop all synchronisation, cut the connection in Xero, forget the tokens.

        Raises StoreError when it could not be stored; then the gate is as it was.
        """
        if _is_cut(self._connections.row(tenant)):
            return self._nothing_to_cut(tenant)
        self._connections.shut(tenant)
        try:
            async with self._tokens.lock(tenant):
                return await self._cut(tenant, who)
        finally:
            with anyio.CancelScope(shield=True):
                await self._connections.unshut(tenant, cause="disconnected")

    async def _cut(self, tenant: TenantId, who: str) -> CommandAnswer:
        row = await self._usable(tenant)
        if row is None or _is_cut(row):
            return self._nothing_to_cut(tenant)
        is_removed = await self._removed(row)
        name = row.organisation_name or "Xero"
        said = f"Disconnected from {name}. {_KEPT}"
        if not is_removed:
            said = f"{said} {_REMOVE}"
        tx = Transaction()
        tx.add(tokens.disconnected(tenant, row.generation, said))
        entry = journal_entries.of_connection(
            tenant, said, at=self._clock.now(), who=who, record_type=RecordType.DELETE
        )
        tx.add(entry)
        try:
            await self._store.commit(tx)
        except Conflict:
            return await self._cut(tenant, who)  # somebody has connected it meanwhile: that, too
        self._tokens.encryption.forget(tenant)
        if is_removed:
            await self._tidy(row)
        return self._answer(tenant, said, done=True)

    async def _usable(self, tenant: TenantId) -> Connection | None:
        """The connection with an access token that lives, refreshed once for the goodbye."""
        row = await self._connections.reread(tenant)
        if row is None or row.sealed_refresh is None or self._tokens.is_usable(row):
            return row
        try:
            await self._tokens.refresh_alone(row)
        except SyncdError:
            # Dead, unreachable or not to be opened: then only the person can remove it in Xero.
            return await self._connections.reread(tenant)
        return self._connections.row(tenant)

    async def _removed(self, row: Connection) -> bool:
        if row.connection_id is None or not self._tokens.is_usable(row):
            return False
        try:
            await self._identity.disconnect(self._tokens.encryption.access(row), row.connection_id)
        except SyncdError:
            return False
        return True

    async def _tidy(self, row: Connection) -> None:
        """Revoke the grant, but only when it leads to no organisation any more.

        Revoking cuts every organisation of that person (facts §1.7), other tenants' too.
        """
        with anyio.move_on_after(_TIDY_S):
            try:
                if not await self._identity.connections(self._tokens.encryption.access(row)):
                    await self._identity.revoke(self._tokens.encryption.refresh(row))
            except SyncdError:
                return
            finally:
                self._tokens.encryption.forget(row.tenant)

    def _note(self, tenant: TenantId) -> str:
        """Why the connection is as it is, as its card says it."""
        return self._connections.card(tenant).note or ""

    def _nothing_to_cut(self, tenant: TenantId) -> CommandAnswer:
        return self._answer(tenant, f"It is not connected. {_KEPT}", done=True)

    def _answer(self, tenant: TenantId, message: str, *, done: bool) -> CommandAnswer:
        return CommandAnswer(is_done=done, status=self._connections.state(tenant), message=message)


def _is_cut(row: Connection | None) -> bool:
    """Whether nothing is left that leads to Xero."""
    if row is None:
        return True
    return row.state.value == ConnectionState.NOT_CONNECTED.value and not row.has_tokens

"""Refreshes one tenant's tokens, stored before and after: the protocol that survives crashes.

Called by `tokens` under the tenant's lock. A refresh is a write whose answer may be lost:

    refresh_started, stored ───> ask Xero ─┬─ a pair ──────> generation + 1, stored, then used
       (the first start stays)             ├─ not sent ────> as before, if it never was presented
                                           ├─ no answer ───> in doubt: asked again till settled
                                           └─ invalid_grant > read again: rotated elsewhere, or dead

Xero takes the old refresh token again for 30 minutes after its first use (facts §1.4), so a lost
answer costs nothing as long as somebody asks again in time.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import anyio

from syncd.domain.errors import (
    Conflict,
    NotRenewed,
    NotSent,
    OutcomeUnknown,
    Refused,
    RemoteError,
    StoreError,
    Throttled,
    Unauthorised,
)
from syncd.domain.facts import TokenRefreshed
from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.text import wording
from syncd.engine.connection.gate import Connections
from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.engine.core import journal_entries
from syncd.ports.clock import Clock
from syncd.ports.identity import Identity, TokenPair
from syncd.ports.observer import Observer
from syncd.store import tokens
from syncd.store.tokens import Connection
from syncd.store.unit_of_work import Store, Transaction

EXPIRED_NOTE = (
    "Xero no longer accepts this connection. Press Connect to Xero; all work waits until then and "
    "nothing is lost. If this keeps happening, check the app's permissions in Xero."
)
SYSTEM = "xero"


class _Unsaved(Value, frozen=True, kw_only=True):
    """A pair that came while the store could not take it; used by nobody until it can."""

    not_shown = ("pair",)

    generation: int
    pair: TokenPair
    asked_at: datetime


class Refresher:
    """Moves a connection to its next generation, or says why not now."""

    def __init__(
        self,
        *,
        connections: Connections,
        store: Store,
        identity: Identity,
        encryption: TokenEncryption,
        clock: Clock,
        observe: Observer,
        retry_s: float,
    ) -> None:
        self._connections = connections
        self._store = store
        self._identity = identity
        self._encryption = encryption
        self._clock = clock
        self._observe = observe
        self._retry_s = retry_s
        self._unsaved: dict[TenantId, _Unsaved] = {}
        self._next_try: dict[TenantId, tuple[int, float]] = {}
        """Of which generation, and when: another grant need not rest for it."""
        self._told_of_more: dict[TenantId, tuple[str, ...]] = {}

    def wait_s(self, tenant: TenantId) -> float:
        """How long the next attempt rests after a failed one; 0 when there was none."""
        row, known = self._connections.row(tenant), self._next_try.get(tenant)
        if known is None or row is None or row.generation != known[0]:
            return 0.0
        return max(0.0, known[1] - anyio.current_time())

    async def attempt(self, row: Connection) -> None:
        """One attempt to leave `row`'s generation; the caller holds the tenant's lock.

        Afterwards the connection is another generation's, by us or by somebody else. Raises
        Unauthorised when the grant is dead, NotSent or Throttled when this one stays.
        """
        # Also for an attempt that is cancelled: its request may still be on the wire.
        self._delay(row, self._retry_s)
        unsaved = self._unsaved.get(row.tenant)
        if unsaved is None or unsaved.generation != row.generation:
            asked_at = self._clock.now()
            pair = await self._ask(row, asked_at)
            if pair is None:
                return
            unsaved = _Unsaved(generation=row.generation, pair=pair, asked_at=asked_at)
            self._unsaved[row.tenant] = unsaved
        await self._keep(row, unsaved)

    async def _ask(self, row: Connection, asked_at: datetime) -> TokenPair | None:
        """Present the refresh token. None: somebody else has left this generation meanwhile."""
        presented = self._encryption.refresh(row)
        is_first = row.refresh_started_at is None
        # The commit is also the look at the disk, before the token is spent. A retry does not
        # wait for the disk: its time is short.
        if is_first and not await self._begin(row, asked_at):
            return None
        try:
            return await self._identity.refresh(presented)
        except Unauthorised as error:
            await self._refused(row, error)
            return None
        except (NotSent, Throttled, Refused) as error:
            # Surely not used this time; whether an earlier presentation was is still open.
            await self._failed(row, error, "unsent" if is_first else "doubtful")
            raise _put_off(row.tenant, error, self.wait_s(row.tenant)) from error
        except RemoteError as error:
            await self._failed(row, error, "doubtful")
            raise _put_off(row.tenant, error) from error

    async def _begin(self, row: Connection, at: datetime) -> bool:
        """Store that the token is about to be presented; False when it is another's."""
        try:
            with anyio.CancelScope(shield=True):
                await self._store.run(tokens.refresh_started(row.tenant, row.generation, at))
                await self._connections.reread(row.tenant)
        except Conflict:
            await self._connections.moved(row.tenant, cause="rotated_elsewhere")
            return False
        return True

    async def _keep(self, row: Connection, unsaved: _Unsaved) -> None:
        """Store the new pair; only then may it be used."""
        tenant = row.tenant
        sealed = self._encryption.pair(tenant, unsaved.pair)
        tx = Transaction()
        tx.add(tokens.refreshed(tenant, unsaved.generation, sealed, at=unsaved.asked_at))
        more = self._more_than_granted(row, unsaved.pair)
        if more:
            said = f"Xero's new token permits more than was granted: {' '.join(more)}."
            tx.add(journal_entries.of_connection(tenant, said, at=unsaved.asked_at))
        try:
            # Cancelled in here, the only copy of the pair would be lost.
            with anyio.CancelScope(shield=True):
                await self._store.commit(tx)
                self._told_of_more[tenant] = more or self._told_of_more.get(tenant, ())
                await self._connections.reread(tenant)
        except Conflict:
            # Disconnected, connected anew or rotated elsewhere meanwhile: this pair is nobody's.
            # Or it is stored, and that could not be read: then it is the one that is read now.
            await self._connections.moved(tenant, cause="rotated_elsewhere")
            self._settled(tenant)
            return
        except StoreError as error:
            raise _put_off(tenant, error) from error
        # Not before it was read again: until then the old token would be presented once more.
        self._settled(tenant)
        self._observe(TokenRefreshed(tenant=tenant, outcome="refreshed"))

    def _more_than_granted(self, row: Connection, pair: TokenPair) -> tuple[str, ...]:
        """Permissions that nobody granted, unless that was said before."""
        granted = (row.scopes or "").split()
        more = tuple(each for each in pair.scopes if granted and each not in granted)
        return () if more == self._told_of_more.get(row.tenant) else more

    async def _refused(self, row: Connection, error: Unauthorised) -> None:
        """invalid_grant: somebody else rotated the pair, or the grant is dead."""
        tenant = row.tenant
        fresh = await self._connections.reread(tenant)
        if fresh is not None and fresh.generation != row.generation:
            return
        said = "Xero no longer accepts the connection; its state is TOKEN_EXPIRED."
        tx = Transaction()
        tx.add(tokens.expired(tenant, row.generation, EXPIRED_NOTE))
        tx.add(journal_entries.of_connection(tenant, said, at=self._clock.now()))
        try:
            await self._store.commit(tx)
        except Conflict:
            # Somebody has connected it anew in the same instant.
            await self._connections.moved(tenant, cause="rotated_elsewhere")
            return
        self._settled(tenant)
        await self._connections.moved(tenant, cause="token_expired")
        self._observe(TokenRefreshed(tenant=tenant, outcome="refused"))
        raise Unauthorised(
            f"{tenant}: {EXPIRED_NOTE}", cause="token_expired", system=SYSTEM
        ) from error

    async def _failed(self, row: Connection, error: RemoteError, outcome: str) -> None:
        """Note that a refresh is not settled; a store that cannot take the note loses nothing."""
        tenant, now = row.tenant, self._clock.now()
        self._delay(row, self._delay_after(row, error, now))
        note = (
            f"The last refresh did not succeed and is tried again by itself. "
            f"{wording.what_happened(error)}"
        )
        said = tokens.refresh_unsent if outcome == "unsent" else tokens.refresh_doubtful
        with suppress(StoreError):
            await self._store.run(said(tenant, row.generation, now, note))
            await self._connections.reread(tenant)
        self._observe(TokenRefreshed(tenant=tenant, outcome=outcome))

    def _delay_after(self, row: Connection, error: RemoteError, now: datetime) -> float:
        """Every few seconds while the old token surely works again, then every minute.

        Later where Xero asks for it, but never so late that the grant is lost over it.
        """
        if isinstance(error, Throttled | OutcomeUnknown) and error.retry_after_s:
            is_in_doubt = isinstance(error, OutcomeUnknown) or row.refresh_started_at is not None
            most_s = connection.DOUBT_RETRY_LATE_S if is_in_doubt else connection.LONGEST_REST_S
            return max(self._retry_s, min(error.retry_after_s, most_s))
        since = row.refresh_started_at or row.refresh_failed_since or now
        is_in_grace = now < connection.grace_ends_at(since)
        return self._retry_s if is_in_grace else max(self._retry_s, connection.DOUBT_RETRY_LATE_S)

    def _delay(self, row: Connection, seconds: float) -> None:
        self._next_try[row.tenant] = row.generation, anyio.current_time() + seconds

    def _settled(self, tenant: TenantId) -> None:
        self._unsaved.pop(tenant, None)
        self._next_try.pop(tenant, None)


def _put_off(tenant: TenantId, error: RemoteError | StoreError, rest_s: float = 0.0) -> RemoteError:
    """The error for whoever needed a token: surely nothing of theirs was sent.

    Where Xero asks to wait they rest as long as the refresh itself does, `rest_s`.
    """
    if isinstance(error, Throttled):
        return Throttled(str(error), retry_after_s=rest_s, limit=error.limit, system=SYSTEM)
    return NotRenewed(
        f"{tenant}'s tokens could not be renewed now: {error}",
        system=SYSTEM,
        detail=error.detail if isinstance(error, RemoteError) else "",
    )

"""The gate in front of all work: every tenant's connection, in memory as it is stored.

The rooms of this column write to the store and then call `moved`; whoever asks whether work may
pass asks here and waits for nothing.

    consent ──┐                            ┌── closed_by (worker, prober, sweeps)
    tokens ───┼── store ── moved ── rows ──┼── card (API, console)
    commands ─┘                            └── on_open (wakes the tenant's loops)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from syncd.domain.errors import Unauthorised
from syncd.domain.facts import ConnectionChanged
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.tenant.connection import ConnectionState, TokenHealth
from syncd.ports.clock import Clock
from syncd.ports.observer import Observer
from syncd.store import catch_ups, tokens
from syncd.store.tokens import Connection
from syncd.store.unit_of_work import Statement, Store

CATCH_UP_WANTED = "wanted"
"""The first step of catching up: nothing was read since (`engine.sweeps.catch_up`)."""
_NEVER = ConnectionState.NOT_CONNECTED
"""The state of a tenant that never had a connection."""
_WHAT_TO_DO = {
    ConnectionState.NOT_CONNECTED: "Press Connect to Xero; all work waits until then.",
    ConnectionState.TOKEN_EXPIRED: (
        "Xero no longer accepts this connection. Press Connect to Xero; all work waits until then "
        "and nothing is lost."
    ),
}
_CATCHING_UP = (
    "What moved in Xero while it was not connected is being read. Writing begins after that, by "
    "itself."
)


class ConnectionCard(Value, frozen=True, kw_only=True):
    """What the connection card shows (Pipeline docs: Connecting Pipeline to Xero)."""

    status: ConnectionState
    organisation: str | None = None
    organisation_id: XeroOrganisationId | None = None
    connected_at: datetime | None = None
    warning: str | None = None
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    note: str | None = None
    """Why it is as it is, and what a person can do, in plain words."""


def _nobody(_: TenantId) -> None:
    return None


class Connections:
    """The gate of every tenant. `on_open` is called when work of a tenant may pass again."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        observe: Observer,
        on_open: Callable[[TenantId], None] = _nobody,
    ) -> None:
        self._store = store
        self._clock = clock
        self._observe = observe
        self.on_open = on_open
        self._rows: dict[TenantId, Connection] = {}
        self._told: dict[TenantId, ConnectionState] = {}
        self._shut: dict[TenantId, bool] = {}
        self._unreadable: dict[TenantId, str] = {}
        self._behind: dict[TenantId, bool] = {}

    async def load(self) -> tuple[Connection, ...]:
        """Read every connection; the first thing after a start. Raises StoreError."""
        rows = await self._store.fetch(tokens.everyone())
        for row in rows:
            self._rows[row.tenant] = row
            self._told[row.tenant] = self.state(row.tenant)
            await self._look_behind(row.tenant)
        return rows

    def row(self, tenant: TenantId) -> Connection | None:
        """The connection as last read; None when the tenant never had one."""
        return self._rows.get(tenant)

    def everyone(self) -> tuple[Connection, ...]:
        """Every connection as last read, in the store's order."""
        return tuple(self._rows.values())

    def state(self, tenant: TenantId) -> ConnectionState:
        """The state in the product's exact words."""
        row = self._rows.get(tenant)
        if row is None or tenant in self._shut:
            return ConnectionState.NOT_CONNECTED
        found = ConnectionState(row.state.value)
        if found is ConnectionState.CONNECTED and tenant in self._unreadable:
            return ConnectionState.TOKEN_EXPIRED
        return found

    def closed_by(self, tenant: TenantId) -> Reason | None:
        """Why all work of the tenant waits; None when the gate is open. Waits for nothing."""
        return connection.hold_reason(self.state(tenant))

    def is_open(self, tenant: TenantId) -> bool:
        """Whether work of the tenant may pass."""
        return self.closed_by(tenant) is None

    def opened(self, tenant: TenantId) -> Connection:
        """The row of an open gate. Raises Unauthorised when it is closed."""
        state = self.state(tenant)
        row = self._rows.get(tenant)
        if state is ConnectionState.CONNECTED and row is not None:
            return row
        is_expired = state is ConnectionState.TOKEN_EXPIRED
        raise Unauthorised(
            f"{tenant} is {state.value}. {_WHAT_TO_DO[state]}",
            cause="token_expired" if is_expired else "disconnected",
            system="xero",
        )

    def warning(self, tenant: TenantId) -> str | None:
        """The product's warning when refreshes fail or the refresh token ages, else None."""
        row = self._rows.get(tenant)
        if row is None or row.refresh_issued_at is None:
            return None
        health = TokenHealth(
            refresh_issued_at=row.refresh_issued_at, failing_since_at=row.refresh_failed_since
        )
        return connection.warning(self.state(tenant), health, self._clock.now())

    def card(self, tenant: TenantId) -> ConnectionCard:
        """The connection card."""
        row = self._rows.get(tenant)
        state = self.state(tenant)
        if row is None:
            return ConnectionCard(status=_NEVER, note=_WHAT_TO_DO[_NEVER])
        is_live = state is ConnectionState.CONNECTED
        issued_at = row.refresh_issued_at
        return ConnectionCard(
            status=state,
            organisation=row.organisation_name,
            organisation_id=row.organisation_id,
            connected_at=row.connected_at,
            warning=self.warning(tenant),
            access_expires_at=row.access_expires_at if is_live else None,
            refresh_expires_at=(
                connection.refresh_expires_at(issued_at) if is_live and issued_at else None
            ),
            note=self._unreadable.get(tenant) or row.note or self._what_to_do(tenant),
        )

    def _what_to_do(self, tenant: TenantId) -> str | None:
        state = self.state(tenant)
        if state is ConnectionState.CONNECTED and self.needs_catch_up(tenant):
            return _CATCHING_UP
        return _WHAT_TO_DO.get(state)

    def shut(self, tenant: TenantId) -> None:
        """Close the gate at once, before anything is stored, until `unshut`."""
        self._shut[tenant] = True

    async def set_aside(self, tenant: TenantId, why: str) -> None:
        """The stored tokens cannot be opened: as good as expired, until another consent or key.

        Nobody reads Xero meanwhile, so whoever comes back catches up first. Raises StoreError.
        """
        was_open = self.is_open(tenant)
        self._unreadable[tenant] = why
        await self._store.run(catch_up_wanted(tenant, self._clock.now()))
        await self._look_behind(tenant)
        self._tell(tenant, was_open=was_open, cause="encryption_key_lost")

    async def reread(self, tenant: TenantId) -> Connection | None:
        """Read the connection again; another process may have moved it. Raises StoreError."""
        for row in await self._store.fetch(tokens.get(tenant)):
            known = self._rows.get(tenant)
            if known is not None and known.generation > row.generation:
                continue  # read before what is known, and answered after it
            if known is not None and known.generation != row.generation:
                self._unreadable.pop(tenant, None)
            self._rows[tenant] = row
        return self._rows.get(tenant)

    async def moved(self, tenant: TenantId, *, cause: str) -> None:
        """After a commit: read it, tell a changed state, and wake work when the gate opened.

        Or when a person connected anew what was open: work may have rested for the grant before.
        """
        was_open, since = self.is_open(tenant), self._connected_at(tenant)
        await self._read_again(tenant)
        is_same = self._connected_at(tenant) == since
        self._tell(tenant, was_open=was_open and is_same, cause=cause)

    def _connected_at(self, tenant: TenantId) -> datetime | None:
        row = self._rows.get(tenant)
        return None if row is None else row.connected_at

    async def unshut(self, tenant: TenantId, *, cause: str) -> None:
        """What the gate was shut for is stored, or came to nothing: go by the store again.

        Raises StoreError when it cannot be read; then the gate is as it was before. What is open
        by that and should not be, Xero refuses; what stayed shut nobody would open again.
        """
        was_open = self.is_open(tenant)
        try:
            await self._read_again(tenant)
        finally:
            self._shut.pop(tenant, None)
            self._tell(tenant, was_open=was_open, cause=cause)

    def needs_catch_up(self, tenant: TenantId) -> bool:
        """After a reconnect: read Xero's side before the first write (`engine.sweeps.catch_up`)."""
        return self._behind.get(tenant, False)

    async def caught_up(self, tenant: TenantId) -> None:
        """What moved in Xero while the tenant was away may have been read: ask the store."""
        await self._look_behind(tenant)

    async def _read_again(self, tenant: TenantId) -> None:
        await self.reread(tenant)
        await self._look_behind(tenant)

    async def _look_behind(self, tenant: TenantId) -> None:
        behind = await self._store.fetch(catch_ups.get(tenant))
        self._behind[tenant] = bool(behind)

    def _tell(self, tenant: TenantId, *, was_open: bool, cause: str) -> None:
        state = self.state(tenant)
        if tenant not in self._shut and state is not self._told.get(tenant, _NEVER):
            self._told[tenant] = state
            row = self._rows.get(tenant)
            organisation = row.organisation_name if row is not None else None
            self._observe(
                ConnectionChanged(
                    tenant=tenant, state=state.value, organisation=organisation or "", cause=cause
                )
            )
        if self.is_open(tenant) and not was_open:
            self.on_open(tenant)


def catch_up_wanted(tenant: TenantId, at: datetime) -> Statement[None]:
    """For the transaction that reconnects: Xero's side is to be read before the first write."""
    return catch_ups.begin(tenant, CATCH_UP_WANTED, at)

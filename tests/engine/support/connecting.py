"""A connection column on a real store file, with a pretend Xero identity that counts its sins.

The identity rotates as Xero does (facts §1.4): a used refresh token works 30 minutes longer. It
notes every rule a client may break: two refreshes of one token in flight, or a refresh token
presented after its successor, or the access token that came with it, was used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import anyio

from syncd.domain.errors import NotSent, OutcomeUnknown, RemoteError, Throttled, Unauthorised
from syncd.domain.facts import Fact
from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.settings import Mode, TenantPolicy
from syncd.engine.connection import refresh_rounds
from syncd.engine.connection.commands import ConnectionCommands
from syncd.engine.connection.consent import ConsentFlow
from syncd.engine.connection.consent_outcome import Connected, ConsentOpened
from syncd.engine.connection.gate import Connections
from syncd.engine.connection.tokens import TokenService
from syncd.ports.clock import Clock
from syncd.ports.entropy import Entropy
from syncd.ports.identity import Consent, Identity, OrganisationConnection, TokenPair
from syncd.ports.tokens import Bearer
from syncd.runtime.vault import FernetVault, new_encryption_key
from syncd.store import tenants
from syncd.store.unit_of_work import Store
from tests.engine.support.mortal import Killed, Mortal
from tests.support import stores
from tests.support.stores import driver_at

ACME = TenantId("acme")
BETA = TenantId("beta")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORG = XeroOrganisationId("org-1")
OTHER_ORG = XeroOrganisationId("org-2")
SCOPES = ("offline_access", "accounting.invoices", "accounting.contacts")
GRACE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=60)
KEYS = new_encryption_key()


class PretendClock:
    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


class Chance:
    """Unlike texts, in order."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def child(self, name: str) -> Chance:  # noqa: ARG002  (the port's)
        return self

    def draw(self) -> float:
        return 0.5

    def token(self, n_bytes: int) -> str:
        return f"chance-{next(self._numbers)}-".ljust(n_bytes, "x")


@dataclass
class Issued:
    """One refresh token at the identity."""

    pair: TokenPair
    issued_at: datetime
    parent: str | None = None
    first_used_at: datetime | None = None
    is_revoked: bool = False


@dataclass(repr=False)
class PretendIdentity:
    """Xero's identity service. `script` says how the next calls go; then all go well.

    It knows every token, as Xero does: whoever shows it would show them.
    """

    clock: PretendClock
    granted: tuple[str, ...] = SCOPES
    life_s: float = 1800.0
    script: list[str] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)
    """How the next disconnects go."""
    listed: list[OrganisationConnection] = field(default_factory=list)
    tokens: dict[str, Issued] = field(default_factory=dict)
    sins: list[str] = field(default_factory=list)
    refreshes: int = 0
    asked_with: list[str] = field(default_factory=list)
    """The access tokens of its API calls, in order."""
    removed: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    exchanged: list[tuple[str, str]] = field(default_factory=list)
    event: str = "event-1"
    codes: dict[str, str] = field(default_factory=dict)
    skew: timedelta = timedelta(0)
    is_role_good: bool = True
    while_asked: Callable[[], Awaitable[None]] | None = None
    """What happens in the world while the role is asked for, once."""
    role_errors: list[RemoteError] = field(default_factory=list)
    """How the next questions about the role go."""
    list_errors: list[RemoteError] = field(default_factory=list)
    """How the next listings of connections go."""
    exchange_error: Exception | None = None
    refuse_with: Exception | None = None
    """What every refresh ends with."""
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What happens in the world while a refresh is on its way."""
    while_listing: Callable[[], Awaitable[None]] | None = None
    """What happens in the world while connections are listed, once."""
    while_cutting: Callable[[], Awaitable[None]] | None = None
    """What happens in the world while a disconnect is on its way, once."""
    _in_flight: dict[str, int] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def consent(self) -> Consent:
        number = self._numbers()
        return Consent(
            url=f"https://login.example/authorize?state=state-{number}",
            state=f"state-{number}",
            verifier=f"verifier-{number}",
        )

    def missing_scopes(self, granted: Sequence[str]) -> tuple[str, ...]:
        return tuple(scope for scope in SCOPES if scope not in granted)

    async def exchange(self, code: str, verifier: str) -> TokenPair:
        self.exchanged.append((code, verifier))
        await anyio.lowlevel.checkpoint()
        if self.exchange_error is not None:
            raise self.exchange_error
        if code != "good":
            raise Unauthorised("invalid_grant", cause="token_expired")
        return self.issue()

    async def refresh(self, refresh_token: str) -> TokenPair:
        self._in_flight[refresh_token] = self._in_flight.get(refresh_token, 0) + 1
        if self._in_flight[refresh_token] > 1:
            self.sins.append("two refreshes of one token in flight")
        try:
            await anyio.lowlevel.checkpoint()
            if self.meanwhile is not None:
                await self.meanwhile()
            if self.refuse_with is not None:
                raise self.refuse_with
            return self._refresh(refresh_token, self.script.pop(0) if self.script else "well")
        finally:
            self._in_flight[refresh_token] -= 1

    async def connections(self, access_token: str) -> tuple[OrganisationConnection, ...]:
        await anyio.lowlevel.checkpoint()
        self.asked_with.append(access_token)
        if self.list_errors:
            raise self.list_errors.pop(0)
        if self.while_listing is not None:
            meanwhile, self.while_listing = self.while_listing, None
            await meanwhile()
        return tuple(self.listed)

    async def may_write(self, access_token: str, organisation: XeroOrganisationId) -> bool:
        await anyio.lowlevel.checkpoint()
        self.asked_with.append(access_token)
        if self.while_asked is not None:
            meanwhile, self.while_asked = self.while_asked, None
            await meanwhile()
        if self.role_errors:
            raise self.role_errors.pop(0)
        return self.is_role_good and bool(organisation)

    async def disconnect(self, access_token: str, connection_id: str) -> None:
        await anyio.lowlevel.checkpoint()
        self.asked_with.append(access_token)
        if self.while_cutting is not None:
            meanwhile, self.while_cutting = self.while_cutting, None
            await meanwhile()
        if self.cuts and self.cuts.pop(0) == "unreached":
            raise OutcomeUnknown("nobody answered")
        self.removed.append(connection_id)
        self.listed = [one for one in self.listed if one.id != connection_id]

    async def revoke(self, refresh_token: str) -> None:
        await anyio.lowlevel.checkpoint()
        self.revoked.append(refresh_token)

    def issue(self, parent: str | None = None) -> TokenPair:
        number = self._numbers()
        now = self.clock.now()
        pair = TokenPair(
            access_token=f"canary-access-{number}",
            refresh_token=f"canary-refresh-{number}",
            access_expires_at=now + timedelta(seconds=self.life_s),
            scopes=self.granted,
            authentication_event_id=self.event,
            issued_at=now + self.skew,
        )
        self.tokens[pair.refresh_token] = Issued(pair=pair, issued_at=now, parent=parent)
        return pair

    def note_use(self, bearer: Bearer) -> None:
        """A call arrives at the API: whatever came before this pair must never come again."""
        for issued in self.tokens.values():
            if issued.pair.access_token == bearer.access_token and issued.parent is not None:
                self.used_successors.append(issued.parent)

    used_successors: list[str] = field(default_factory=list)

    def kill_grant(self) -> None:
        for issued in self.tokens.values():
            issued.is_revoked = True

    def _refresh(self, token: str, how: str) -> TokenPair:
        match how:
            case "unsent":
                raise NotSent("refused connection")
            case "throttled":
                raise Throttled("slow down", retry_after_s=30.0, limit="identity")
            case "unreached":
                raise OutcomeUnknown("no answer")
            case "killed_before":
                raise Killed
            case _:
                pair = self._rotate(token)
        if how == "lost":
            raise OutcomeUnknown("the answer was lost")
        if how == "killed_after":
            raise Killed
        return pair

    def _rotate(self, token: str) -> TokenPair:
        self.refreshes += 1
        now, issued = self.clock.now(), self.tokens.get(token)
        if token in self.used_successors:
            self.sins.append("a refresh token came after its successor was used")
        if issued is None or issued.is_revoked or now > issued.issued_at + REFRESH_LIFE:
            raise Unauthorised("invalid_grant", cause="token_expired")
        if issued.first_used_at is None:
            issued.first_used_at = now
        if now > issued.first_used_at + GRACE:
            raise Unauthorised("invalid_grant", cause="token_expired")
        if issued.parent is not None:
            self.used_successors.append(issued.parent)
        return self.issue(parent=token)


@dataclass
class World:
    """One process's column over the store; `restart` is the next process on the same file."""

    path: Path
    clock: Any
    identity: Any
    chance: Any
    retry_s: float
    told: list[Fact] = field(default_factory=list)
    woken: list[TenantId] = field(default_factory=list)
    fails_commit: list[BaseException | None] = field(default_factory=list)
    """How the next commits go; None is well."""
    keys: str = KEYS
    policies: dict[TenantId, TenantPolicy] = field(
        default_factory=lambda: {
            tenant: TenantPolicy(
                tenant=tenant, invoice_url="https://app.test/invoices/{id}", mode=Mode.LIVE
            )
            for tenant in (ACME, BETA)
        }
    )

    async def start(self) -> None:
        self.driver = Mortal(driver_at(self.path, before_commit=self._before_commit))
        self.store = Store(self.driver)
        self.vault = FernetVault(self.keys)
        self.connections = Connections(
            store=self.store,
            clock=self.clock,
            observe=self.told.append,
            on_open=self.woken.append,
        )
        self.tokens = TokenService(
            connections=self.connections,
            store=self.store,
            identity=self.identity,
            vault=self.vault,
            clock=self.clock,
            observe=self.told.append,
            retry_s=self.retry_s,
        )
        self.flow = ConsentFlow(
            tokens=self.tokens,
            store=self.store,
            identity=self.identity,
            clock=self.clock,
            entropy=self.chance,
            observe=self.told.append,
            policies=self.policies,
            public_url="https://sync.example",
        )
        self.commands = ConnectionCommands(
            tokens=self.tokens, store=self.store, identity=self.identity, clock=self.clock
        )
        await refresh_rounds.start_up(self.tokens)

    async def restart(self) -> None:
        self.fails_commit = []
        await self.driver.close()
        await self.start()

    def kill_next_commit(self, number: int) -> None:
        """The process dies inside the COMMIT that comes `number` transactions from now."""
        self.fails_commit = [None] * (number - 1) + [Killed()]

    async def connect(self, tenant: TenantId = ACME, organisation: str = ORG) -> None:
        """Through the whole consent, as a browser would."""
        self.identity.listed.append(listed(organisation, event=self.identity.event))
        offer = await self.flow.start(tenant, "Ada")
        opened = await self.flow.open(offer.ticket)
        assert isinstance(opened, ConsentOpened), opened
        outcome = await self.flow.finish({"state": opened.cookie, "code": "good"}, opened.cookie)
        assert isinstance(outcome, Connected), outcome

    async def call_xero(self, tenant: TenantId = ACME) -> Bearer:
        """A call with a bearer, as the identity sees it."""
        bearer = await self.tokens.bearer(tenant)
        self.identity.note_use(bearer)
        return bearer

    def in_hand(self, tenant: TenantId = ACME) -> Bearer:
        """What a call carries that left with the present pair."""
        row = self.connections.row(tenant)
        assert row is not None
        organisation = XeroOrganisationId(row.organisation_id or "")
        return Bearer(access_token="", organisation_id=organisation, generation=row.generation)

    async def cut_off(self, tenant: TenantId = ACME) -> None:
        """Xero answers a call that the connection was removed there, and lists it no more."""
        in_hand = self.in_hand(tenant)
        self.identity.listed = [
            one for one in self.identity.listed if one.organisation_id != in_hand.organisation_id
        ]
        assert await self.tokens.disconnected(tenant, in_hand)

    async def lose_role(self) -> None:
        """Xero answers a call that the role of whoever connected permits no writing."""
        await self.tokens.role_refused(ACME, self.in_hand())

    def _before_commit(self) -> None:
        error = self.fails_commit.pop(0) if self.fails_commit else None
        if error is not None:
            raise error


def listed(
    organisation: str = ORG, *, event: str = "event-1", name: str = "", at: datetime = AT
) -> OrganisationConnection:
    return OrganisationConnection(
        id=f"connection-{organisation}",
        organisation_id=XeroOrganisationId(organisation),
        name=name or f"{organisation} Ltd",
        authentication_event_id=event,
        created_at=at,
        updated_at=at,
    )


@asynccontextmanager
async def a_world_with(
    folder: Path, *, identity: Identity, clock: Clock, chance: Entropy
) -> AsyncIterator[World]:
    """The column against another identity, such as the pretend Xero's."""
    path = folder / "store.db"
    await _lay(path, (ACME, BETA))
    world = World(path=path, clock=clock, identity=identity, chance=chance, retry_s=0.0)
    await world.start()
    yield world
    await world.driver.close()


@asynccontextmanager
async def a_world(
    folder: Path, *, retry_s: float = 0.0, tenants_known: Sequence[TenantId] = (ACME, BETA)
) -> AsyncIterator[World]:
    path = folder / "store.db"
    await _lay(path, tenants_known)
    clock = PretendClock()
    world = World(
        path=path,
        clock=clock,
        identity=PretendIdentity(clock=clock),
        chance=Chance(),
        retry_s=retry_s,
    )
    await world.start()
    yield world
    await world.driver.close()


async def _lay(path: Path, known: Sequence[TenantId]) -> None:
    driver = driver_at(path)
    await Store(driver).run(tenants.ensure(known))
    await driver.close()


def all_bytes(folder: Path) -> bytes:
    """Everything in the store's files, the WAL included; of a database, all its rows."""
    if stores.ON_POSTGRESQL:
        return stores.every_byte(folder / "store.db")
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())

"""A tenant connected to the pretend Xero, spoken to without sockets and in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import anyio

from syncd.domain.errors import OutcomeUnknown
from syncd.domain.facts import CallMade
from syncd.domain.ids import (
    IdempotencyKey,
    PipelineCustomerId,
    TenantId,
    XeroContactId,
    XeroOrganisationId,
)
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.invoice import InvoiceWrite, LiveInvoice
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sliding_window import AllowanceLimits
from syncd.lab.virtual.virtual_loop import VirtualLoop
from syncd.ports.identity import TokenPair
from syncd.ports.ledger import (
    ContactAnswer,
    ElementApplied,
    InvoiceAnswer,
)
from syncd.ports.tokens import Bearer
from syncd.ports.transport import HttpRequest, HttpResponse
from syncd.runtime.system_entropy import SystemEntropy
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.server.app import XeroWorld
from syncd.xero.client import XeroClient
from syncd.xero.ledger import XeroLedger
from syncd.xero.oauth import XeroApp, XeroIdentity
from syncd.xero.quota import Quota
from tests.xero.support import invoices

TENANT = TenantId("acme")
START = 1_795_306_500.0  # 22 November 2026
REDIRECT = "https://sync.example/oauth/xero/callback"
API = "https://api.xero.com"


def virtually(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run `main` on a loop whose time jumps."""
    return anyio.run(main, backend="asyncio", backend_options={"loop_factory": VirtualLoop})


async def passes(seconds: float) -> None:
    """Virtual time passes."""
    await anyio.sleep(seconds)


class WorldTransport:
    """The Transport port straight into a pretend world; keeps every request it carried."""

    def __init__(self, world: XeroWorld, *, latency_s: float = 0.0) -> None:
        self.world = world
        self.latency_s = latency_s
        self.sent: list[HttpRequest] = []
        self.answers: list[HttpResponse] = []
        """Given in place of the world's own, while there are some."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        if self.answers:
            return self.answers.pop(0)
        parts = urlsplit(request.url)
        arrived = Request(
            method=request.method,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body or b"",
            raw_query=parts.query,
        )
        response = self.world.begin(arrived)
        if response is None:
            try:
                if self.latency_s:
                    await anyio.sleep(self.latency_s)
                response = self.world.handle(arrived)
            finally:
                self.world.end(arrived)
        if response.drop is not None:
            raise OutcomeUnknown(f"the answer was lost: {response.drop}", system="xero")
        return HttpResponse(
            status=response.status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=response.body,
            wire_bytes=len(response.body),
        )


@dataclass
class WorldClock:
    """The Clock port on the pretend world's time."""

    world: XeroWorld

    def now(self) -> datetime:
        return self.world.clock.utc()


@dataclass
class OnePair:
    """The Tokens port over one pair, refreshed when asked."""

    identity: XeroIdentity
    pair: TokenPair
    organisation: XeroOrganisationId
    generation: int = 1
    renewals: int = 0
    is_stuck: bool = False
    """Renewing brings the same pair again."""
    cut_off: list[TenantId] = field(default_factory=list)

    async def bearer(self, tenant: TenantId) -> Bearer:
        assert tenant == TENANT
        return Bearer(
            access_token=self.pair.access_token,
            organisation_id=self.organisation,
            generation=self.generation,
        )

    async def renew(self, tenant: TenantId, spent: Bearer) -> Bearer:
        if spent.generation == self.generation and not self.is_stuck:
            self.renewals += 1
            self.pair = await self.identity.refresh(self.pair.refresh_token)
            self.generation += 1
        return await self.bearer(tenant)

    def check(self, tenant: TenantId) -> None:
        assert tenant == TENANT

    async def disconnected(self, tenant: TenantId, refused: Bearer) -> bool:
        assert refused.generation == self.generation
        listed = await self.identity.connections(refused.access_token)
        if any(one.organisation_id == refused.organisation_id for one in listed):
            return False
        self.cut_off.append(tenant)
        return True

    async def permission_missing(self, tenant: TenantId, refused: Bearer, message: str) -> None:
        assert message
        assert refused.generation == self.generation
        self.cut_off.append(tenant)

    async def role_refused(self, tenant: TenantId, refused: Bearer) -> None:
        assert refused.generation == self.generation
        self.cut_off.append(tenant)


@dataclass
class Connected:
    """A pretend Xero and everything of ours that is connected to it."""

    world: XeroWorld
    transport: WorldTransport
    clock: WorldClock
    app: XeroApp
    identity: XeroIdentity
    tokens: OnePair
    quota: Quota
    client: XeroClient
    ledger: XeroLedger
    calls: list[CallMade]
    keys: int = 0

    async def write(self, *writes: InvoiceWrite, key: str = "") -> tuple[InvoiceAnswer, ...]:
        """Prepare and send invoices of one kind."""
        answers: tuple[InvoiceAnswer, ...] = ()
        for call in self.ledger.prepare_invoices(writes):
            some = writes[len(answers) : len(answers) + call.elements]
            answers += await self.ledger.send_invoices(
                TENANT, call, some, idempotency_key=self.key(key), not_after=None
            )
        return answers

    async def write_contacts(self, *writes: ContactWrite) -> tuple[ContactAnswer, ...]:
        """Prepare and send contacts of one kind."""
        (call,) = self.ledger.prepare_contacts(writes)
        return await self.ledger.send_contacts(
            TENANT, call, writes, idempotency_key=self.key(), not_after=None
        )

    async def contact(self, name: str = "Acme Ltd", number: str = "cust-1") -> XeroContactId:
        """A contact of that name."""
        (answer,) = await self.write_contacts(
            ContactWrite(pipeline_id=PipelineCustomerId(number), number=number, name=name)
        )
        assert isinstance(answer, ElementApplied), answer
        return answer.live.id

    def key(self, key: str = "") -> IdempotencyKey:
        self.keys += 1
        return IdempotencyKey(key or f"key-{self.keys}")

    def do(self, **command: Any) -> dict[str, Any]:
        """What the bookkeeper does."""
        return self.world.bookkeeper(command)


def played(world: Callable[[Connected], Coroutine[Any, Any, None]], **switches: Any) -> None:
    """Play `world` against a fresh Xero with these switches, with no limit in its way."""

    async def main() -> None:
        plenty = AllowanceLimits(minute=10_000)
        await world(await connect(allowance=plenty, minute_limit=10_000, **switches))

    virtually(main)


async def created(xero: Connected, number: str = "PL-1", **changes: Any) -> LiveInvoice:
    """An invoice of that number, as Xero's answer shows it."""
    contact = changes.pop("contact_id", None) or await xero.contact()
    (answer,) = await xero.write(invoices.create(number, contact_id=contact, **changes))
    assert isinstance(answer, ElementApplied), answer
    return answer.live


async def connect(
    *,
    latency_s: float = 0.0,
    allowance: AllowanceLimits | None = None,
    organisations: int = 1,
    **switches: Any,
) -> Connected:
    """A fresh world on the running loop's time, with its first organisation connected."""
    settings = Switches()
    settings.turn(switches)
    # Asked a thousand times a story: not by anyio, which finds out which loop runs each time.
    time = asyncio.get_running_loop().time
    began_s = time()
    clock = SandboxClock(lambda: START + time() - began_s)
    world = XeroWorld(
        clock=clock,
        seed=7,
        switches=settings,
        organisations=organisations,
        redirect_uris=[REDIRECT],
    )
    transport, own_clock = WorldTransport(world, latency_s=latency_s), WorldClock(world)
    app = XeroApp(
        client_id=world.client_id, client_secret=world.client_secret, redirect_uri=REDIRECT
    )
    identity = XeroIdentity(transport, app=app, clock=own_clock, entropy=SystemEntropy())
    pair = await consented(world, identity)
    (organisation,) = await identity.connections(pair.access_token)
    tokens = OnePair(identity, pair, organisation.organisation_id)
    calls: list[CallMade] = []
    quota = Quota(allowance)
    client = XeroClient(
        transport,
        api_url=API,
        tokens=tokens,
        clock=own_clock,
        quota=quota,
        on_call=calls.append,
    )
    ledger = XeroLedger(client, clock=own_clock)
    transport.sent.clear()
    return Connected(
        world, transport, own_clock, app, identity, tokens, quota, client, ledger, calls
    )


async def consented(world: XeroWorld, identity: XeroIdentity, *, org: int = 1) -> TokenPair:
    """A person at Xero who approves; and the pair for the code that comes back."""
    consent = identity.consent()
    back = visit(world, f"{consent.url}&org={org}")
    assert back["state"] == consent.state
    return await identity.exchange(back["code"], consent.verifier)


def visit(world: XeroWorld, url: str) -> dict[str, str]:
    """What a browser brings back to the redirect address."""
    parts = urlsplit(url)
    response = world.handle(
        Request(method="GET", path=parts.path, query=dict(parse_qsl(parts.query)))
    )
    assert response.status == 302, response
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


__all__ = ["TENANT", "Connected", "Lane", "connect", "virtually"]

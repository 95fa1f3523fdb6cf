"""Xero's webhooks in the rounds between both worlds: posted by its own sender, into the inbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from syncd.domain.errors import RemoteError
from syncd.domain.facts import WebhooksDigested
from syncd.domain.ids import IncarnationId, TenantId, XeroOrganisationId
from syncd.engine.core.context import SyncContext
from syncd.engine.recovery import lease_reaper
from syncd.engine.webhooks import process_events
from syncd.engine.webhooks.inbox import Inbox
from syncd.xero.webhooks import XeroWebhookReader
from tests.engine.support import rounds as played
from tests.engine.support.rounds import Rounds
from tests.xero.support.worlds import TENANT, passes

STEP_S = 0.25


@dataclass
class Coming:
    """The rounds, and a receiver without a socket."""

    rounds: Rounds
    inbox: Inbox
    reader: XeroWebhookReader
    is_open: bool = True

    @property
    def context(self) -> SyncContext:
        return self.rounds.context

    def do(self, command: str, **fields: Any) -> dict[str, Any]:
        """The bookkeeper's hand."""
        return self.rounds.xero.do(do=command, **fields)

    async def post(self) -> int:
        """Let Xero post what is due; how many deliveries it was."""
        world = self.rounds.xero.world
        due = world.webhooks.due(world.clock.now())
        for delivery in due:
            status = 401
            if self.reader.is_signed(delivery.body, delivery.headers["x-xero-signature"]):
                await self.inbox.accept(self.reader.read(delivery.body))
                status = 200
            world.webhooks.answered(delivery, status, world.clock.now())
        return len(due)

    async def digest(self) -> float | None:
        try:
            return await process_events.process_once(
                self.context, TENANT, is_open=lambda _: self.is_open
            )
        except RemoteError:
            return 1.0

    async def after(self, seconds: float) -> None:
        """Let time pass in small steps, everybody at work."""
        left = seconds
        while left > 0:
            await passes(STEP_S)
            left -= STEP_S
            await self.post()
            await self.digest()
            await self.rounds.turn()

    async def silent(self, seconds: float) -> None:
        """Let time pass with the digest asleep: events are posted and kept."""
        left = seconds
        while left > 0:
            await passes(STEP_S)
            left -= STEP_S
            await self.post()

    async def reborn(self) -> None:
        """Another process on the same store: nothing in memory survives."""
        self.rounds.context = replace(self.context, incarnation=IncarnationId("boot-2"))
        await lease_reaper.start_up(self.context)
        self.inbox = inbox_of(self.rounds)
        await self.inbox.start_up()

    # --- seeing

    def payments(self, invoice: str) -> list[dict[str, Any]]:
        """What Pipeline was told of an invoice's money, deleted ones included."""
        tenant = self.rounds.pipeline.dump()["tenants"][TENANT]
        return list(tenant["payments"].get(invoice, {}).values())

    def document(self, invoice: str) -> dict[str, Any]:
        """The invoice as it stands in Xero."""
        own = self.rounds.xero_id(invoice)
        (one,) = [each for each in self.rounds.books() if each["InvoiceID"] == own]
        return one

    def assert_money_agrees(self, invoice: str) -> None:
        """Total Paid, credits and Amount Outstanding in Pipeline are Xero's, to the cent."""
        stands, told = self.document(invoice), self.rounds.result(invoice)
        assert _amounts(told, "amountPaid", "amountCredited", "amountDue") == _amounts(
            stands, "AmountPaid", "AmountCredited", "AmountDue"
        )
        assert told["xeroStatus"] == stands["Status"]
        sums = Counter[bool]()
        for one in self.payments(invoice):
            if one["status"] == "Authorised":
                sums[one["type"] == "Payment"] += Decimal(str(one["amount"]))
        assert sums[True] == Decimal(str(stands["AmountPaid"]))
        assert sums[False] == Decimal(str(stands["AmountCredited"]))

    def verdicts(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for fact in self.rounds.told:
            if isinstance(fact, WebhooksDigested):
                found.update(dict(fact.verdicts))
        return found

    def reads(self) -> int:
        """How often invoices were read."""
        return self.rounds.calls("GET Invoices")


def _amounts(found: dict[str, Any], *names: str) -> list[Decimal]:
    return [Decimal(str(found[name])) for name in names]


def inbox_of(rounds: Rounds) -> Inbox:
    """A receiver of events on the rounds' store."""
    ours = rounds.xero.tokens.organisation

    def tenant_of(organisation: XeroOrganisationId) -> TenantId | None:
        return TENANT if organisation == ours.lower() else None

    context = rounds.context
    return Inbox(
        store=context.store, clock=context.clock, observe=context.observe, tenant_of=tenant_of
    )


def play(story: Callable[[Coming], Coroutine[Any, Any, None]], **switches: Any) -> None:
    """Play `story` with Xero's webhooks aimed at us; `switches` are the pretend Xero's."""

    async def with_webhooks(rounds: Rounds) -> None:
        world = rounds.xero.world
        world.switches.turn(switches)
        coming = Coming(
            rounds=rounds,
            inbox=inbox_of(rounds),
            reader=XeroWebhookReader((world.webhook_key,), clock=rounds.context.clock),
        )
        await coming.inbox.start_up()
        world.webhooks.aim("https://sync.example/webhooks/xero")
        await coming.post()
        assert world.webhooks.state == "healthy"
        await story(coming)

    played.play(with_webhooks)


async def synced(coming: Coming, number: str = "PL-1") -> str:
    """An invoice that stands in Xero, its own event digested."""
    rounds = coming.rounds
    held = rounds.pipeline.dump()["tenants"][TENANT]["customers"]
    customer = next(iter(held), None) or rounds.customer()
    invoice = rounds.invoice(customer, number, reference="PO 1")
    await coming.after(5)
    assert rounds.result(invoice)["state"] == "synced", rounds.result(invoice)
    return invoice

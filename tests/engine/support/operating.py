"""Operations over a real store, with a gate, buttons and an allowance that tests set by hand."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import msgspec

from syncd.domain.facts import Fact
from syncd.domain.ids import (
    IncarnationId,
    InstallationId,
    PipelineInvoiceId,
    TenantId,
    XeroInvoiceId,
    XeroOrganisationId,
)
from syncd.domain.model.cause import HoldCause
from syncd.domain.model.explanation import XeroNote
from syncd.domain.model.invoice import LiveInvoice, MoneyKind
from syncd.domain.model.job import JobKind, JobState, PublicState, Reason
from syncd.domain.model.limits import Limits
from syncd.domain.model.planned_run import PlannedRun
from syncd.domain.model.result import (
    Difference,
    InvoiceResult,
    MovedBy,
    PaymentResult,
    PaymentStatus,
)
from syncd.domain.model.settings import (
    CodeMapping,
    Mode,
    OrganisationSettings,
    Policies,
    TenantPolicy,
)
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.core.context import SyncContext
from syncd.engine.core.tenant_keeping import TenantOrder, TenantRefusal
from syncd.engine.operator.operations import Operations
from syncd.engine.samples.fold import SampleFold
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger_sweeps import ListPage
from syncd.ports.rows import Rows
from syncd.runtime.system_entropy import SystemEntropy
from syncd.store import desired, jobs, links, results, settings, tenants
from syncd.store.desired import DesiredChange
from syncd.store.jobs import JobSettlement
from syncd.store.links import Link
from syncd.store.results import ResultKey, ResultKind
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, customer, invoice, later, snapshot, wish
from tests.support.stores import Disk, driver_at

ORGANISATION = XeroOrganisationId("o1")
RUN = IncarnationId("this-run")
URL = "https://sync.example.com/connect/xero?ticket=t"
TOTAL = Difference(field="total", pipeline="115", xero="120", agreed="100", moved_by=MovedBy.BOTH)


@dataclass(frozen=True, kw_only=True)
class Offer:
    url: str = URL
    expires_at: datetime = AT + timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Pressed:
    is_done: bool
    message: str


@dataclass(frozen=True, kw_only=True)
class ShownCard:
    status: ConnectionState
    organisation: str | None = "Demo Company"
    organisation_id: XeroOrganisationId | None = ORGANISATION
    connected_at: datetime | None = AT
    warning: str | None = connection.WARNING
    access_expires_at: datetime | None = AT + timedelta(minutes=30)
    refresh_expires_at: datetime | None = AT + timedelta(days=60)
    note: str | None = None


@dataclass
class Column:
    """The connection column: its state is set by hand, and it remembers what was pressed."""

    state: ConnectionState = ConnectionState.CONNECTED
    is_willing: bool = True
    pressed: list[tuple[str, str, str]] = field(default_factory=list)

    def card(self, _: TenantId) -> ShownCard:
        return ShownCard(status=self.state)

    def closed_by(self, _: TenantId) -> Reason | None:
        return connection.hold_reason(self.state)

    async def start(self, tenant: TenantId, who: str) -> Offer:
        self.pressed.append(("connect", tenant, who))
        return Offer()

    async def refresh(self, tenant: TenantId, who: str) -> Pressed:
        return self._press("refresh", tenant, who)

    async def disconnect(self, tenant: TenantId, who: str) -> Pressed:
        if self.is_willing:
            self.state = ConnectionState.NOT_CONNECTED
        return self._press("disconnect", tenant, who)

    def _press(self, button: str, tenant: TenantId, who: str) -> Pressed:
        self.pressed.append((button, tenant, who))
        return Pressed(is_done=self.is_willing, message=f"{button}: said so")


@dataclass
class Keeping:
    """Whoever adds and removes tenants: remembers what was ordered, and refuses when told to."""

    policies: MutableMapping[TenantId, TenantPolicy]
    refusal: TenantRefusal | None = None
    ordered: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)

    async def add(self, name: str, given: Mapping[str, Any], who: str) -> TenantOrder:
        self.ordered.append((name, given, who))
        if self.refusal is None:
            tenant = TenantId(name)
            self.policies[tenant] = TenantPolicy(
                tenant=tenant, invoice_url="https://p.example.com/{id}", is_added=True
            )
        return TenantOrder(message=f"{name}: said so", refusal=self.refusal)

    async def remove(self, tenant: TenantId, who: str) -> TenantOrder:
        self.ordered.append((tenant, {}, who))
        if self.refusal is None:
            del self.policies[tenant]
        return TenantOrder(message=f"{tenant}: said so", refusal=self.refusal)


@dataclass(frozen=True, kw_only=True)
class End:
    """How the job of a seeded invoice ends; state LEASED leaves it queued."""

    state: JobState = JobState.DONE
    reason: Reason | None = None
    note: str | None = None
    is_out_of_sync: bool = False
    cause: HoldCause | None = None


QUEUED = End(state=JobState.LEASED)
SYNCED = End()
FAILED = End(state=JobState.FAILED, reason=Reason.REFUSED, note="no such account")
UNMAPPED = End(state=JobState.HELD, reason=Reason.ACCOUNT_UNMAPPED, note="map LAB to an account")
OUT_OF_SYNC = End(state=JobState.HELD, note="changed on both sides", is_out_of_sync=True)


class EmptyBooks:
    """A Xero without any invoice: all that operations ever ask of it is the report's reading."""

    clock_ahead = timedelta(0)

    async def invoices_dated(self, *_: object, **__: object) -> ListPage[LiveInvoice]:
        return ListPage(rows=(), is_last=True, count=0)

    async def invoice_history(self, *_: object, **__: object) -> tuple[XeroNote, ...]:
        return ()

    async def invoices_by_id(self, *_: object, **__: object) -> Rows[LiveInvoice]:
        return Rows()


class Clock:
    def __init__(self) -> None:
        self.at = later(60)

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Operations, and what stands behind them."""

    operations: Operations
    context: SyncContext
    store: Store
    disk: Disk
    column: Column
    keeping: Keeping
    told: list[Fact]
    woken: list[TenantId]
    samples: SampleFold
    clock: Clock
    policies: MutableMapping[TenantId, TenantPolicy]

    def maps(self, **cost_codes: CodeMapping) -> None:
        """The tenant acme maps these cost codes from now on."""
        self.policies[ACME] = replace(self.policies[ACME], cost_codes=cost_codes)

    async def seed(self, ends: Mapping[str, End]) -> None:
        """One invoice per key, numbered by its key in capitals, its job ended as asked."""
        changes = [
            DesiredChange(
                kind=ChangeKind.INVOICE,
                key=key,
                version=1,
                at=AT,
                by="Ada",
                content=invoice(key, number=key.upper()),
            )
            for key in ends
        ]
        tx = Transaction()
        tx.add(desired.put(ACME, changes))
        tx.add(jobs.enqueue([wish(key) for key, end in ends.items() if end is not QUEUED], AT))
        claimed = tx.add(_claim())
        tx.add(jobs.enqueue([wish(key) for key, end in ends.items() if end is QUEUED], AT))
        await self.store.commit(tx)
        settled = Transaction()
        settled.add_all(
            jobs.settle(
                [
                    JobSettlement(
                        tenant=ACME,
                        kind=job.kind,
                        key=job.key,
                        leased_until=job.leased_until,
                        ready_at=_ready_at(ends[job.key]),
                        **vars(ends[job.key]),
                    )
                    for job in claimed.rows
                ],
                incarnation=RUN,
                at=later(1),
            )
        )
        await self.store.commit(settled)

    async def seed_customer(self, key: str = "c1", *, name: str = "Ada & Söhne") -> None:
        change = DesiredChange(
            kind=ChangeKind.CUSTOMER,
            key=key,
            version=1,
            at=AT,
            by="Ada",
            content=customer(key, name=name),
        )
        tx = Transaction()
        tx.add(desired.put(ACME, [change]))
        tx.add(jobs.enqueue([wish(key, kind=JobKind.PUSH_CUSTOMER)], AT))
        await self.store.commit(tx)

    async def link(self, key: str, *, result: InvoiceResult | None = None) -> None:
        """The invoice stands in Xero as x-KEY, agreed once, and Pipeline was told `result`."""
        tx = Transaction()
        tx.add(links.put_invoices(ACME, [_link(key)]))
        if result is not None:
            told = ResultKey(kind=ResultKind.INVOICE, key=key)
            tx.add(results.put(ACME, [(told, msgspec.json.encode(result))], AT))
        tx.add(settings.put(ACME, _settings()))
        await self.store.commit(tx)

    async def pay(self, key: str, *payments: PaymentResult) -> None:
        """What Xero showed of its money."""
        put = [
            (
                ResultKey(kind=ResultKind.PAYMENT, key=key, part=one.payment_id),
                msgspec.json.encode(one),
            )
            for one in payments
        ]
        await self.store.run(results.put(ACME, put, AT))


def payment(key: str, name: str = "p1", **others: Any) -> PaymentResult:
    """A payment of 40 NZD that stands on the invoice."""
    given = {
        "type": MoneyKind.PAYMENT, "amount": Decimal(40), "currency_code": "NZD",
        "paid_on": AT.date(), "status": PaymentStatus.AUTHORISED, **others,
    }  # fmt: skip
    return PaymentResult(id=PipelineInvoiceId(key), payment_id=name, **given)


def differing(key: str) -> InvoiceResult:
    """What Pipeline is told of an invoice out of sync."""
    return InvoiceResult(
        id=PipelineInvoiceId(key),
        state=PublicState.OUT_OF_SYNC,
        differences=(TOTAL,),
        xero_id=XeroInvoiceId(f"x-{key}"),
        xero_status=XeroStatus.AUTHORISED,
    )


PLANNED = (
    PlannedRun(task="tokens", tenant=ACME, next_run_at=AT + timedelta(minutes=20)),
    PlannedRun(task="sampler", tenant=None, next_run_at=AT + timedelta(seconds=5)),
)


@asynccontextmanager
async def desk(mode: Mode = Mode.LIVE) -> AsyncIterator[Desk]:
    """Two tenants, acme and beta, connected and empty."""
    with tempfile.TemporaryDirectory() as folder:
        driver = Disk(driver_at(Path(folder) / "store.db"))
        store = Store(driver)
        await store.run(tenants.ensure([ACME, BETA]))
        column, told, woken = Column(), list[Fact](), list[TenantId]()
        clock = Clock()
        context = _context(store, told, mode, clock)
        samples = SampleFold(context.policies, clock=clock)
        keeping = Keeping(context.policies)
        operations = Operations(
            context,
            gates=column,
            consent=column,
            commands=column,
            allowance=lambda _: BudgetLeft(minute=41, day=4000, in_flight=0, parked_until_s=None),
            wake=woken.append,
            planned=lambda: PLANNED,
            samples=samples,
            keeping=keeping,
        )
        try:
            yield Desk(
                operations=operations, context=context, store=store, disk=driver, column=column,
                keeping=keeping, told=told, woken=woken, samples=samples, clock=clock,
                policies=context.policies,
            )  # fmt: skip
        finally:
            await driver.close()


def _context(store: Store, told: list[Fact], mode: Mode, clock: Clock) -> SyncContext:
    never = cast("Any", None)  # operations never call Pipeline
    return SyncContext(
        store=store,
        clock=clock,
        entropy=SystemEntropy(),
        observe=told.append,
        ledger=cast("Any", EmptyBooks()),
        billing=never,
        policies=Policies(
            {
                name: TenantPolicy(tenant=name, invoice_url="https://p.example.com/{id}", mode=mode)
                for name in (ACME, BETA)
            }
        ),
        limits=Limits(answer_within_s=0.05),
        installation=InstallationId("installed"),
        incarnation=RUN,
    )


def _claim() -> Any:
    return jobs.claim(
        ACME,
        JobKind.PUSH_INVOICE,
        incarnation=RUN,
        now=AT,
        lease_until=later(120),
        limit=1000,
    )


def _ready_at(end: End) -> datetime | None:
    is_waiting = end.state in (JobState.HELD, JobState.UNCERTAIN)
    return later(3600) if is_waiting else None


def _link(key: str) -> Link[Base]:
    return Link(
        key=key,
        xero_id=f"x-{key}",
        is_ours=True,
        xero_status="AUTHORISED",
        xero_number=key.upper(),
        seen_at=AT,
        base=Base(pipeline=snapshot(key.upper()), xero=snapshot(key.upper())),
        based_at=AT,
        synced_version=1,
    )


def _settings() -> OrganisationSettings:
    return OrganisationSettings(
        organisation_id=ORGANISATION,
        name="Demo Company",
        base_currency="NZD",
        read_at=AT,
        short_code="!Qj35V",
    )

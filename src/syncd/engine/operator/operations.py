"""What operators ask and order: tenants, invoices, contacts; connect, refresh, disconnect, retry.

Called by the API, which has checked the role. Reads come from the store's views and the gate;
orders put a key into the queue or run a command of the connection card. Nothing here calls Xero's
books.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import msgspec

from syncd.domain.errors import NotServed
from syncd.domain.ids import PipelineCustomerId, TenantId
from syncd.domain.model.inbox import Source
from syncd.domain.model.job import JobKind, Reason
from syncd.domain.model.planned_run import PlannedRun
from syncd.domain.model.replica import ReplicaStanding
from syncd.domain.model.result import InvoiceResult, PaymentResult
from syncd.domain.model.trouble import Trouble, WaitsFor
from syncd.domain.model.value import Value
from syncd.domain.rules.limits import forecast
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant import troubles
from syncd.engine.connection.commands import ConnectionCommands
from syncd.engine.connection.consent import ConsentFlow
from syncd.engine.connection.gate import Connections
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.engine.core import contact_names, journal_entries, settings_in_force, tenant_mode
from syncd.engine.core.context import SyncContext
from syncd.engine.core.journal_audit import AuditService
from syncd.engine.core.organisation_settings import xero_url
from syncd.engine.core.settings_in_force import SettingsInForce
from syncd.engine.core.tenant_keeping import TenantKeeping
from syncd.engine.core.tenant_mode import Switches
from syncd.engine.long_work.orders import Orders
from syncd.engine.long_work.runner import LongWork
from syncd.engine.operator import (
    contact_details,
    fresh_reads,
    needs,
    pages,
    statuses,
    tenant_troubles,
    unlisted_numbers,
)
from syncd.engine.operator.contact_details import CustomerDetails
from syncd.engine.operator.explain import ExplainService
from syncd.engine.operator.long_orders import LongOrders
from syncd.engine.operator.needs import Need
from syncd.engine.operator.pages import ListQuery, Page
from syncd.engine.operator.reconcile import ReconcileService
from syncd.engine.operator.release_brake import BrakeService
from syncd.engine.operator.resolve import ResolveService
from syncd.engine.operator.sessions import SessionService
from syncd.engine.operator.statuses import InvoiceDetails, ObjectStatus, TenantStatus
from syncd.engine.operator.tenant_troubles import TroublesRead
from syncd.engine.operator.unlisted_numbers import Unlisted
from syncd.engine.plans.service import PlanService
from syncd.engine.reports.control_totals import ReportService
from syncd.engine.samples.fold import SampleFold
from syncd.engine.samples.history import SampleHistory
from syncd.engine.webhooks import inbox, standing
from syncd.engine.webhooks.standing import WebhookStanding
from syncd.engine.writes import write_ahead
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, journal, notices, results, settings, views, withheld
from syncd.store.notices import ShownNotice
from syncd.store.results import ResultKind
from syncd.store.unit_of_work import Transaction
from syncd.store.views import TenantCard

NOTICES_FROM = notices.NEWEST
_RESULT = msgspec.json.Decoder(InvoiceResult)
_PAYMENT = msgspec.json.Decoder(PaymentResult)


class RequestedLink(Value, frozen=True, kw_only=True):
    """A customer after a request for its contact; `refusal` says why it was not taken."""

    status: ObjectStatus
    refusal: str


class Operations:
    """Everything an operator can see and do. `wake` is called when a tenant may have work.

    `planned` says when each task runs next, `replicas` how each daemon stands that shares this
    store: none where it is one daemon's alone.
    """

    def __init__(
        self,
        context: SyncContext,
        *,
        gates: Connections,
        consent: ConsentFlow,
        commands: ConnectionCommands,
        allowance: Callable[[TenantId], BudgetLeft],
        wake: Callable[[TenantId], None],
        planned: Callable[[], Sequence[PlannedRun]],
        samples: SampleFold,
        keeping: TenantKeeping,
        calls_per_minute: int = 60,
        works: LongWork | None = None,
        replicas: Callable[[], Sequence[ReplicaStanding]] = tuple,
    ) -> None:
        self.observe = context.observe
        self.planned = planned
        self.replicas = replicas
        self.samples = SampleHistory(context.store, samples)
        self._context = context
        self._gates = gates
        self.consent = consent
        self.commands = commands
        self.keeping = keeping
        self._allowance = allowance
        self._wake = wake
        self._calls_per_minute = calls_per_minute
        self.reconciliation = ReconcileService(context, gates=gates, wake=wake)
        self.explanations = ExplainService(context, self.invoice, wake=wake)
        self.audit = AuditService(context)
        self.resolutions = ResolveService(context, gates=gates, wake=wake)
        self.plans = PlanService(context, gates=gates, wake=wake)
        self.switches = Switches(context, wake=wake)
        self.reports = ReportService(context, gates=gates)
        self.brakes = BrakeService(context, wake=wake)
        works = LongWork(context) if works is None else works
        self.orders = Orders(context, works, self.plans, self.reports)
        self.long_orders = LongOrders(context, works, gates=gates, wake=wake)
        self.sessions = SessionService(context)

    @property
    def served(self) -> tuple[TenantId, ...]:
        """The tenants this daemon serves, by name."""
        return tuple(sorted(self._context.policies))

    def known(self, name: str) -> TenantId | None:
        """The tenant of that name, if this daemon serves it."""
        return TenantId(name) if name in self._context.policies else None

    def pipeline_url(self, tenant: TenantId, key: str) -> str:
        """Where people find an invoice in Pipeline."""
        template = self._context.policies[tenant].invoice_url
        return template.replace("{id}", quote(key, safe=""))

    def calls_left(self, tenant: TenantId) -> int:
        """How many calls to Xero are left of this minute."""
        return self._allowance(tenant).minute

    async def tenants(self) -> tuple[TenantStatus, ...]:
        """Every tenant served, by name. Raises StoreError."""
        found = []
        for tenant in self.served:
            with suppress(NotServed):  # removed since
                found.append(await self.tenant(tenant))
        return tuple(found)

    async def tenant(self, tenant: TenantId) -> TenantStatus:
        """One tenant. Raises StoreError, and NotServed for one that was removed meanwhile."""
        read = Transaction()
        look = TroublesRead(read, tenant)
        totals = read.add(jobs.totals(tenant))
        await self._context.store.read(read)
        held_by, allowance = self._held_by(tenant, look.card), self._allowance(tenant)
        found = look.troubles(self._context, self._gates, allowance)
        invoices, backlog = statuses.shown_counts(totals.rows, held_by)
        stopped = troubles.stops_writes(found)
        ahead = forecast.forecast(
            backlog,
            allowance,
            batch_size=self._context.limits.batch_size,
            calls_per_minute=self._calls_per_minute,
            is_held=stopped is not None,
        )
        return TenantStatus(
            tenant=tenant,
            card=self._gates.card(tenant),
            mode=self._context.policies[tenant].mode,
            is_added=self._context.policies[tenant].is_added,
            is_paused=look.card is not None and look.card.is_paused,
            halt=None if look.card is None else look.card.halt,
            allowance=allowance,
            invoices=invoices,
            backlog=backlog,
            clears_in_s=ahead.lasts_s,
            calls_needed=ahead.calls_needed,
            clears_at=None if ahead.lasts_s is None else self._context.after(ahead.lasts_s),
            writes_held_by=tenant_troubles.held_by(backlog, ahead, stopped, allowance),
            troubles=found,
            waits_for=tenant_troubles.waits_for(self._context, allowance, found),
            is_look_outstanding=look.is_look_outstanding,
            minute_free_at=tenant_troubles.instant(self._context, allowance.minute_free_at_s),
            day_free_at=tenant_troubles.instant(self._context, allowance.parked_until_s),
        )

    async def waits_for(self, tenant: TenantId) -> WaitsFor | None:
        """Why no call to Xero passes now. Raises StoreError."""
        found = await tenant_troubles.of(self._context, self._gates, self._allowance, tenant)
        return tenant_troubles.waits_for(self._context, self._allowance(tenant), found)

    async def invoices(self, tenant: TenantId, wanted: ListQuery) -> Page:
        """A page of invoices, with whose they are, of when and how much. Raises StoreError."""
        page = await self._page(tenant, ChangeKind.INVOICE, wanted)
        keys = [one.row.key for one in page.items]
        found = await self._context.store.fetch(views.particulars(tenant, keys))
        return pages.with_particulars(page, found)

    async def contacts(self, tenant: TenantId, wanted: ListQuery) -> Page:
        """A page of customers by name, each with its contact. Raises StoreError."""
        page = await self._page(tenant, ChangeKind.CUSTOMER, wanted)
        return await contact_details.with_waiting(self._context, tenant, page)

    async def contact(self, tenant: TenantId, key: str) -> CustomerDetails | None:
        """One customer in full; None when it is not in scope. Raises StoreError."""
        read = Transaction()
        look = TroublesRead(read, tenant)
        await self._context.store.read(read)
        held_by, stopped = self._held_by(tenant, look.card), self._stopped(tenant, look)
        return await contact_details.of(
            self._context, tenant, key, lambda row: statuses.shown(row, held_by, stopped)
        )

    async def invoice(self, tenant: TenantId, key: str) -> InvoiceDetails | None:
        """One invoice in full; None when it is not in scope. Raises StoreError."""
        read = Transaction()
        found = read.add(views.one(tenant, ChangeKind.INVOICE, key))
        sides = read.add(views.invoice_sides(tenant, key))
        history = read.add(views.history(tenant, journal_entries.INVOICE, key))
        organisation = read.add(settings.get(tenant))
        particulars = read.add(views.particulars(tenant, [key]))
        money = read.add(results.contents(tenant, ResultKind.PAYMENT, [key]))
        look = TroublesRead(read, tenant)
        await self._context.store.read(read)
        row = found.first
        if row is None:
            return None
        side = sides.one
        told = None if side.result is None else _RESULT.decode(side.result)
        stopped = self._stopped(tenant, look)
        shown = None if told is None else await self._named(tenant, told)
        status = statuses.shown(row, self._held_by(tenant, look.card), stopped)
        limits, now = write_ahead.probe_limits(self._context), self._context.now()
        return InvoiceDetails(
            status=replace(status, particulars=particulars.first),
            open_write=statuses.open_write(side, status.next_attempt_at, now, limits),
            sides=side,
            result=shown,
            xero_url=xero_url(organisation.first, row.xero_id),
            history=tuple(written.entry for written in history.rows),
            seen=statuses.seen_of(side, told),
            stopped=stopped,
            is_unheard=look.is_unheard(self._context),
            payments=tuple(
                sorted(
                    (_PAYMENT.decode(one.content) for one in money.rows),
                    key=lambda one: (one.paid_on, one.payment_id),
                )
            ),
        )

    async def _named(self, tenant: TenantId, told: InvoiceResult) -> InvoiceResult:
        names = await contact_names.learn(self._context, tenant, told.differences)
        return replace(told, differences=names.of(told.differences))

    async def unlisted(self, tenant: TenantId, number: str, *, in_xero: bool = True) -> Unlisted:
        """Why no listing has it; `in_xero` reads every number in Xero. Raises StoreError."""
        found = await tenant_troubles.of(self._context, self._gates, self._allowance, tenant)
        return await unlisted_numbers.explain(self._context, tenant, number, found, in_xero=in_xero)

    async def needs(self, tenant: TenantId) -> tuple[Need, ...]:
        """What a person must do, by cause. Raises StoreError."""
        cards = await self._context.store.fetch(views.cards(tenant))
        held_by = self._held_by(tenant, cards[0] if cards else None)
        return await needs.of(self._context, tenant, held_by)

    async def webhooks(self, tenant: TenantId) -> WebhookStanding:
        """How webhooks stand. Raises StoreError."""
        return await standing.of(self._context, tenant)

    async def notices(
        self,
        tenant: TenantId,
        *,
        before: int,
        source: Source | None,
        outcome: str | None,
        limit: int,
    ) -> tuple[ShownNotice, ...]:
        """What webhooks brought, newest first, below number `before`. Raises StoreError."""
        asked = notices.newest(tenant, before=before, source=source, outcome=outcome, limit=limit)
        return await self._context.store.fetch(asked)

    async def settings(self, tenant: TenantId) -> SettingsInForce:
        """What is in force for a tenant, and what its organisation allows. Raises StoreError."""
        return await settings_in_force.of(self._context, tenant)

    async def retry(self, tenant: TenantId, key: str, who: str) -> ObjectStatus | None:
        """Look at one invoice again now; None when it is not in scope. Raises StoreError.

        An uncertain write is still settled first: nothing passes it.
        """
        look_up = views.one(tenant, ChangeKind.INVOICE, key)
        if not await self._context.store.fetch(look_up):
            return None
        now = self._context.now()
        tx = Transaction()
        tx.add(withheld.let_go_with_customer(tenant, key, now))
        await fresh_reads.of_invoice(self._context, tenant, key, tx)
        tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, [key], now))
        about, words = journal_entries.INVOICE, "Retry asked for"
        entry = journal_entries.note(tenant, now, words, who=who, about=about, key=key)
        tx.add(journal.append([entry]))
        after, besides = tx.add(look_up), tx.add(views.particulars(tenant, [key]))
        cards = tx.add(views.cards(tenant))
        await self._context.store.commit(tx)
        self._wake(tenant)
        standing = statuses.shown(after.one, self._held_by(tenant, cards.first))
        return replace(standing, particulars=besides.first)

    async def retry_by_reason(self, tenant: TenantId, reason: Reason, who: str) -> int:
        """Look again at all that waits or failed for a reason; how many. Raises StoreError."""
        tx = Transaction()
        if reason is Reason.OBSERVING:
            tx.add(withheld.let_go_all(tenant))
        freed = tx.add(jobs.release_by_reason(tenant, reason, self._context.now()))
        fresh_reads.of_reason(self._context, tenant, reason, tx)
        said = f"Retry asked for everything with the reason {reason}"
        tx.add(tenant_mode.said(self._context, tenant, said, who))
        await self._context.store.commit(tx)
        self._wake(tenant)
        return len(freed.rows)

    async def request_link(
        self, tenant: TenantId, customer: PipelineCustomerId, link_request: LinkRequest, who: str
    ) -> RequestedLink | None:
        """Link a customer to a contact, or Create in Xero & Link; None when it is not in scope.

        Raises StoreError.
        """
        ordered = await request_link.place(self._context, tenant, customer, link_request, who)
        if ordered is None:
            return None
        (card,) = await self._context.store.fetch(views.cards(tenant)) or (None,)
        self._wake(tenant)
        shown = statuses.shown(ordered.row, self._held_by(tenant, card))
        return RequestedLink(status=shown, refusal=ordered.refusal)

    async def replay_webhooks(self, since: datetime, who: str) -> int:
        """Work through Xero's events since then once more; how many. Raises StoreError."""
        again = await inbox.replay(self._context, since, who)
        for tenant in sorted(again):
            tx = Transaction()
            fresh_reads.everything(self._context, tenant, tx)
            await self._context.store.commit(tx)
            self._wake(tenant)
        return again.total()

    async def _page(self, tenant: TenantId, kind: ChangeKind, wanted: ListQuery) -> Page:
        asked = Transaction()
        look = TroublesRead(asked, tenant)
        await self._context.store.read(asked)
        held_by, stopped = self._held_by(tenant, look.card), self._stopped(tenant, look)
        filters = statuses.stored_filters(wanted.state, wanted.reason, held_by, wanted.cause)
        read = Transaction()
        parts = [
            read.add(part)
            for state, reason in filters
            for part in pages.listings(tenant, kind, wanted, state, reason)
        ]
        await self._context.store.read(read)
        rows = pages.in_order((row for part in parts for row in part.rows), wanted.sort)
        if not rows and wanted.text and wanted.after == views.START:
            rows = list(await self._context.store.fetch(views.one(tenant, kind, wanted.text)))
            rows = [row for row in rows if pages.fits(statuses.shown(row, held_by), wanted)]
        page = rows[: wanted.limit]
        return Page(
            items=tuple(statuses.shown(row, held_by, stopped) for row in page),
            next_place=(
                pages.place_of(page[-1], wanted.sort) if len(rows) > wanted.limit else None
            ),
        )

    def _stopped(self, tenant: TenantId, look: TroublesRead) -> Trouble | None:
        found = look.troubles(self._context, self._gates, self._allowance(tenant))
        return troubles.stops_writes(found)

    def _held_by(self, tenant: TenantId, card: TenantCard | None) -> Reason | None:
        return statuses.held_by(self._gates.closed_by(tenant), card)

"""Processes Xero's webhook events: waits a little for more, drops what is not ours, reads the rest.

    inbox ─quiet 1 s, at most 3 s─> route ──> settled without a call (not ours, echo, covered)
                                      ├──> contact of ours ──> its customer's key enqueued
                                      ├──> contact a customer may wait for ──> read, 40 to a call
                                      └──> read, 40 to a call ──> money noted, key enqueued

Called by the schedule, woken by the inbox. An event leaves the inbox in the transaction that holds
its effect; until then it is processed again, so that no crash can lose it. One whose read shows its
document as it was before is put off and read again, within bounds
(`rules.inbound.event_routing.reread`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.domain.facts import WebhooksDigested
from syncd.domain.ids import TenantId, XeroContactId, XeroInvoiceId
from syncd.domain.model.inbox import HINTS, Category, InboxState, NoticeOutcome
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.snapshot import Base
from syncd.domain.rules.inbound import event_routing
from syncd.domain.rules.inbound.event_routing import Route
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core import unreadable_rows
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.webhooks import contact_events, early_reads, live_invoices
from syncd.engine.webhooks.contact_events import Concerned, Ended
from syncd.engine.webhooks.divided_batches import DividedBatch
from syncd.engine.webhooks.early_reads import PutOff, Shown
from syncd.engine.webhooks.live_invoices import LinkedRead
from syncd.ports.billing import ChangeKind
from syncd.store import inbox, intents, jobs, links, money
from syncd.store.inbox import Notice
from syncd.store.links import Link
from syncd.store.money import MoneyRecord
from syncd.store.unit_of_work import Transaction

EVENTS_A_BATCH = 1000
BATCHES_A_ROUND = 50
IDS_A_READ = 40
"""More do not fit into one call (facts §3.4)."""
AGAIN_S = 2.0
"""What waits for a write under way is looked at again so soon."""
HINT_OVERLAP = timedelta(seconds=120)
_IN_THE_WAY = (Category.INVOICE, Category.CONTACT)


@dataclass(slots=True, kw_only=True)
class _Batch:
    """One batch of events, sorted by what becomes of each."""

    context: SyncContext
    tenant: TenantId
    began_at: datetime
    linked: dict[str, Link[Base]] = field(default_factory=dict)
    """The links of the invoices among them, by Xero's id."""
    records: dict[str, MoneyRecord] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    put_off: list[PutOff] = field(default_factory=list)
    echoes: list[tuple[str, datetime]] = field(default_factory=list)
    wanted: dict[XeroInvoiceId, list[Notice]] = field(default_factory=dict)
    hints: list[Notice] = field(default_factory=list)
    contacts: Concerned = field(default_factory=Concerned)
    topics: set[str] = field(default_factory=set)
    """What changed in Xero may stand in somebody's way: whoever waits for that is released."""
    later: int = 0
    fetched: int = 0
    enqueued: int = 0
    payments: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    delays_s: list[float] = field(default_factory=list)

    def ignore(self, event: Notice, verdict: NoticeOutcome) -> None:
        self.ended.append((event, InboxState.IGNORED, verdict))

    def done(self, event: Notice, verdict: NoticeOutcome) -> None:
        self.ended.append((event, InboxState.DONE, verdict))


async def process_once(context: SyncContext, tenant: TenantId, *, is_open: Gate) -> float | None:
    """Process what waits, in batches; None when nothing waits or the gate is closed.

    Else answers in how many seconds the next round is due.
    """
    if not is_open(tenant):
        return None
    now = context.now()
    (span,) = await context.store.fetch(inbox.span(tenant, now))
    if span.first_at is None or span.last_at is None:
        return _until(span.again_at, now)
    limits = context.limits
    quiet_s, most_s = limits.webhook_quiet_s, limits.webhook_most_s
    delay_s = event_routing.delay_s(
        span.first_at, span.last_at, now, quiet_s=quiet_s, most_s=most_s
    )
    if delay_s > 0:
        return delay_s
    later, last_id = 0, 0
    for _ in range(BATCHES_A_ROUND):
        page = inbox.waiting(tenant, now, after=last_id, limit=EVENTS_A_BATCH)
        events = await context.store.fetch(page)
        batch = DividedBatch(context, tenant, events)
        for part in batch:
            try:
                later += await _process(context, tenant, part)
            except Exception as error:  # noqa: BLE001  (told, or raised: the last resort per event)
                await batch.failed(error)
        if len(events) < EVENTS_A_BATCH:
            return AGAIN_S if later else await _next(context, tenant)
        last_id = events[-1].id
    return AGAIN_S


async def _next(context: SyncContext, tenant: TenantId) -> float | None:
    now = context.now()
    (span,) = await context.store.fetch(inbox.span(tenant, now))
    return _until(span.again_at, now)


def _until(again_at: datetime | None, now: datetime) -> float | None:
    return None if again_at is None else (again_at - now).total_seconds()


async def _process(context: SyncContext, tenant: TenantId, events: Sequence[Notice]) -> int:
    """Process one batch to its end; how many of it have to wait."""
    batch = _Batch(context=context, tenant=tenant, began_at=context.now())
    await _sort(batch, events)
    await _settle(batch)
    wanted = await _free(batch)
    for start in range(0, len(wanted), IDS_A_READ):
        await _fetch(batch, wanted[start : start + IDS_A_READ])
    strangers = sorted({one.resource_id for one in batch.contacts.strangers})
    for start in range(0, len(strangers), IDS_A_READ):
        await _introduce(batch, strangers[start : start + IDS_A_READ])
    if batch.hints:
        await _resolve(batch)
    _tell(batch)
    return batch.later


async def _sort(batch: _Batch, events: Sequence[Notice]) -> None:
    """Decide for every event whether it is read, ignored, covered or put off."""
    context, tenant = batch.context, batch.tenant
    ids = sorted({one.resource_id for one in events if one.category == Category.INVOICE})
    read = Transaction()
    found = read.add(links.invoices_by_xero(tenant, ids))
    opened = read.add(intents.open_of_tenant(tenant))
    await context.store.read(read)
    batch.linked = linked = {link.xero_id.lower(): link for link in found.rows}
    keys = [link.key for link in found.rows]
    records = {one.key: one for one in await context.store.fetch(money.records(tenant, keys))}
    batch.records = records
    creates = [
        one.opened_at
        for one in opened.rows
        if one.kind is ChangeKind.INVOICE and one.step is StepKind.CREATE
    ]
    for event in events:
        if event.category == Category.INVOICE:
            link = linked.get(event.resource_id)
            record = None if link is None else records.get(link.key)
            _route(batch, event, link, record, min(creates, default=None))
        elif event.category == Category.CONTACT:
            continue
        elif event.category not in HINTS:
            batch.ignore(event, NoticeOutcome.UNKNOWN_CATEGORY)
        elif event_routing.is_purchase(event.resource_type):
            batch.ignore(event, NoticeOutcome.PURCHASE)
        else:
            batch.hints.append(event)
    batch.contacts = await contact_events.concerned(context, tenant, events)
    told = [one for one, _, _ in (*batch.ended, *batch.contacts.ended)]
    batch.topics = {_moved(one) for one in told if one.category in _IN_THE_WAY}
    for ended in batch.contacts.ended:
        _hear(batch, *ended)
    await _explain(batch)


def _hear(batch: _Batch, event: Notice, state: InboxState, verdict: NoticeOutcome) -> None:
    """An event of a customer's contact stays until a round has seen the contact as it tells."""
    if verdict is not NoticeOutcome.CONTACT:
        is_seen_now = verdict is NoticeOutcome.COVERED and event.tries
        batch.ended.append((event, state, NoticeOutcome.CONTACT if is_seen_now else verdict))
    elif again := event_routing.reread(None, event.happened_at, event.tries, batch.began_at):
        batch.put_off.append((event, again))
    else:
        batch.ended.append((event, state, NoticeOutcome.UNSEEN))


def _route(
    batch: _Batch,
    event: Notice,
    link: Link[Base] | None,
    record: MoneyRecord | None,
    open_create_since: datetime | None,
) -> None:
    """Decide what becomes of one INVOICE event. An echo is heard once."""
    own = None if record is None else record.own_updated_at
    if link is not None and (link.key, own) in batch.echoes:
        own = None
    amounts = None if record is None else record.amounts
    route = event_routing.route(
        happened_at=event.happened_at,
        received_at=event.received_at,
        is_linked=link is not None,
        own_updated_at=own,
        read_at=None if amounts is None else amounts.read_at,
        updated_at=None if amounts is None else amounts.updated_at,
        open_create_since=open_create_since,
    )
    if route is Route.FETCH:
        batch.wanted.setdefault(XeroInvoiceId(event.resource_id), []).append(event)
    elif route is Route.LATER:
        batch.later += 1
    elif route is Route.NOT_OURS:
        batch.ignore(event, NoticeOutcome.NOT_OURS)
    elif route is Route.COVERED:
        batch.done(event, NoticeOutcome.COVERED)
    elif link is not None:
        batch.echoes.append((link.key, event.happened_at))
        batch.done(event, NoticeOutcome.ECHO)


async def _explain(batch: _Batch) -> None:
    """Let go of hints whose invoices were announced by events of their own."""
    if not batch.hints:
        return
    instants = [one.happened_at for one in batch.hints]
    announced = await batch.context.store.fetch(
        inbox.announced(
            batch.tenant,
            Category.INVOICE,
            since=min(instants) - event_routing.SAME_ACTION,
            until=max(instants) + event_routing.SAME_ACTION,
        )
    )
    unexplained = []
    for hint in batch.hints:
        if event_routing.is_explained(hint.happened_at, announced):
            batch.done(hint, NoticeOutcome.EXPLAINED)
        else:
            unexplained.append(hint)
    batch.hints = unexplained


async def _settle(batch: _Batch) -> None:
    """Write down what needs no call."""
    context, now = batch.context, batch.context.now()
    if not (batch.ended or batch.put_off):
        return
    tx = Transaction()
    tx.add(inbox.settle(batch.ended, now))
    tx.add(inbox.put_off(batch.put_off))
    tx.add(jobs.look(batch.tenant, JobKind.PUSH_CUSTOMER, batch.contacts.keys, now))
    tx.add(jobs.release_by_predicates(batch.tenant, batch.topics, now))
    tx.add(money.events_arrived(batch.tenant, batch.echoes))
    await context.store.commit(tx)
    batch.enqueued += len(batch.contacts.keys)
    _count(batch, batch.ended)


async def _free(batch: _Batch) -> list[XeroInvoiceId]:
    """Of those to be read, whatever is not in the worker's hand: a read of that would not count."""
    if not batch.wanted:
        return []
    keys = sorted(batch.linked[own].key for own in batch.wanted)
    rows = await batch.context.store.fetch(jobs.get(batch.tenant, JobKind.PUSH_INVOICE, keys))
    claimed = {row.key for row in rows if row.state is JobState.LEASED}
    free = [own for own in batch.wanted if batch.linked[own].key not in claimed]
    batch.later += sum(len(events) for own, events in batch.wanted.items() if own not in free)
    return free


async def _fetch(batch: _Batch, ids: Sequence[XeroInvoiceId]) -> None:
    """Read these and store what they show, their events settled with it."""
    context, tenant, linked = batch.context, batch.tenant, batch.linked
    read_at = context.now()
    found = await context.ledger.invoices_by_id(tenant, ids, lane=Lane.WEBHOOK)
    unread = [own for own in ids if found.get(own) is None and not found.lacks(own)]
    batch.fetched += len(ids)
    shown: Shown = {own: early_reads.updated_at(found.get(own)) for own in ids if own not in unread}
    events = [one for own in ids for one in batch.wanted[own]]
    done, early = early_reads.divided(events, shown, read_at, NoticeOutcome.FETCHED)
    older = [
        own
        for own in dict.fromkeys(one.resource_id for one, _ in early)
        if early_reads.is_older(shown[own], batch.records.get(linked[own].key))
    ]
    fresh = [own for own in ids if own in shown and own not in older]
    reads = await live_invoices.with_jobs(
        context, tenant, [LinkedRead(link=linked[own], live=found.get(own)) for own in fresh]
    )
    busy = [own for own in ids if linked[own].key in reads.claimed]
    ended = [each for each in done if each[0].resource_id not in busy]
    now = context.now()
    also = (
        inbox.settle(ended, now),
        inbox.put_off([each for each in early if each[0].resource_id not in busy]),
        # The worker says of them what is wrong.
        jobs.look(tenant, JobKind.PUSH_INVOICE, [linked[own].key for own in unread], now),
        *unreadable_rows.noted(tenant, (), found.unread, now),
    )
    taken = await live_invoices.take(context, tenant, reads, read_at, also)
    batch.enqueued += taken.enqueued
    batch.payments += taken.payments
    batch.later += sum(one.resource_id in busy for one in events)
    now = context.now()
    batch.delays_s += [max(0.0, (now - one.happened_at).total_seconds()) for one, _, _ in ended]
    _count(batch, ended)


async def _introduce(batch: _Batch, ids: Sequence[str]) -> None:
    """Read contacts of nobody's: customers without one, whose they could be, are looked at."""
    context, tenant = batch.context, batch.tenant
    wanted = [XeroContactId(each) for each in ids]
    found = await context.ledger.contacts_by_id(tenant, wanted, lane=Lane.WEBHOOK)
    batch.fetched += len(ids)
    keys = contact_events.wanted_by(batch.contacts.waiting, found.rows)
    verdict = NoticeOutcome.CONTACT if keys else NoticeOutcome.NOT_OURS
    state = InboxState.DONE if keys else InboxState.IGNORED
    events = [one for one in batch.contacts.strangers if one.resource_id in ids]
    shown: Shown = {own: early_reads.updated_at(found.get(own)) for own in wanted}
    ended, early = early_reads.divided(events, shown, batch.began_at, verdict, state)
    now = context.now()
    tx = Transaction()
    tx.add(inbox.settle(ended, now))
    tx.add(inbox.put_off(early))
    tx.add(jobs.look(tenant, JobKind.PUSH_CUSTOMER, keys, now))
    tx.add(jobs.release_by_predicates(tenant, {_moved(one) for one in events}, now))
    await context.store.commit(tx)
    batch.enqueued += len(keys)
    _count(batch, ended)


def _moved(event: Notice) -> str:
    """What waits for a change of this contact or document."""
    return Predicate.MOVED_IN_XERO.of(event.resource_id)


async def _resolve(batch: _Batch) -> None:
    """Find the invoices that unexplained money stands on: what was modified since, and is ours."""
    context, tenant = batch.context, batch.tenant
    read_at = context.now()
    since = min(one.happened_at for one in batch.hints) - HINT_OVERLAP
    modified = await context.ledger.invoices_since(tenant, since, lane=Lane.WEBHOOK)
    batch.fetched += len(modified)
    ours = await context.store.fetch(links.invoices_by_xero(tenant, [live.id for live in modified]))
    seen = [LinkedRead(link=link, live=modified.get(link.xero_id)) for link in ours]
    # A list that shows any change as late as the event was read from a copy that has the event's.
    newest = max((live.updated_at for live in modified), default=None)
    shown = {one.resource_id: newest for one in batch.hints}
    done, early = early_reads.divided(batch.hints, shown, read_at, NoticeOutcome.RESOLVED)
    reads = await live_invoices.with_jobs(context, tenant, seen)
    ended = [] if reads.claimed else done
    now = context.now()
    also = (
        inbox.settle(ended, now),
        inbox.put_off([] if reads.claimed else early),
        *unreadable_rows.noted(tenant, (), modified.unread, now),
    )
    taken = await live_invoices.take(context, tenant, reads, read_at, also)
    batch.enqueued += taken.enqueued
    batch.payments += taken.payments
    batch.later += len(batch.hints) if reads.claimed else 0
    _count(batch, ended)


def _count(batch: _Batch, ended: Sequence[Ended]) -> None:
    batch.verdicts.update(str(verdict) for _, _, verdict in ended)


def _tell(batch: _Batch) -> None:
    context = batch.context
    if not batch.verdicts and not batch.fetched:
        return
    context.observe(
        WebhooksDigested(
            tenant=batch.tenant,
            verdicts=dict(batch.verdicts),
            fetched=batch.fetched,
            enqueued=batch.enqueued,
            payments=batch.payments,
            delays_s=tuple(batch.delays_s),
            took_s=(context.now() - batch.began_at).total_seconds(),
        )
    )

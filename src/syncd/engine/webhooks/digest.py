"""Digests Xero's events: waits a little for more, drops what is not ours, reads the rest once.

    inbox ─quiet 1 s, at most 3 s─> route ──> settled without a call (not ours, echo, covered)
                                      ├──> contact of ours ──> its customer's key enqueued
                                      ├──> contact a customer may wait for ──> read, 40 to a call
                                      └──> read, 40 to a call ──> money noted, key enqueued

Called by the schedule, woken by the inbox. An event leaves the inbox in the transaction that holds
its effect; until then it is digested again, so that no death can lose it. One whose read shows its
document as it was before is put off and read again, within bounds
(`rules.inbound.event_routing.again`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.domain.facts import WebhooksDigested
from syncd.domain.ids import TenantId, XeroContactId, XeroInvoiceId
from syncd.domain.model.inbox import HINTS, Category, InboxState, NoticeOutcome
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.predicate import MovedInXero
from syncd.domain.model.snapshot import Base
from syncd.domain.rules.inbound import event_routing
from syncd.domain.rules.inbound.event_routing import Route
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.queue import holds
from syncd.engine.core import unreadable_rows
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.webhooks import contact_events, early_reads, live_invoices
from syncd.engine.webhooks.contact_events import Concerned, Ended
from syncd.engine.webhooks.early_reads import PutOff, Shown
from syncd.engine.webhooks.live_invoices import Seen
from syncd.ports.billing import ChangeKind
from syncd.store import inbox, intents, jobs, links, money
from syncd.store.inbox import Notice
from syncd.store.links import Link
from syncd.store.money import MoneyRecord
from syncd.store.unit_of_work import Statement, Transaction

NOTICES_A_HEAP = 1000
HEAPS_A_ROUND = 50
IDS_A_READ = 40
"""More do not fit into one call (facts §3.4)."""
AGAIN_S = 2.0
"""What waits for a write under way is looked at again so soon."""
HINT_OVERLAP = timedelta(seconds=120)
_IN_THE_WAY = (Category.INVOICE, Category.CONTACT)


@dataclass(slots=True, kw_only=True)
class _Round:
    """One heap of notices, sorted by what becomes of each."""

    context: SyncContext
    tenant: TenantId
    began_at: datetime
    linked: dict[str, Link[Base]] = field(default_factory=dict)
    """The links of the invoices among them, by Xero's id."""
    sights: dict[str, MoneyRecord] = field(default_factory=dict)
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

    def ignore(self, notice: Notice, verdict: NoticeOutcome) -> None:
        self.ended.append((notice, InboxState.IGNORED, verdict))

    def done(self, notice: Notice, verdict: NoticeOutcome) -> None:
        self.ended.append((notice, InboxState.DONE, verdict))


async def digest_once(context: SyncContext, tenant: TenantId, *, is_open: Gate) -> float | None:
    """One heap. Answers when the next is due, None when nothing waits or the gate is closed."""
    if not is_open(tenant):
        return None
    now = context.now()
    (span,) = await context.store.fetch(inbox.span(tenant, now))
    if span.first_at is None or span.last_at is None:
        return _until(span.again_at, now)
    limits = context.limits
    quiet_s, most_s = limits.webhook_quiet_s, limits.webhook_most_s
    rest_s = event_routing.rest_s(span.first_at, span.last_at, now, quiet_s=quiet_s, most_s=most_s)
    if rest_s > 0:
        return rest_s
    later, last_id = 0, 0
    for _ in range(HEAPS_A_ROUND):
        page = inbox.waiting(tenant, now, after=last_id, limit=NOTICES_A_HEAP)
        notices = await context.store.fetch(page)
        later += await _digest(context, tenant, notices)
        if len(notices) < NOTICES_A_HEAP:
            return AGAIN_S if later else await _next(context, tenant)
        last_id = notices[-1].id
    return AGAIN_S


async def _next(context: SyncContext, tenant: TenantId) -> float | None:
    now = context.now()
    (span,) = await context.store.fetch(inbox.span(tenant, now))
    return _until(span.again_at, now)


def _until(again_at: datetime | None, now: datetime) -> float | None:
    return None if again_at is None else (again_at - now).total_seconds()


async def _digest(context: SyncContext, tenant: TenantId, notices: Sequence[Notice]) -> int:
    """One heap to its end; how many of it have to wait."""
    going = _Round(context=context, tenant=tenant, began_at=context.now())
    await _sort(going, notices)
    await _settle(going)
    wanted = list(going.wanted)
    for start in range(0, len(wanted), IDS_A_READ):
        await _fetch(going, wanted[start : start + IDS_A_READ])
    strangers = sorted({one.resource_id for one in going.contacts.strangers})
    for start in range(0, len(strangers), IDS_A_READ):
        await _introduce(going, strangers[start : start + IDS_A_READ])
    if going.hints:
        await _resolve(going)
    _tell(going)
    return going.later


async def _sort(going: _Round, notices: Sequence[Notice]) -> None:
    """Give every notice its way."""
    context, tenant = going.context, going.tenant
    ids = sorted({one.resource_id for one in notices if one.category == Category.INVOICE})
    read = Transaction()
    found = read.add(links.invoices_by_xero(tenant, ids))
    opened = read.add(intents.open_of_tenant(tenant))
    await context.store.read(read)
    going.linked = linked = {link.xero_id.lower(): link for link in found.rows}
    keys = [link.key for link in found.rows]
    sights = {one.key: one for one in await context.store.fetch(money.records(tenant, keys))}
    going.sights = sights
    creates = [
        one.opened_at
        for one in opened.rows
        if one.kind is ChangeKind.INVOICE and one.step is StepKind.CREATE
    ]
    for notice in notices:
        if notice.category == Category.INVOICE:
            link = linked.get(notice.resource_id)
            sight = None if link is None else sights.get(link.key)
            _route(going, notice, link, sight, min(creates, default=None))
        elif notice.category == Category.CONTACT:
            continue
        elif notice.category not in HINTS:
            going.ignore(notice, NoticeOutcome.UNKNOWN_CATEGORY)
        elif event_routing.is_purchase(notice.resource_type):
            going.ignore(notice, NoticeOutcome.PURCHASE)
        else:
            going.hints.append(notice)
    going.contacts = await contact_events.concerned(context, tenant, notices)
    told = [one for one, _, _ in (*going.ended, *going.contacts.ended)]
    going.topics = {_moved(one) for one in told if one.category in _IN_THE_WAY}
    for ended in going.contacts.ended:
        _hear(going, *ended)
    await _explain(going)


def _hear(going: _Round, notice: Notice, state: InboxState, verdict: NoticeOutcome) -> None:
    """An event of a customer's contact stays until a round has seen the contact as it tells."""
    if verdict is not NoticeOutcome.CONTACT:
        is_seen_now = verdict is NoticeOutcome.COVERED and notice.tries
        going.ended.append((notice, state, NoticeOutcome.CONTACT if is_seen_now else verdict))
    elif again := event_routing.again(None, notice.happened_at, notice.tries, going.began_at):
        going.put_off.append((notice, again))
    else:
        going.ended.append((notice, state, NoticeOutcome.UNSEEN))


def _route(
    going: _Round,
    notice: Notice,
    link: Link[Base] | None,
    sight: MoneyRecord | None,
    open_create_since: datetime | None,
) -> None:
    """Give one INVOICE event its way. An echo is heard once."""
    own = None if sight is None else sight.own_updated_at
    if link is not None and (link.key, own) in going.echoes:
        own = None
    amounts = None if sight is None else sight.amounts
    route = event_routing.route(
        happened_at=notice.happened_at,
        received_at=notice.received_at,
        is_linked=link is not None,
        own_updated_at=own,
        read_at=None if amounts is None else amounts.read_at,
        updated_at=None if amounts is None else amounts.updated_at,
        open_create_since=open_create_since,
    )
    if route is Route.FETCH:
        going.wanted.setdefault(XeroInvoiceId(notice.resource_id), []).append(notice)
    elif route is Route.LATER:
        going.later += 1
    elif route is Route.NOT_OURS:
        going.ignore(notice, NoticeOutcome.NOT_OURS)
    elif route is Route.COVERED:
        going.done(notice, NoticeOutcome.COVERED)
    elif link is not None:
        going.echoes.append((link.key, notice.happened_at))
        going.done(notice, NoticeOutcome.ECHO)


async def _explain(going: _Round) -> None:
    """Let go of hints whose invoices were announced by events of their own."""
    if not going.hints:
        return
    instants = [one.happened_at for one in going.hints]
    announced = await going.context.store.fetch(
        inbox.announced(
            going.tenant, Category.INVOICE,
            since=min(instants) - event_routing.SAME_DEED, until=max(instants) +
            event_routing.SAME_DEED,
        )
    )  # fmt: skip
    unexplained = []
    for hint in going.hints:
        if event_routing.is_explained(hint.happened_at, announced):
            going.done(hint, NoticeOutcome.EXPLAINED)
        else:
            unexplained.append(hint)
    going.hints = unexplained


async def _settle(going: _Round) -> None:
    """Write down what needs no call."""
    context, now = going.context, going.context.now()
    if not (going.ended or going.put_off):
        return
    tx = Transaction()
    tx.add(inbox.settle(going.ended, now))
    tx.add(inbox.put_off(going.put_off))
    tx.add(jobs.enqueue(going.contacts.wishes, now))
    tx.add(jobs.release_by_predicates(going.tenant, going.topics, now))
    tx.add(money.events_arrived(going.tenant, going.echoes))
    await context.store.commit(tx)
    going.enqueued += len(going.contacts.wishes)
    _count(going, going.ended)


async def _fetch(going: _Round, ids: Sequence[XeroInvoiceId]) -> None:
    """Read these and put on paper what they show, their notices settled with it."""
    context, tenant, linked = going.context, going.tenant, going.linked
    read_at = context.now()
    found = await context.ledger.invoices_by_id(tenant, ids, lane=Lane.WEBHOOK)
    unread = [own for own in ids if found.get(own) is None and not found.lacks(own)]
    going.fetched += len(ids)
    shown: Shown = {own: early_reads.updated_at(found.get(own)) for own in ids if own not in unread}
    notices = [one for own in ids for one in going.wanted[own]]
    early = early_reads.put_off(notices, shown, read_at)
    older = [
        own
        for own in dict.fromkeys(one.resource_id for one, _ in early)
        if early_reads.is_older(shown[own], going.sights.get(linked[own].key))
    ]
    ended: list[Ended] = []

    def settle(in_hand: Collection[str]) -> Iterable[Statement[None]]:
        busy = [own for own in ids if linked[own].key in in_hand]
        put_off = [(one, again) for one, again in early if one.resource_id not in busy]
        late = {one.id for one, _ in early}
        ended[:] = [
            (one, InboxState.DONE, early_reads.said(one, shown, NoticeOutcome.FETCHED))
            for one in notices
            if one.resource_id not in busy and one.id not in late
        ]
        yield inbox.settle(ended, context.now())
        yield inbox.put_off(put_off)
        # The worker says of them what is wrong.
        yield jobs.enqueue(
            [_wish(tenant, linked[own].key, context.now()) for own in unread], context.now()
        )
        yield from unreadable_rows.noted(tenant, (), found.unread, context.now())

    fresh = [own for own in ids if own in shown and own not in older]
    seen = [Seen(link=linked[own], live=found.get(own)) for own in fresh]
    taken = await live_invoices.take(context, tenant, seen, read_at, again=(), settle=settle)
    going.enqueued += taken.enqueued
    going.payments += taken.payments
    going.later += sum(linked[one.resource_id].key in taken.in_hand for one in notices)
    now = context.now()
    going.delays_s += [max(0.0, (now - one.happened_at).total_seconds()) for one, _, _ in ended]
    _count(going, ended)


async def _introduce(going: _Round, ids: Sequence[str]) -> None:
    """Read contacts of nobody's: customers without one, whose they could be, are looked at."""
    context, tenant = going.context, going.tenant
    wanted = [XeroContactId(each) for each in ids]
    found = await context.ledger.contacts_by_id(tenant, wanted, lane=Lane.WEBHOOK)
    going.fetched += len(ids)
    keys = contact_events.wanted_by(going.contacts.waiting, found.rows)
    verdict = NoticeOutcome.CONTACT if keys else NoticeOutcome.NOT_OURS
    state = InboxState.DONE if keys else InboxState.IGNORED
    notices = [one for one in going.contacts.strangers if one.resource_id in ids]
    shown: Shown = {own: early_reads.updated_at(found.get(own)) for own in wanted}
    early = early_reads.put_off(notices, shown, going.began_at)
    late = {one.id for one, _ in early}
    ended: list[Ended] = [
        (one, state, early_reads.said(one, shown, verdict)) for one in notices if one.id not in late
    ]
    now = context.now()
    tx = Transaction()
    tx.add(inbox.settle(ended, now))
    tx.add(inbox.put_off(early))
    tx.add(jobs.enqueue(contact_events.wishes(context, tenant, keys), now))
    tx.add(jobs.release_by_predicates(tenant, {_moved(one) for one in notices}, now))
    await context.store.commit(tx)
    going.enqueued += len(keys)
    _count(going, ended)


def _moved(notice: Notice) -> str:
    """What waits for a change of this contact or document."""
    return holds.topic(MovedInXero(id=notice.resource_id))


def _wish(tenant: TenantId, key: str, now: datetime) -> JobRequest:
    return JobRequest(tenant=tenant, kind=JobKind.PUSH_INVOICE, key=key, ready_at=now)


async def _resolve(going: _Round) -> None:
    """Find the invoices that unexplained money stands on: what was modified since, and is ours."""
    context, tenant = going.context, going.tenant
    read_at = context.now()
    since = min(one.happened_at for one in going.hints) - HINT_OVERLAP
    modified = await context.ledger.invoices_modified_since(tenant, since, lane=Lane.WEBHOOK)
    going.fetched += len(modified)
    ours = await context.store.fetch(links.invoices_by_xero(tenant, [live.id for live in modified]))
    seen = [Seen(link=link, live=modified.get(link.xero_id)) for link in ours]
    # A list that shows any change as late as the event was read from a copy that has the event's.
    newest = max((live.updated_at for live in modified), default=None)
    shown = {one.resource_id: newest for one in going.hints}
    early = early_reads.put_off(going.hints, shown, read_at)
    late = {one.id for one, _ in early}
    done: list[Ended] = [
        (hint, InboxState.DONE, early_reads.said(hint, shown, NoticeOutcome.RESOLVED))
        for hint in going.hints
        if hint.id not in late
    ]
    ended: list[Ended] = []

    def settle(in_hand: Collection[str]) -> Iterable[Statement[None]]:
        ended[:] = [] if in_hand else done
        yield inbox.settle(ended, context.now())
        yield inbox.put_off([] if in_hand else early)
        yield from unreadable_rows.noted(tenant, (), modified.unread, context.now())

    taken = await live_invoices.take(context, tenant, seen, read_at, again=(), settle=settle)
    going.enqueued += taken.enqueued
    going.payments += taken.payments
    going.later += len(going.hints) if taken.in_hand else 0
    _count(going, ended)


def _count(going: _Round, ended: Sequence[Ended]) -> None:
    going.verdicts.update(str(verdict) for _, _, verdict in ended)


def _tell(going: _Round) -> None:
    context = going.context
    if not going.verdicts and not going.fetched:
        return
    context.observe(
        WebhooksDigested(
            tenant=going.tenant,
            verdicts=dict(going.verdicts),
            fetched=going.fetched,
            enqueued=going.enqueued,
            payments=going.payments,
            delays_s=tuple(going.delays_s),
            took_s=(context.now() - going.began_at).total_seconds(),
        )
    )

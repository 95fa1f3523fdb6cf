"""Digests Xero's events: waits a little for more, drops what is not ours, reads the rest once.

    inbox ─quiet 1 s, at most 3 s─> route ──> settled without a call (not ours, echo, covered)
                                      ├──> contact of ours ──> its customer's key enqueued
                                      ├──> contact a customer may wait for ──> read, 40 to a call
                                      └──> read, 40 to a call ──> money noted, key enqueued

Called by the timetable, woken by the inbox. An event leaves the inbox in the transaction that holds
its effect; until then it is digested again, so that no death can lose it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.domain.facts import WebhooksDigested
from syncd.domain.ids import TenantId, XeroContactId, XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.inbox import HINTS, Category, InboxState, Verdict
from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.predicate import MovedInXero
from syncd.domain.model.snapshot import Base
from syncd.domain.rules import digest, holds
from syncd.domain.rules.allowance import Lane
from syncd.domain.rules.digest import Route
from syncd.engine import contact_notices, seeing, unread_rows
from syncd.engine.contact_notices import Concerned, Ended
from syncd.engine.hall import Gate, Hall
from syncd.engine.seeing import Seen
from syncd.ports.billing import ChangeKind
from syncd.store import inbox, intents, jobs, links, money
from syncd.store.inbox import Notice
from syncd.store.links import Link
from syncd.store.money import Sight
from syncd.store.unit_of_work import Statement, Transaction

NOTICES_A_HEAP = 1000
HEAPS_A_ROUND = 50
IDS_A_READ = 40
"""More do not fit into one call (facts §3.4)."""
AGAIN_S = 2.0
"""What waits for a write under way is looked at again so soon."""
STALE_FOR = timedelta(seconds=12)
"""So long after an event came, a read that shows the document as before it is not believed."""
HINT_OVERLAP = timedelta(seconds=120)
_IN_THE_WAY = (Category.INVOICE, Category.CONTACT)


@dataclass(slots=True, kw_only=True)
class _Round:
    """One heap of notices, sorted by what becomes of each."""

    hall: Hall
    tenant: TenantId
    began_at: datetime
    ended: list[Ended] = field(default_factory=list)
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

    def ignore(self, notice: Notice, verdict: Verdict) -> None:
        self.ended.append((notice, InboxState.IGNORED, verdict))

    def done(self, notice: Notice, verdict: Verdict) -> None:
        self.ended.append((notice, InboxState.DONE, verdict))


async def digest_once(hall: Hall, tenant: TenantId, *, is_open: Gate) -> float | None:
    """One heap. Answers when the next is due, None when nothing waits or the gate is closed."""
    if not is_open(tenant):
        return None
    ((first_at, last_at),) = await hall.store.fetch(inbox.span(tenant))
    now = hall.now()
    if first_at is None or last_at is None:
        return None
    limits = hall.limits
    quiet_s, most_s = limits.webhook_quiet_s, limits.webhook_most_s
    rest_s = digest.rest_s(first_at, last_at, now, quiet_s=quiet_s, most_s=most_s)
    if rest_s > 0:
        return rest_s
    later, last_id = 0, 0
    for _ in range(HEAPS_A_ROUND):
        page = inbox.waiting(tenant, after=last_id, limit=NOTICES_A_HEAP)
        notices = await hall.store.fetch(page)
        later += await _digest(hall, tenant, notices)
        if len(notices) < NOTICES_A_HEAP:
            return AGAIN_S if later else None
        last_id = notices[-1].id
    return AGAIN_S


async def _digest(hall: Hall, tenant: TenantId, notices: Sequence[Notice]) -> int:
    """One heap to its end; how many of it have to wait."""
    going = _Round(hall=hall, tenant=tenant, began_at=hall.now())
    linked = await _sort(going, notices)
    await _settle(going)
    wanted = list(going.wanted)
    for start in range(0, len(wanted), IDS_A_READ):
        await _fetch(going, linked, wanted[start : start + IDS_A_READ])
    strangers = sorted({one.resource_id for one in going.contacts.strangers})
    for start in range(0, len(strangers), IDS_A_READ):
        await _introduce(going, strangers[start : start + IDS_A_READ])
    if going.hints:
        await _resolve(going)
    _tell(going)
    return going.later


async def _sort(going: _Round, notices: Sequence[Notice]) -> Mapping[str, Link[Base]]:
    """Give every notice its way; the links of the invoices among them, by Xero's id."""
    hall, tenant = going.hall, going.tenant
    ids = sorted({one.resource_id for one in notices if one.category == Category.INVOICE})
    read = Transaction()
    found = read.add(links.invoices_by_xero(tenant, ids))
    opened = read.add(intents.open_of_tenant(tenant))
    await hall.store.read(read)
    linked = {link.xero_id.lower(): link for link in found.rows}
    keys = [link.key for link in found.rows]
    sights = {one.key: one for one in await hall.store.fetch(money.sights(tenant, keys))}
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
            going.ignore(notice, Verdict.UNKNOWN_CATEGORY)
        elif digest.is_purchase(notice.resource_type):
            going.ignore(notice, Verdict.PURCHASE)
        else:
            going.hints.append(notice)
    going.contacts = await contact_notices.concerned(hall, tenant, notices)
    going.ended += going.contacts.ended
    going.topics = {_moved(one) for one, _, _ in going.ended if one.category in _IN_THE_WAY}
    await _explain(going)
    return linked


def _route(
    going: _Round,
    notice: Notice,
    link: Link[Base] | None,
    sight: Sight | None,
    open_create_since: datetime | None,
) -> None:
    """Give one INVOICE event its way. An echo is heard once."""
    own = None if sight is None else sight.own_updated_at
    if link is not None and (link.key, own) in going.echoes:
        own = None
    amounts = None if sight is None else sight.amounts
    route = digest.route(
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
        going.ignore(notice, Verdict.NOT_OURS)
    elif route is Route.COVERED:
        going.done(notice, Verdict.COVERED)
    elif link is not None:
        going.echoes.append((link.key, notice.happened_at))
        going.done(notice, Verdict.ECHO)


async def _explain(going: _Round) -> None:
    """Let go of hints whose invoices were announced by events of their own."""
    if not going.hints:
        return
    instants = [one.happened_at for one in going.hints]
    announced = await going.hall.store.fetch(
        inbox.announced(
            going.tenant, Category.INVOICE,
            since=min(instants) - digest.SAME_DEED, until=max(instants) + digest.SAME_DEED,
        )
    )  # fmt: skip
    unexplained = []
    for hint in going.hints:
        if digest.is_explained(hint.happened_at, announced):
            going.done(hint, Verdict.EXPLAINED)
        else:
            unexplained.append(hint)
    going.hints = unexplained


async def _settle(going: _Round) -> None:
    """Write down what needs no call."""
    hall, now = going.hall, going.hall.now()
    if not going.ended:
        return
    tx = Transaction()
    tx.add(inbox.settle(going.ended, now))
    tx.add(jobs.enqueue(going.contacts.wishes, now))
    tx.add(jobs.release_by_predicates(going.tenant, going.topics, now))
    tx.add(money.heard(going.tenant, going.echoes))
    await hall.store.commit(tx)
    going.enqueued += len(going.contacts.wishes)
    _count(going, going.ended)


async def _fetch(
    going: _Round, linked: Mapping[str, Link[Base]], ids: Sequence[XeroInvoiceId]
) -> None:
    """Read these and put on paper what they show, their notices settled with it."""
    hall, tenant = going.hall, going.tenant
    read_at = hall.now()
    found = await hall.ledger.invoices_by_id(tenant, ids, lane=Lane.WEBHOOK)
    unread = [own for own in ids if found.get(own) is None and not found.lacks(own)]
    going.fetched += len(ids)
    notices = [(linked[own].key, found.get(own), one) for own in ids for one in going.wanted[own]]
    stale = [key for key, live, one in notices if _is_stale(going, live, one)]
    ended: list[Ended] = []

    def settle(in_hand: Collection[str]) -> Iterable[Statement[None]]:
        again = {*stale, *in_hand}
        ended[:] = [
            (one, InboxState.DONE, Verdict.FETCHED) for key, _, one in notices if key not in again
        ]
        yield inbox.settle(ended, hall.now())
        # The worker says of them what is wrong.
        yield jobs.enqueue(
            [_wish(tenant, linked[own].key, hall.now()) for own in unread], hall.now()
        )
        yield from unread_rows.noted(tenant, (), found.unread, hall.now())

    seen = [Seen(link=linked[own], live=found.get(own)) for own in ids if own not in unread]
    taken = await seeing.take(hall, tenant, seen, read_at, again=stale, settle=settle)
    going.enqueued += taken.enqueued
    going.payments += taken.payments
    going.later += len(notices) - len(ended)
    now = hall.now()
    going.delays_s += [max(0.0, (now - one.happened_at).total_seconds()) for one, _, _ in ended]
    _count(going, ended)


async def _introduce(going: _Round, ids: Sequence[str]) -> None:
    """Read contacts of nobody's: customers without one, whose they could be, are looked at."""
    hall, tenant = going.hall, going.tenant
    wanted = [XeroContactId(each) for each in ids]
    found = await hall.ledger.contacts_by_id(tenant, wanted, lane=Lane.WEBHOOK)
    going.fetched += len(ids)
    keys = contact_notices.wanted_by(going.contacts.waiting, found.rows)
    verdict = Verdict.CONTACT if keys else Verdict.NOT_OURS
    state = InboxState.DONE if keys else InboxState.IGNORED
    notices = [one for one in going.contacts.strangers if one.resource_id in ids]
    stale = [one for one in notices if _is_behind(going, found.get(one.resource_id), one)]
    ended: list[Ended] = [(one, state, verdict) for one in notices if one not in stale]
    now = hall.now()
    tx = Transaction()
    tx.add(inbox.settle(ended, now))
    tx.add(jobs.enqueue(contact_notices.wishes(hall, tenant, keys), now))
    tx.add(jobs.release_by_predicates(tenant, {_moved(one) for one in notices}, now))
    await hall.store.commit(tx)
    going.enqueued += len(keys)
    going.later += len(stale)
    _count(going, ended)


def _moved(notice: Notice) -> str:
    """What waits for a change of this contact or document."""
    return holds.topic(MovedInXero(id=notice.resource_id))


def _is_behind(going: _Round, live: LiveContact | None, notice: Notice) -> bool:
    """The read showed the contact as before the event, or not yet; believed after a while."""
    if going.began_at - notice.received_at >= STALE_FOR:
        return False
    return live is None or digest.is_stale(live.updated_at, notice.happened_at)


def _wish(tenant: TenantId, key: str, now: datetime) -> JobRequest:
    return JobRequest(tenant=tenant, kind=JobKind.PUSH_INVOICE, key=key, ready_at=now)


def _is_stale(going: _Round, live: LiveInvoice | None, notice: Notice) -> bool:
    """The read showed the document as before the event; believed all the same after a while."""
    if live is None or going.began_at - notice.received_at >= STALE_FOR:
        return False
    return digest.is_stale(live.updated_at, notice.happened_at)


async def _resolve(going: _Round) -> None:
    """Find the invoices that unexplained money stands on: what was modified since, and is ours."""
    hall, tenant = going.hall, going.tenant
    read_at = hall.now()
    since = min(one.happened_at for one in going.hints) - HINT_OVERLAP
    modified = await hall.ledger.invoices_modified_since(tenant, since, lane=Lane.WEBHOOK)
    going.fetched += len(modified)
    ours = await hall.store.fetch(links.invoices_by_xero(tenant, [live.id for live in modified]))
    seen = [Seen(link=link, live=modified.get(link.xero_id)) for link in ours]
    ended: list[Ended] = [(hint, InboxState.DONE, Verdict.RESOLVED) for hint in going.hints]

    def settle(in_hand: Collection[str]) -> Iterable[Statement[None]]:
        if in_hand:
            ended.clear()
        yield inbox.settle(ended, hall.now())
        yield from unread_rows.noted(tenant, (), modified.unread, hall.now())

    taken = await seeing.take(hall, tenant, seen, read_at, again=(), settle=settle)
    going.enqueued += taken.enqueued
    going.payments += taken.payments
    going.later += len(going.hints) - len(ended)
    _count(going, ended)


def _count(going: _Round, ended: Sequence[Ended]) -> None:
    going.verdicts.update(str(verdict) for _, _, verdict in ended)


def _tell(going: _Round) -> None:
    hall = going.hall
    if not going.verdicts and not going.fetched:
        return
    hall.observe(
        WebhooksDigested(
            tenant=going.tenant,
            verdicts=dict(going.verdicts),
            fetched=going.fetched,
            enqueued=going.enqueued,
            payments=going.payments,
            delays_s=tuple(going.delays_s),
            took_s=(hall.now() - going.began_at).total_seconds(),
        )
    )

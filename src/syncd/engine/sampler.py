"""Counts on a beat what gauges show, so that a scrape never touches the store."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from syncd.domain.facts import TenantSampled
from syncd.domain.ids import TenantId
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.rules import connection
from syncd.engine.hall import Hall
from syncd.store import installation, jobs, views
from syncd.store.unit_of_work import Transaction

_OPEN = (JobState.READY, JobState.LEASED, JobState.HELD, JobState.UNCERTAIN)


async def sample_once(hall: Hall) -> float | None:
    """One sample of every tenant, and whether the store still takes writes."""
    await hall.store.try_out(installation.touch())
    for tenant in sorted(hall.policies):
        hall.observe(await sample(hall, tenant))
    return hall.limits.sample_every_s


async def sample(hall: Hall, tenant: TenantId) -> TenantSampled:
    """The tenant's queue, invoices and tokens as the store says now."""
    read = Transaction()
    depths = read.add(jobs.depth(tenant))
    cards = read.add(views.cards(tenant))
    await hall.store.read(read)
    queue: Counter[str] = Counter()
    invoices: Counter[str] = Counter()
    oldest: datetime | None = None
    for depth in depths.rows:
        queue[str(depth.state)] += depth.count
        if depth.kind is JobKind.PUSH_INVOICE:
            invoices[str(depth.public_state)] += depth.count
        if depth.state in _OPEN and (oldest is None or depth.oldest_wanted_at < oldest):
            oldest = depth.oldest_wanted_at
    card = cards.first
    issued_at = None if card is None else card.refresh_issued_at
    return TenantSampled(
        tenant=tenant,
        queue=dict(queue),
        oldest_at=oldest,
        invoices=dict(invoices),
        connection="Not Connected" if card is None else str(card.connection),
        access_expires_at=None if card is None else card.access_expires_at,
        is_brake_halted=card is not None and card.halt is not None,
        refresh_expires_at=None if issued_at is None else connection.refresh_expires_at(issued_at),
    )

"""Stores what whole reads of linked invoices showed: money for Pipeline, keys for the worker.

Called by `engine.webhooks.process_events`, and fit for every reader that did not come to write.
Decides nothing about content: where the live side is not what was agreed, the worker is asked to
look. Money is not content, and PAID is AUTHORISED with money on it, so a payment by itself costs
nobody a look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from syncd.domain.errors import Conflict
from syncd.domain.ids import PipelineInvoiceId, TenantId, XeroInvoiceId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import content_hash, snapshots
from syncd.domain.rules.contacts import archive
from syncd.domain.rules.inbound import payment_diff
from syncd.engine.core import money_seen
from syncd.engine.core.context import SyncContext
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, links
from syncd.store.jobs import JobRow
from syncd.store.links import Link
from syncd.store.unit_of_work import Statement, Transaction


class LinkedRead(Value, frozen=True, kw_only=True):
    """A linked invoice and what a read showed; `live` None: a good read without it."""

    link: Link[Base]
    live: LiveInvoice | None


class LinkedReads(Value, frozen=True, kw_only=True):
    """What a read showed, beside the worker's jobs for the same invoices."""

    seen: tuple[LinkedRead, ...]
    job_of: Mapping[str, JobRow]

    @property
    def claimed(self) -> frozenset[str]:
        """Invoices in the worker's hand: what it tells may rest on an older read than this one."""
        return frozenset(k for k, row in self.job_of.items() if row.state is JobState.LEASED)


class Taken(Value, frozen=True, kw_only=True):
    """What came of it."""

    enqueued: int
    payments: int


async def with_jobs(
    context: SyncContext, tenant: TenantId, seen: Sequence[LinkedRead]
) -> LinkedReads:
    """These reads with the jobs as they stand after it: who claims one later reads anew.

    Raises StoreError.
    """
    keys = sorted(one.link.key for one in seen)
    rows = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, keys))
    return LinkedReads(seen=tuple(seen), job_of={row.key: row for row in rows})


async def take(
    context: SyncContext,
    tenant: TenantId,
    reads: LinkedReads,
    read_at: datetime,
    also: Sequence[Statement[None]] = (),
) -> Taken:
    """Store what these reads, begun at `read_at`, showed, and `also`, in one transaction.

    The money of invoices in the worker's hand counts as not read yet. Raises StoreError.
    """
    for attempt in range(1, money_seen.TRIES + 1):
        try:
            return await _take(context, tenant, reads, read_at, also)
        except Conflict:
            if attempt == money_seen.TRIES:
                raise
    raise AssertionError("the last try answers or raises")


async def _take(
    context: SyncContext,
    tenant: TenantId,
    reads: LinkedReads,
    read_at: datetime,
    also: Sequence[Statement[None]],
) -> Taken:
    seen, job_of = reads.seen, reads.job_of
    found = [(PipelineInvoiceId(one.link.key), one.live) for one in seen if one.live is not None]
    noted = await money_seen.note(context, tenant, found, read_at, again=reads.claimed)
    now = context.now()
    keys = [one.link.key for one in seen if _must_look(one, job_of.get(one.link.key))]
    tx = Transaction()
    tx.add_all(noted.statements)
    shown = [(key, str(live.status), live.number, read_at) for key, live in found]
    tx.add(links.note_read(tenant, ChangeKind.INVOICE, shown))
    tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, keys, now))
    topics = set(_met_predicates(seen, job_of))
    if topics:
        tx.add(jobs.release_by_predicates(tenant, topics, now))
    tx.add_all(also)
    await context.store.commit(tx)
    return Taken(enqueued=len(keys), payments=noted.payments)


def _must_look(one: LinkedRead, row: JobRow | None) -> bool:
    """The live side is not what was agreed, or not all of it was shown, and nobody waits with it.

    What is held is released by its predicates instead, so that its reason does not flicker.
    """
    if row is not None and row.state is JobState.HELD:
        return False
    if one.live is None or payment_diff.is_short(one.live):
        return True  # what left the books among what was left out is not known
    agreed = None if one.link.base is None else one.link.base.xero
    known = XeroStatus(one.link.xero_status)
    return content_hash.has_content_moved(agreed, snapshots.of_xero(one.live), known_status=known)


def _met_predicates(seen: Sequence[LinkedRead], job_of: Mapping[str, JobRow]) -> Iterator[str]:
    """What held jobs of these invoices may have waited for, or others whose number they had."""
    for one in seen:
        row, own = job_of.get(one.link.key), XeroInvoiceId(one.link.xero_id)
        if row is not None and row.state is JobState.HELD:
            yield Predicate.SIDES_AGREE.of(own)
            yield Predicate.MONEY_GONE.of(own)
        if _closes(one):
            yield Predicate.INVOICE_CLOSED.of(one.link.key)
        if _lets_go(one):
            yield Predicate.NUMBER_FREE.of(one.link.xero_number)
            yield Predicate.MOVED_IN_XERO.of(own.lower())


def _closes(one: LinkedRead) -> bool:
    """It is paid or gone, and was not when it was last seen."""
    was_open = archive.is_open(one.link.xero_status)
    return was_open and (one.live is None or not archive.is_open(one.live.status))


def _lets_go(one: LinkedRead) -> bool:
    """Its number is another one now, or it does not count in the books any more."""
    live = one.live
    if live is None:
        return True
    is_gone = live.status.is_gone and not XeroStatus(one.link.xero_status).is_gone
    return is_gone or live.number != one.link.xero_number

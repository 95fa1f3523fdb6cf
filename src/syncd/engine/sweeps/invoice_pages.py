"""Stores what invoices read by a sweep in full showed, in one transaction with its checkpoint.

Called by the sweeper and the full sweep. What is news goes the way of every whole read
(`engine.webhooks.live_invoices`): money for Pipeline, keys for the worker. What is not ours is
counted, unless it carries our mark. Writes to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import JobKind
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import content_hash, ownership_mark, snapshots
from syncd.engine.core.context import SyncContext
from syncd.engine.sweeps.step import SweepCounts, known
from syncd.engine.webhooks import live_invoices
from syncd.engine.webhooks.live_invoices import LinkedRead
from syncd.ports.billing import ChangeKind
from syncd.store import desired, findings, intents, jobs, links, sweeps
from syncd.store.links import Link
from syncd.store.sweeps import LastSeen
from syncd.store.unit_of_work import Statement, Transaction


class SortedInvoices(Value, frozen=True, kw_only=True):
    """Reads of invoices, sorted by whose they are."""

    linked: tuple[tuple[Link[Base], LiveInvoice], ...]
    last_seen: Mapping[str, LastSeen]
    strangers: tuple[LiveInvoice, ...]

    @property
    def news(self) -> list[LinkedRead]:
        """Those that show something else than when they were last seen.

        What is known to be gone is no news again: it can neither come back nor move.
        """
        return [
            LinkedRead(link=link, live=live)
            for link, live in self.linked
            if self._is_news(live)
            and not (live.status.is_gone and XeroStatus(link.xero_status).is_gone)
        ]

    @property
    def foreign(self) -> dict[str, datetime]:
        """Changes somebody else made, by id: a webhook should have told of them."""
        return {
            live.id: live.updated_at
            for link, live in self.linked
            if self._is_news(live) and self._is_foreign(link, live)
        }

    def _is_news(self, live: LiveInvoice) -> bool:
        before, now = self.last_seen.get(live.id), _as_seen(live, None, run=0)
        return before is None or (before.updated_at, before.content_hash, before.money) != (
            now.updated_at,
            now.content_hash,
            now.money,
        )

    def _is_foreign(self, link: Link[Base], live: LiveInvoice) -> bool:
        before = self.last_seen.get(live.id)
        money = None if before is None else before.money
        base = None if link.base is None else link.base.xero
        known = XeroStatus(link.xero_status)
        shown = snapshots.of_xero(live)
        return content_hash.has_content_moved(
            base, shown, known_status=known
        ) or content_hash.has_money_moved(money, content_hash.money_of(live))


async def sort(
    context: SyncContext, tenant: TenantId, lives: Sequence[LiveInvoice]
) -> SortedInvoices:
    """What a page of a list showed, beside what was known of it. Raises StoreError."""
    ids = [live.id for live in lives]
    found, last_seen = await known(context, tenant, links.invoices_by_xero(tenant, ids), ids)
    link_of = {link.xero_id: link for link in found}
    return SortedInvoices(
        linked=tuple((link_of[live.id], live) for live in lives if live.id in link_of),
        last_seen=last_seen,
        strangers=tuple(live for live in lives if live.id not in link_of),
    )


async def take(
    context: SyncContext,
    tenant: TenantId,
    sorted_reads: SortedInvoices,
    read_at: datetime,
    checkpoint: Sequence[Statement[None]],
    *,
    absent: Sequence[Link[Base]] = (),
    run: int = 0,
) -> SweepCounts:
    """Store what reads begun at `read_at` showed, with how far the sweep has come.

    `absent` are invoices a good read by id did not find. Raises StoreError.
    """
    news, strangers = sorted_reads.news, sorted_reads.strangers
    gone = [LinkedRead(link=link, live=None) for link in absent]
    # Before the checkpoint moves: what is found twice is found once.
    await _tell_of_strangers(context, tenant, strangers, await _marked(context, tenant, strangers))
    reads = await live_invoices.with_jobs(context, tenant, [*news, *gone])
    last_seen = [_as_seen(live, read_at, run=run) for _, live in sorted_reads.linked]
    also = (
        # What the worker tells of an invoice in its hand may rest on an older read than ours.
        jobs.look(tenant, JobKind.PUSH_INVOICE, sorted(reads.claimed), context.now()),
        sweeps.note_seen(tenant, last_seen),
        sweeps.unannounced(tenant, sorted_reads.foreign),
        *checkpoint,
    )
    taken = await live_invoices.take(context, tenant, reads, read_at, also)
    return SweepCounts(
        rows=len(sorted_reads.linked) + len(strangers),
        ours=len(sorted_reads.linked),
        news=len(news) + len(gone),
        enqueued=taken.enqueued + len(reads.claimed),
        payments=taken.payments,
        strangers=len(strangers),
    )


def _as_seen(live: LiveInvoice, read_at: datetime | None, *, run: int) -> LastSeen:
    return LastSeen(
        xero_id=live.id,
        updated_at=live.updated_at,
        content_hash=content_hash.snapshot_hash(snapshots.of_xero(live)),
        money=content_hash.money_of(live),
        dated_on=live.invoice_on.isoformat(),
        full_at=read_at,
        run=run,
    )


class _Marked(Value, frozen=True, kw_only=True):
    """Unlinked documents with our mark: findings, and keys whose answer may have been lost."""

    found: tuple[Found, ...] = ()
    lost: tuple[str, ...] = ()


async def _marked(
    context: SyncContext, tenant: TenantId, strangers: Sequence[LiveInvoice]
) -> _Marked:
    """Which of the unlinked documents say that we made them, and what that means."""
    owner_of = {
        live.id: owner
        for live in strangers
        if not live.status.is_gone
        and (owner := ownership_mark.owner_of(live.url, context.installation)) is not None
    }
    if not owner_of:
        return _Marked()
    keys = sorted(set(owner_of.values()))
    read = Transaction()
    linked = read.add(links.invoices(tenant, keys))
    opened = read.add(intents.open_by_keys(tenant, ChangeKind.INVOICE, keys))
    wanted = read.add(desired.versions(tenant, ChangeKind.INVOICE, keys))
    labelled = read.add(desired.labels(tenant, keys))
    await context.store.read(read)
    elsewhere = {link.key for link in linked.rows}
    under_way = {one.key for one in opened.rows}
    known = {one.key for one in wanted.rows}
    names = dict(labelled.rows)
    found = [
        _found(
            live,
            _named(owner_of[live.id], names),
            is_linked=owner_of[live.id] in elsewhere,
        )
        for live in strangers
        if live.id in owner_of and owner_of[live.id] not in under_way
    ]
    lost = [key for key in keys if key in known - elsewhere - under_way]
    return _Marked(found=tuple(found), lost=tuple(lost))


def _named(owner: PipelineInvoiceId, names: Mapping[str, str]) -> str:
    """Pipeline's invoice as people call it, its id beside; the id where Pipeline told of none."""
    return f"{names[owner]} ({owner})" if owner in names else owner


def _found(live: LiveInvoice, owner: str, *, is_linked: bool) -> Found:
    if is_linked:
        kind = FindingKind.DUPLICATE_SUSPECTED
        text = (
            f"Xero's invoice {live.number} carries the mark of Pipeline's invoice {owner}, "
            "which stands in Xero as another document. Void one of the two in Xero."
        )
    else:
        kind = FindingKind.EXTRA
        text = (
            f"Xero's invoice {live.number} carries our mark, for Pipeline's invoice {owner}, "
            "but is linked to nothing here. It is looked at again by itself where Pipeline has it."
        )
    return Found(kind=kind, key=live.id, label=live.number, text=text)


async def _tell_of_strangers(
    context: SyncContext, tenant: TenantId, strangers: Sequence[LiveInvoice], marked: _Marked
) -> None:
    """Findings open and close; who waits for a number of theirs looks again."""
    if not strangers:
        return
    now = context.now()
    tx = Transaction()
    if marked.found:
        tx.add(findings.open_(tenant, marked.found, now))
        tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, marked.lost, now))
    gone = [live.id for live in strangers if live.status.is_gone]
    for kind in (FindingKind.EXTRA, FindingKind.DUPLICATE_SUSPECTED):
        tx.add(findings.close(tenant, kind, gone, now))
    topics = {Predicate.MOVED_IN_XERO.of(live.id.lower()) for live in strangers}
    topics |= {Predicate.NUMBER_FREE.of(live.number) for live in strangers if live.number}
    tx.add(jobs.release_by_predicates(tenant, topics, now))
    await context.store.commit(tx)

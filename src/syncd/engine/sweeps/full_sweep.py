"""The full sweep: every sales invoice by summary, in full only where its summary has moved.

A thousand rows to a call, in ranges of dates, compared page by page with what was last seen, so
memory does not grow with the books. What was not come across is looked for by id before anybody
calls it missing. The rotation reads each document in full once in 30 days, for what no summary
shows. Called by the sweeper, some pages at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from syncd.domain.errors import Refused
from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.job import JobKind
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.rules.compare import content_hash
from syncd.domain.rules.inbound import date_ranges
from syncd.domain.rules.inbound.date_ranges import FullSweepProgress
from syncd.domain.rules.limits import sweep_pace
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core import unreadable_rows
from syncd.engine.core.context import SyncContext
from syncd.engine.sweeps import invoice_pages
from syncd.engine.sweeps.step import StepResult, SweepCounts, SweepStep
from syncd.ports.ledger_sweeps import ListedInvoice, ListPage
from syncd.ports.rows import Unread
from syncd.store import findings, jobs, links, sweeps
from syncd.store.sweeps import LastSeen, LinkedDocument
from syncd.store.unit_of_work import Statement, Transaction

PAGES_A_STEP = 5
READS_A_STEP = 5
ROWS_AT_ONCE = 100
"""So many rows are compared before others on the loop run."""
_PROGRESS = msgspec.json.Decoder(FullSweepProgress)


async def sweep(step: SweepStep) -> StepResult:
    """Some pages of a full sweep, begun anew or where it stood. Raises RemoteError, StoreError."""
    progress = None if step.checkpoint is None else _PROGRESS.decode(step.checkpoint)
    if step.is_new or progress is None:
        progress = await _begun(step.context, step.tenant, 0 if progress is None else progress.run)
    counts = SweepCounts()
    for _ in range(PAGES_A_STEP):
        if not progress.ranges:
            return await _look_for_unseen(step, progress, counts)
        progress, page = await _page(step, progress)
        counts += page
    return StepResult(counts=counts, is_complete=False)


async def rotate(step: SweepStep) -> StepResult:
    """Read in full what was not for 30 days: some calls of a day's share."""
    context, tenant = step.context, step.tenant
    left = int(step.checkpoint or 0)
    if step.is_new:
        (documents,) = await context.store.fetch(sweeps.documents(tenant))
        left = sweep_pace.rotation_calls(documents)
    before = context.now() - timedelta(days=sweep_pace.FULL_ONCE_IN_DAYS)
    counts = SweepCounts()
    for _ in range(READS_A_STEP):
        limit = sweep_pace.FULL_A_CALL if left else 0
        ids = await context.store.fetch(sweeps.stale(tenant, before, limit=limit))
        if not ids:
            await context.store.run(step.end("0"))
            return StepResult(counts=counts, is_complete=True)
        left -= 1
        marks = (step.save(str(left)), sweeps.read_in_full(tenant, ids, context.now()))
        counts += await _read(context, tenant, ids, marks)
    return StepResult(counts=counts, is_complete=False)


async def _begun(context: SyncContext, tenant: TenantId, run: int) -> FullSweepProgress:
    """A new sweep through the dates of our own documents."""
    starts = await context.store.fetch(sweeps.bounds(tenant, every=sweep_pace.WINDOW_ROWS))
    return FullSweepProgress(run=run + 1, ranges=date_ranges.ranges_of(starts))


async def _page(
    step: SweepStep, progress: FullSweepProgress
) -> tuple[FullSweepProgress, SweepCounts]:
    """Read one page of summaries, compare it, read in full what moved, and store it."""
    context, tenant = step.context, step.tenant
    place = progress.ranges[0]
    read_at = context.now()
    try:
        page = await context.ledger.invoice_summaries(
            tenant, place.since_on, place.before_on, page=progress.page, lane=Lane.SWEEP
        )
    except Refused:
        if progress.page > 1 or not date_ranges.can_cut(place):
            raise
        return await _cut(step, progress), SweepCounts()
    if date_ranges.is_too_large(progress, page.count):
        return await _cut(step, progress), SweepCounts()
    after = date_ranges.after_page(progress, is_last=page.is_last)
    seen = await _compared(context, tenant, page, progress.run)
    counts = SweepCounts(rows=len(seen.readable), ours=seen.ours, unread=len(seen.unread))
    for start in range(0, len(seen.moved), sweep_pace.FULL_A_CALL):
        ids = seen.moved[start : start + sweep_pace.FULL_A_CALL]
        counts += await _read(context, tenant, ids, (), run=progress.run)
    tx = Transaction()
    tx.add(sweeps.note_unchanged(tenant, seen.same, progress.run))
    tx.add(sweeps.note_alike(tenant, seen.alike, progress.run))
    tx.add(sweeps.note_seen(tenant, seen.first))
    if seen.uneven:
        tx.add(findings.open_(tenant, seen.uneven, read_at))
        tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, [one.key for one in seen.uneven], read_at))
    tx.add_all(unreadable_rows.noted(tenant, seen.readable, seen.unread, read_at))
    tx.add(step.save(_words(after)))
    await context.store.commit(tx)
    return after, counts


async def _cut(step: SweepStep, progress: FullSweepProgress) -> FullSweepProgress:
    """The range is too large: stored as two, so that nobody asks for the whole again."""
    halves = date_ranges.cut(progress)
    await step.context.store.run(step.save(_words(halves)))
    return halves


@dataclass(slots=True)
class _Compared:
    """A page beside what was known.

    `same` came again with its digest; `alike` shows the same, and gets one; `first` is seen for the
    first time, and as agreed.
    """

    unread: list[Unread]
    readable: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    alike: list[tuple[str, str]] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    first: list[LastSeen] = field(default_factory=list)
    uneven: list[Found] = field(default_factory=list)
    ours: int = 0


async def _compared(
    context: SyncContext, tenant: TenantId, page: ListPage[ListedInvoice], run: int
) -> _Compared:
    """What has moved of a page; others on the loop run in between."""
    found = _Compared([*page.unread])
    for start in range(0, len(page.rows), ROWS_AT_ONCE):
        some = page.rows[start : start + ROWS_AT_ONCE]
        known = await context.store.fetch(sweeps.linked_documents(tenant, [row.id for row in some]))
        by_id = {one.xero_id: one for one in known}
        for row in some:
            one = by_id.get(row.id)
            if one is not None and one.shows_again(row.digest):
                found.readable.append(row.id)
                found.same.append(row.id)
                found.ours += 1
                continue
            summary = row.summary(page.as_of)
            if isinstance(summary, Unread):
                found.unread.append(summary)
                continue
            found.readable.append(row.id)
            if one is not None:
                found.ours += 1
                _compare(found, summary, row.digest, one, run)
    return found


def _compare(
    found: _Compared, row: InvoiceSummary, digest: str, one: LinkedDocument, run: int
) -> None:
    hashed, money = content_hash.summary_hash(row), content_hash.money_of(row)
    if one.is_seen:
        if not one.is_as_seen(row.updated_at, hashed, money):
            found.moved.append(row.id)
            return
        found.alike.append((row.id, digest))
    elif _is_edited(one, row) or not _is_as_agreed(one, hashed, money):
        found.moved.append(row.id)
        return
    else:
        found.first.append(
            LastSeen(
                xero_id=row.id,
                updated_at=row.updated_at,
                content_hash=hashed,
                money=money,
                dated_on=row.invoice_on,
                full_at=one.based_at,
                run=run,
                row_digest=digest,
            )
        )
    if one.is_told_otherwise(money) and not row.status.is_gone:
        found.uneven.append(_uneven(row, one, money))


def _is_edited(one: LinkedDocument, row: InvoiceSummary) -> bool:
    """Somebody may have changed it since we wrote or read it whole: a line that no summary shows.

    So may who did before anybody read it whole, or before its own event took our write's stamp.
    """
    return one.updated_at is None or row.updated_at > one.updated_at


def _is_as_agreed(one: LinkedDocument, hashed: str, money: str) -> bool:
    """A document no sweep has seen yet shows what was agreed, and the money that was told."""
    base = one.agreed
    if base is None or base.xero is None or content_hash.snapshot_hash(base.xero) != hashed:
        return False
    return not content_hash.has_money_moved(one.published, money)


def _uneven(row: InvoiceSummary, one: LinkedDocument, money: str) -> Found:
    due, paid, credited = money.split(" ")
    text = (
        f"Xero shows {paid} paid, {credited} credited and {due} due; Pipeline was told "
        f"{_in_words(one.published)}. It is looked at again by itself."
    )
    return Found(kind=FindingKind.PAID_UNPAID_MISMATCH, key=one.key, label=row.number, text=text)


def _in_words(told: str | None) -> str:
    due, paid, credited = (told or "? ? ?").split(" ")
    return f"{paid} paid, {credited} credited and {due} due"


async def _look_for_unseen(
    step: SweepStep, progress: FullSweepProgress, counts: SweepCounts
) -> StepResult:
    """What no page has shown is read by id: only a good read without it calls it absent."""
    context, tenant = step.context, step.tenant
    for _ in range(READS_A_STEP):
        ids = await context.store.fetch(
            sweeps.unseen(tenant, progress.run, after=progress.after, limit=sweep_pace.FULL_A_CALL)
        )
        if not ids:
            await context.store.run(step.end(_words(progress)))
            return StepResult(counts=counts, is_complete=True)
        progress = FullSweepProgress(run=progress.run, ranges=(), after=ids[-1])
        checkpoint = (step.save(_words(progress)),)
        counts += await _read(context, tenant, ids, checkpoint, run=progress.run)
    return StepResult(counts=counts, is_complete=False)


async def _read(
    context: SyncContext,
    tenant: TenantId,
    ids: Sequence[str],
    checkpoint: Sequence[Statement[None]],
    *,
    run: int = 0,
) -> SweepCounts:
    """Read these in full, and store what they show."""
    read_at = context.now()
    wanted = [XeroInvoiceId(each) for each in ids]
    found = await context.ledger.invoices_by_id(tenant, wanted, lane=Lane.SWEEP)
    missing = [each for each in wanted if found.lacks(each)]
    notes = (*checkpoint, *unreadable_rows.noted(tenant, (), found.unread, read_at))
    absent = await context.store.fetch(links.invoices_by_xero(tenant, missing)) if missing else ()
    sorted_reads = await invoice_pages.sort(context, tenant, found.rows)
    return await invoice_pages.take(
        context, tenant, sorted_reads, read_at, notes, absent=absent, run=run
    )


def _words(progress: FullSweepProgress) -> str:
    return msgspec.json.encode(progress).decode()

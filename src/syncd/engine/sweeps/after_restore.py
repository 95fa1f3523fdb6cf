"""Reads, after `db restore`, what Xero has of ours that the backup cannot know of.

Every document this app created and anybody changed since the backup is read, page by page, and
matched by its mark, whatever numbers it and its invoice carry by now. Until a tenant's look has
come to its end, nothing is created for it (`rules.decide.situation`); everything else goes on. The
list is passed over until a pass has begun when nothing from before the restore could land any more.
Why: docs/decisions/0013-bases-after-a-restore.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import msgspec

from syncd.domain.errors import Garbled, Refused
from syncd.domain.facts import RoundDeferred, SweepFinished
from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import JobKind
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import ownership_mark
from syncd.domain.rules.inbound import change_cursor
from syncd.domain.rules.inbound.change_cursor import ListPosition, SweepProgress
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core import unreadable_rows
from syncd.engine.core.context import Gate, SyncContext
from syncd.engine.invoices import meant
from syncd.engine.sweeps import invoice_pages
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger_sweeps import ListPage
from syncd.ports.rows import Unread, plain
from syncd.store import desired, jobs, links, restores
from syncd.store.restores import OutstandingLook
from syncd.store.unit_of_work import Transaction

TASK = "restore"
REFUSED_DELAY_S = 900.0
"""Asked again soon, Xero would say the same, and nothing ends the look but its answer."""


class _Pass(Value, frozen=True, kw_only=True):
    """One time through the list; its end when `progress.place` is None.

    `is_last`: when it began, nothing from before the restore could land any more.
    """

    is_last: bool
    progress: SweepProgress


_PASS = msgspec.json.Decoder(_Pass)


async def look_once(context: SyncContext, tenant: TenantId, *, is_open: Gate) -> float | None:
    """One page. Answers when the next is due, None when there is nothing to look for.

    Raises RemoteError, StoreError.
    """
    if not is_open(tenant):
        return None
    found = await context.store.fetch(restores.outstanding(tenant))
    if not found:
        return None
    (look,) = found
    if look.restored_at > (now := context.now()):
        # The clock was ahead then, or was set back since: as long ago as anybody can be sure of.
        await context.store.run(restores.no_later_than(now))
        look = replace(look, restored_at=now)
    at = None if look.memory is None else _PASS.decode(look.memory)
    if at is None or at.progress.place is None:
        delay_s = _settles_in_s(context, look)
        if at is not None and delay_s > 0:
            return delay_s
        at = _begun(look, is_last=delay_s <= 0)
    try:
        await _read_page(context, tenant, at)
    except (Refused, Garbled) as error:
        context.observe(
            RoundDeferred(tenant=tenant, task=TASK, error=str(error), retry_after_s=REFUSED_DELAY_S)
        )
        return REFUSED_DELAY_S
    return 0.0


def _settles_in_s(context: SyncContext, look: OutstandingLook) -> float:
    """When to ask again whether nothing sent before the restore can still land; 0: it cannot.

    Forgotten writes take `late_commit_s` at most; remembered ones are the prober's.
    """
    settles_at = look.restored_at + timedelta(seconds=context.limits.late_commit_s)
    delay_s = (settles_at - context.now()).total_seconds()
    if delay_s <= 0 and look.has_open_writes:
        return context.limits.probe_after_s / 4
    return max(0.0, delay_s)


def _begun(look: OutstandingLook, *, is_last: bool) -> _Pass:
    """From the start: what a list shows late is behind where the pass before came to."""
    since = look.since.replace(microsecond=0)
    return _Pass(
        is_last=is_last, progress=SweepProgress(reached_at=since, place=ListPosition(since=since))
    )


async def _read_page(context: SyncContext, tenant: TenantId, at: _Pass) -> None:
    place = at.progress.place
    assert place is not None, "a pass under way stands somewhere"
    read_at = context.now()
    page = await context.ledger.invoice_changes(
        tenant, place.since, page=place.page, lane=Lane.WRITE, of_our_app=True
    )
    await _match(context, tenant, page, read_at)
    now = context.now()
    progress = change_cursor.after_page(
        at.progress,
        page.last_at,
        as_of=page.as_of,
        is_last=page.is_last,
        has_news=False,
        now=now,
    )
    after = _Pass(is_last=at.is_last, progress=progress)
    is_complete = progress.place is None and at.is_last
    saved = restores.remember(tenant, msgspec.json.encode(after).decode())
    checkpoint = [*(restores.ended(tenant, now) if is_complete else (saved,))]
    checkpoint += unreadable_rows.noted(tenant, (), page.unread, now)
    sorted_reads = await invoice_pages.sort(context, tenant, page.rows)
    counts = await invoice_pages.take(context, tenant, sorted_reads, read_at, checkpoint)
    context.observe(
        SweepFinished(
            tenant=tenant,
            task=TASK,
            counts=asdict(counts),
            is_complete=is_complete,
            took_s=(context.now() - read_at).total_seconds(),
        )
    )


async def _match(
    context: SyncContext, tenant: TenantId, page: ListPage[LiveInvoice], read_at: datetime
) -> None:
    """Documents with our mark become links, and what was touched is decided by the worker."""
    lives = page.rows
    marked = [
        (str(owner), live)
        for live in lives
        if (owner := ownership_mark.owner_of(live.url, context.installation)) is not None
    ]
    known = await context.store.fetch(links.invoices(tenant, [key for key, _ in marked]))
    tx = Transaction()
    # Of a document that is gone, and may have been made once more, the base says what was meant.
    gone = {str(live.id): live for live in lives if live.status.is_gone}
    living = {key for key, live in marked if live.id not in gone}
    for link in known:
        live = gone.get(link.xero_id) if link.key in living else None
        if live is not None or XeroStatus(link.xero_status).is_gone:
            tx.add_all(meant.remembered(tenant, PipelineInvoiceId(link.key), link.base))
        if live is not None:  # gone since the backup, and made again
            shown = (link.key, str(live.status), live.number, read_at)
            tx.add(links.note_read(tenant, ChangeKind.INVOICE, [shown]))
    found = [
        *((key, str(live.id), str(live.status), live.number) for key, live in marked),
        *await _marked_unread(context, tenant, page.unread),
    ]
    tx.add(restores.found(tenant, found, read_at))
    unread = [one.id for one in page.unread if one.id]
    touched = tx.add(restores.touched(tenant, lives, unread))
    await context.store.commit(tx)
    keys = sorted({key for key, *_ in found} | set(touched.rows))
    await context.store.run(jobs.look(tenant, JobKind.PUSH_INVOICE, keys, read_at))


async def _marked_unread(
    context: SyncContext, tenant: TenantId, unread: Sequence[Unread]
) -> list[tuple[str, str, str, str]]:
    """Documents that cannot be read, and carry our mark for an invoice of Pipeline's.

    Unlinked they would count as never made. Which status each has is read with the rest of it.
    """
    ours = [one for one in unread if one.id and plain(context.installation) in one.names]
    names = sorted({name for one in ours for name in one.names})
    known = await context.store.fetch(desired.versions(tenant, ChangeKind.INVOICE, names))
    return [
        (wanted.key, one.id, XeroStatus.DRAFT.value, one.label)
        for one in ours
        for wanted in known
        if wanted.key in one.names
    ]

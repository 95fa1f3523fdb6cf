"""Reads one invoice from Pipeline now and takes it in, as the feed would have sooner or later.

Called where a person decides about it: what they decide on is Pipeline's newest version.
"""

from __future__ import annotations

from syncd.domain.errors import NotFound
from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model.job import JobKind
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import intake, news
from syncd.store import desired, jobs
from syncd.store.desired import DesiredChange
from syncd.store.unit_of_work import Transaction

UNREADABLE = "Pipeline's side cannot be read. Correct the invoice in Pipeline."


async def refresh(context: SyncContext, tenant: TenantId, key: str) -> str:
    """Empty when Pipeline's newest version is stored, else why it is not.

    What Pipeline has deleted is not asked for: only the feed can bring it back. Raises RemoteError.
    """
    found = await context.store.fetch(desired.invoices(tenant, [key]))
    known = found[0] if found else None
    if known is None or known.problem is not None:
        return UNREADABLE
    if known.is_withdrawn:
        return ""
    try:
        invoice = await context.billing.invoice(tenant, PipelineInvoiceId(key))
    except NotFound:
        return "Pipeline does not show it any more. Try again once syncd has heard of its deletion."
    change = DesiredChange.as_read(key, invoice, by="")
    if (await news.of(context, tenant, [change])).changes:
        await _take_in(context, tenant, change)
    return ""


async def _take_in(context: SyncContext, tenant: TenantId, change: DesiredChange) -> None:
    """By the feed where its next page has it, for only the feed says who made the change."""
    await intake.poll_once(context, tenant)
    told = await news.of(context, tenant, [change])
    if not told.changes:
        return
    now = context.now()
    tx = Transaction()
    told.put(tx, tenant, now)
    tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, [change.key], now))
    await context.store.commit(tx)

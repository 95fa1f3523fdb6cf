"""Reads one invoice from Pipeline now and takes it in, as the feed would have sooner or later.

Called where a person decides about it: what they decide on is Pipeline's newest version.
"""

from __future__ import annotations

from syncd.domain.errors import NotFound
from syncd.domain.ids import PipelineInvoiceId, TenantId
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import JobKind
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import intake
from syncd.store import desired, jobs
from syncd.store.desired import Desired, DesiredChange
from syncd.store.unit_of_work import Transaction


async def refresh(context: SyncContext, tenant: TenantId, key: str) -> str:
    """Empty when Pipeline's newest version is stored, else why it is not.

    What Pipeline has deleted is not asked for: only the feed can bring it back. Raises RemoteError.
    """
    found = await context.store.fetch(desired.invoices(tenant, [key]))
    known = found[0] if found else None
    if known is None or known.problem is not None:
        return "Pipeline's side cannot be read. Correct the invoice in Pipeline."
    if known.is_withdrawn:
        return ""
    try:
        invoice = await context.billing.invoice(tenant, PipelineInvoiceId(key))
    except NotFound:
        return "Pipeline does not show it any more. Try again once syncd has heard of its deletion."
    if invoice.version > known.version:
        await _take_in(context, tenant, known, invoice)
    return ""


async def _take_in(
    context: SyncContext, tenant: TenantId, known: Desired[Invoice], invoice: Invoice
) -> None:
    """By the feed where its next page has it, for only the feed says who made the change."""
    await intake.poll_once(context, tenant)
    (standing,) = await context.store.fetch(desired.invoices(tenant, [known.key]))
    if standing.version >= invoice.version:
        return
    change = DesiredChange.as_read(known.key, invoice, by="")
    now = context.now()
    tx = Transaction()
    tx.add(desired.put(tenant, [change]))
    tx.add(jobs.look(tenant, JobKind.PUSH_INVOICE, [known.key], now))
    await context.store.commit(tx)

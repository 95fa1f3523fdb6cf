"""Rebuilds what open creates meant, from the bytes of their call and the version they carry.

Called through `invoices.kind` wherever a call of unknown outcome is looked at. Other intents say
themselves what they meant; of a create that was applied the base says it (`as_agreed`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncd.domain.ids import IntentId, PipelineInvoiceId, TenantId
from syncd.domain.model.intent_body import InvoiceIntentBody
from syncd.domain.model.invoice import Invoice, InvoiceWrite, StepKind
from syncd.domain.model.snapshot import Base
from syncd.domain.rules.compare import snapshots, translation
from syncd.engine.core.context import SyncContext
from syncd.store import intents
from syncd.store.calls import Call
from syncd.store.intents import Intent
from syncd.store.unit_of_work import Statement


async def of_calls(
    context: SyncContext, calls: Sequence[Call], elements: Sequence[Intent]
) -> list[Intent]:
    """The elements of these calls, each with what was meant of it as long as its call is open.

    Of one that is closed already only the write is known: its siblings' looks ask for no more.
    """
    unsaid = [one.id for one in elements if one.body is None]
    if not unsaid:
        return list(elements)
    carried = dict(await context.store.fetch(intents.versions_carried(unsaid)))
    found: list[Intent] = []
    for call in calls:
        own = [one for one in elements if one.call == call.id]
        if call.body is not None and any(one.body is None for one in own):
            ids = [PipelineInvoiceId(one.key) for one in own]
            writes = context.ledger.creates_in(call.prepared(), ids)
            own = [
                one if one.body is not None else replace(one, body=rebuilt(one, write, carried))
                for one, write in zip(own, writes, strict=True)
            ]
        found += own
    return found


def remembered(
    tenant: TenantId, key: PipelineInvoiceId, base: Base | None
) -> tuple[Statement[None], ...]:
    """For whoever forgets a base: the invoice's applied creates keep what it said of them."""
    said = None if base is None else as_agreed(key, base)
    return () if said is None else (intents.keep_meant(tenant, key, said),)


def as_agreed(key: PipelineInvoiceId, base: Base) -> InvoiceIntentBody | None:
    """What a create would have meant that ended in this agreement; None where a half is missing."""
    if base.pipeline is None or base.xero is None:
        return None
    partner = dict(base.pairs)
    shown = {line.id: line for line in base.xero.lines}
    lines = tuple(shown.get(partner.get(line.id, ""), line) for line in base.pipeline.lines)
    return InvoiceIntentBody(
        desired=base.pipeline,
        expected=replace(base.xero, lines=lines),
        write=InvoiceWrite(step=StepKind.CREATE, pipeline_id=key),
    )


def rebuilt(
    one: Intent, write: InvoiceWrite, carried: Mapping[IntentId, Invoice]
) -> InvoiceIntentBody:
    """What a create meant, of what was sent and the version it carried."""
    invoice = carried.get(one.id)
    if invoice is None:
        return InvoiceIntentBody(desired=None, expected=None, write=write, ties=one.ties)
    said, codes = snapshots.of_pipeline(invoice), translation.as_sent(write)
    own = [
        replace(line, pipeline_line_id=here.id)
        for line, here in zip(write.lines or (), invoice.lines, strict=True)
    ]
    return InvoiceIntentBody(
        desired=said,
        expected=translation.expected(invoice, codes, said),
        write=replace(write, lines=tuple(own)),
        ties=one.ties,
    )

"""Adds the end of one invoice's round to a change set: job, link, what Pipeline is told, journal.

Called through `invoices.kind` by the write path, and by decisions without a write. Where the queue
puts the job is `writes.settle`'s to say.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import PipelineCustomerId, XeroInvoiceId
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobState, Reason
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.result import InvoiceResult
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.contacts import archive
from syncd.domain.rules.inbound import payment_diff
from syncd.domain.rules.journal.transitions import Ending
from syncd.domain.rules.queue import job
from syncd.domain.rules.queue.holds import HoldContext
from syncd.domain.rules.queue.job import (
    Done,
    RetryAt,
    Transition,
)
from syncd.engine.core import journal_entries
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.writes import settle as writes_settle
from syncd.store.jobs import JobSettlement
from syncd.store.journal import RecordType
from syncd.store.links import Link

_WRITTEN = {
    StepKind.CREATE: (RecordType.CREATE, PushOutcome.CREATED, "Created in Xero"),
    StepKind.UPDATE: (RecordType.EDIT, PushOutcome.UPDATED, "Updated in Xero"),
    StepKind.VOID: (RecordType.DELETE, PushOutcome.VOIDED, "Voided in Xero"),
    StepKind.DELETE: (RecordType.DELETE, PushOutcome.VOIDED, "Deleted in Xero"),
}


def settle(changeset: ChangeSet, end: InvoiceEnd) -> None:
    """Put `end` on the record."""
    context = changeset.context
    now = context.now()
    to, settlement = writes_settle.settle(
        changeset,
        end.loaded.job,
        end.outcome,
        _hold_context(end, now),
        text=end.text,
        is_voided=end.is_voided,
        differences=end.differences,
        objections=end.objections,
    )
    if not end.look_again:
        written = None if end.written is None else _WRITTEN[end.written][1]
        writes_settle.count(changeset, to, written)
    link = _link(end, now)
    if link is not None:
        changeset.invoice_links.append(link)
        changeset.released.extend(_let_go(end.loaded.link, link))
        _see_money(changeset, end)
    if _closes(end, settlement, link):
        changeset.released.append(Predicate.INVOICE_CLOSED.of(end.loaded.id))
    ending, row = _ending(end, to, settlement), end.loaded.job
    if end.written is None:
        changeset.entries.extend(
            journal_entries.of_end(row, ending, label=end.loaded.label, at=now)
        )
    else:
        _confirm(changeset, end, ending, now)
        if end.live is not None and not end.live.is_whole:
            # Xero will announce this very write; its event, told by the stamp, needs no look.
            changeset.stamps[row.key] = end.live.updated_at
    # What Pipeline has never shown us, it may not have: a restored store learns it late.
    if end.loaded.desired is not None and (end.look_again or not isinstance(to, RetryAt)):
        changeset.tell_invoice(_result(end, settlement))


def _see_money(changeset: ChangeSet, end: InvoiceEnd) -> None:
    """The document is this invoice's: the payments a whole read showed on it are Pipeline's."""
    for seen in (end.live, end.money_as_read):
        if seen is not None and seen.is_whole:
            changeset.saw[end.loaded.id] = seen
            return


def _hold_context(end: InvoiceEnd, now: datetime) -> HoldContext:
    loaded = end.loaded
    wanted = loaded.desired
    xero_id = end.live.id if end.live is not None else None
    if xero_id is None and loaded.link is not None:
        xero_id = XeroInvoiceId(loaded.link.xero_id)
    return HoldContext(
        now=now,
        customer=(wanted.parent if wanted else None) or PipelineCustomerId(""),
        number=wanted.label if wanted else "",
        invoice=xero_id,
    )


def _link(end: InvoiceEnd, now: datetime) -> Link[Base] | None:
    """The link as it stands after this round; None when it need not be written."""
    loaded, live = end.loaded, end.live
    if live is None or (loaded.link is None and end.base is None):
        return None
    old = loaded.link
    is_sure = end.in_sync or end.look_again or (end.written is not None and not live.is_whole)
    return Link(
        key=loaded.job.key,
        xero_id=live.id,
        is_ours=True if old is None else old.is_ours,
        xero_status=live.status,
        xero_number=live.number,
        seen_at=now,
        base=loaded.base if end.base is None else end.base,
        based_at=now if end.base is not None else (old.based_at if old else None),
        synced_version=_synced_version(end),
        unverified_from=None if is_sure else loaded.unverified_from,
    )


def _let_go(before: Link[Base] | None, now: Link[Base]) -> tuple[str, ...]:
    """Whoever waits for a number that it had, or for that very document, is to look again."""
    if before is None:
        return ()
    is_gone = XeroStatus(now.xero_status).is_gone and not XeroStatus(before.xero_status).is_gone
    if not is_gone and now.xero_number == before.xero_number:
        return ()
    return (
        Predicate.NUMBER_FREE.of(before.xero_number),
        Predicate.MOVED_IN_XERO.of(now.xero_id.lower()),
    )


def _closes(end: InvoiceEnd, settlement: JobSettlement, now: Link[Base] | None) -> bool:
    """It is paid, gone or another customer's now: one deleted meanwhile may let its contact go."""
    before, base, wanted = end.loaded.link, end.loaded.base, end.loaded.desired
    if settlement.is_voided or before is None:
        # Of one that never stood in Xero nobody knows whose it was before.
        return settlement.is_voided or settlement.state is JobState.HELD
    if base is not None and base.pipeline is not None and wanted is not None:
        is_anothers = wanted.parent not in (None, base.pipeline.contact)
    else:
        is_anothers = False
    was_open = archive.is_open(before.xero_status)
    is_closed = now is not None and not archive.is_open(now.xero_status)
    return is_anothers or (was_open and is_closed)


def _synced_version(end: InvoiceEnd) -> int | None:
    """The Pipeline version that Xero now shows."""
    if end.written is not None:
        return end.written_version
    if end.in_sync:
        return end.loaded.version
    return None if end.loaded.link is None else end.loaded.link.synced_version


def _ending(end: InvoiceEnd, to: Transition, settlement: JobSettlement) -> Ending:
    """The settlement as the journal looks at it."""
    wanted, link = end.loaded.desired, end.loaded.link
    is_gone_known = link is None or XeroStatus(link.xero_status).is_gone
    return Ending(
        state=settlement.state,
        reason=settlement.reason,
        is_out_of_sync=settlement.is_out_of_sync,
        text=end.text if isinstance(to, Done) else to.text,
        differences=end.differences,
        is_written=end.written is not None,
        is_linked_now=link is None and end.base is not None and end.written is None,
        is_ended=settlement.is_voided and not is_gone_known,
        is_never_sent=settlement.is_voided and link is None and end.live is None,
        proof=end.proof,
        accepted=end.accepted,
        pipeline_by=None if wanted is None else wanted.changed_by,
    )


def _confirm(changeset: ChangeSet, end: InvoiceEnd, ending: Ending, now: datetime) -> None:
    """A write is confirmed: time it, write it into the journal."""
    assert end.written is not None, "only a confirmed write is told"
    kind, _, words = _WRITTEN[end.written]
    wanted = end.loaded.desired
    if wanted is not None:
        changeset.delays_s.append(max(0.0, (now - wanted.changed_at).total_seconds()))
    cause = f", Pipeline version {end.written_version}"
    if wanted is not None and wanted.version == end.written_version and wanted.changed_by:
        cause += f" by {wanted.changed_by}"
    said = f"{words}: {end.loaded.label}{cause}"
    changeset.entries.append(
        journal_entries.written(end.loaded.job, ending, said, record_type=kind, at=now)
    )


def _is_anothers(end: InvoiceEnd, settlement: JobSettlement) -> bool:
    """Whether what was read is another's document that has the invoice's number.

    So it is where the number is taken, and where all is done without a link: nothing of the
    invoice stands in Xero.
    """
    is_over = settlement.state is JobState.DONE or settlement.reason is Reason.NUMBER_TAKEN
    return end.loaded.link is None and end.base is None and is_over


def _result(end: InvoiceEnd, settlement: JobSettlement) -> InvoiceResult:
    loaded, link = end.loaded, end.loaded.link
    live = None if _is_anothers(end, settlement) else end.live
    status = None if link is None else XeroStatus(link.xero_status)
    xero_id = None if link is None else XeroInvoiceId(link.xero_id)
    number = None if link is None else link.xero_number
    if live is not None:
        status, xero_id, number = live.status, live.id, live.number
    money = payment_diff.amounts(live, end.money_as_read)
    return InvoiceResult(
        id=loaded.id,
        state=job.public_state(
            settlement.state,
            settlement.reason,
            is_voided=settlement.is_voided,
            is_out_of_sync=settlement.is_out_of_sync,
        ),
        reason_code=settlement.reason,
        reason=settlement.note or "",
        differences=end.differences,
        xero_id=xero_id,
        xero_number=number,
        xero_status=status,
        amount_paid=money[0],
        amount_credited=money[1],
        amount_due=money[2],
        fully_paid_on=live.fully_paid_on if live is not None else None,
        synced_version=_synced_version(end),
    )

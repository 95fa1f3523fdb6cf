"""Probes uncertain invoices: by the number sent, the number wanted now and our mark, or by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from syncd.domain.errors import RemoteError
from syncd.domain.ids import IntentId, PipelineInvoiceId, TenantId, XeroInvoiceId
from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.probing import (
    FoundGone,
    FoundMoved,
    FoundNothing,
    FoundOurs,
    FoundUnmanaged,
    FoundUnmoved,
    ProbeByNumber,
)
from syncd.domain.rules.compare import snapshots, write_confirmation
from syncd.domain.rules.compare.ownership_mark import Owner, ownership_of
from syncd.domain.rules.decide import number_taken
from syncd.domain.rules.limits.allowance import Lane
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices.loaded_invoice import body_of
from syncd.engine.writes import divided_reads
from syncd.engine.writes.probe_reads import ProbeRead, ProbeReads, hidden_by
from syncd.ports.rows import Rows
from syncd.store.intents import Intent


async def read(
    context: SyncContext,
    tenant: TenantId,
    elements: Sequence[Intent],
    moves: Iterable[ProbeByNumber],
) -> ProbeReads[LiveInvoice]:
    """Read every element; `moves` say by which numbers and since when creates are sought.

    By our mark, among all that this app made lately, is the dearest look: it is made only while
    a create is not settled by its number. What was seen before a read failed stays seen.
    """
    read_at = context.now()
    wanted = list(moves)
    ids = sorted({XeroInvoiceId(one.xero_id) for one in elements if one.xero_id is not None})
    numbers = sorted({number for move in wanted for number in move.numbers})
    creates = [one for one in elements if one.step is StepKind.CREATE]
    lane = Lane.WRITE
    seen: dict[IntentId, ProbeRead[LiveInvoice]] = {}
    by_number = partial(context.ledger.invoices_by_number, tenant, lane=lane)
    try:
        if ids:
            by_id = await context.ledger.invoices_by_id(tenant, ids, lane=lane)
            changes = (one for one in elements if one.xero_id is not None)
            seen = {one.id: _change(one, by_id) for one in changes}
        found = Rows[LiveInvoice]()
        if numbers:  # one that Xero refuses to be asked for is sought by its mark alone
            found = await divided_reads.found(by_number, numbers)
        reads = {one.id: _create(context, one, found) for one in creates}
        if wanted and not all(_is_settled(one, reads[one.id]) for one in creates):
            seen |= {own: one for own, one in reads.items() if isinstance(one.result, FoundOurs)}
            # `since` is by our clock; where Xero's is behind it, our document was made before.
            ahead = max(context.ledger.clock_ahead, timedelta(0))
            since = min(move.since for move in wanted) - ahead
            marked = await context.ledger.invoices_since(tenant, since, lane=lane, of_our_app=True)
            by_own_id = {live.id: live for live in (*found, *marked)}
            found = Rows(by_own_id.values(), (*found.unread, *marked.unread))
            reads = {one.id: _create(context, one, found) for one in creates}
    except RemoteError as error:
        return ProbeReads(read_at=read_at, by_intent=seen, failed=error)
    return ProbeReads(read_at=read_at, by_intent={**seen, **reads})


def _is_settled(one: Intent, read: ProbeRead[LiveInvoice]) -> bool:
    """Found; or surely refused by the one send it had, and its number seen on another document."""
    if isinstance(read.result, FoundOurs):
        return True
    is_definite = one.was_not_unique and not one.was_uncertain
    return is_definite and isinstance(read.result, FoundUnmanaged)


def _create(context: SyncContext, one: Intent, found: Rows[LiveInvoice]) -> ProbeRead[LiveInvoice]:
    write = body_of(one).write
    key = PipelineInvoiceId(one.key)
    for live in found:
        if ownership_of(live.url, key, context.installation).owner is Owner.OURS:
            return ProbeRead(
                result=FoundOurs(is_as_sent=write_confirmation.shows(write, live)), live=live
            )
    problem = found.may_hide(key, write.number or "")
    if problem:
        return hidden_by(problem)
    for live in found:
        if _has(live, write.number or "", is_refused=one.was_not_unique):
            owner = ownership_of(live.url, key, context.installation)
            text = (
                f"Its number is held in Xero by the document of Pipeline invoice {owner.other}. "
                "Change the number of one of them in Pipeline."
                if owner.owner is Owner.OURS_OTHER
                else f"Its number is held in Xero by a document that is not ours ({live.status}). "
                "Change the number in Pipeline, or in Xero."
            )
            return ProbeRead(result=FoundUnmanaged(text=text), live=live)
    return ProbeRead(result=FoundNothing())


def _has(live: LiveInvoice, number: str, *, is_refused: bool) -> bool:
    """Whether this document has the number; once Xero refused it, whatever the letters' case."""
    if is_refused:
        return number_taken.plain(live.number) == number_taken.plain(number)
    return snapshots.text(live.number) == snapshots.text(number)


def _change(one: Intent, found: Rows[LiveInvoice]) -> ProbeRead[LiveInvoice]:
    body, own = body_of(one), one.xero_id or ""
    live = found.get(own)
    problem = "" if live is not None else found.may_hide(own)
    if problem:
        return hidden_by(problem)
    if live is None:
        # It stood there: one answer without it settles nothing, and what it shows else is unknown.
        return ProbeRead(result=FoundMoved())
    if live.status.is_gone:
        return ProbeRead(result=FoundGone(), live=live)
    if write_confirmation.shows(body.write, live):
        return ProbeRead(result=FoundOurs(is_as_sent=True), live=live)
    is_as_before = body.base_xero is not None and snapshots.of_xero(live) == body.base_xero
    # Ours may have landed, and somebody may have taken it back.
    is_unmoved = is_as_before and not body.was_changed_since(live.updated_at)
    return ProbeRead(result=FoundUnmoved() if is_unmoved else FoundMoved(), live=live)

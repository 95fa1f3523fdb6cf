"""Describes invoices to the write path."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import InvoiceWrite, LiveInvoice, StepKind
from syncd.domain.model.probing import FoundUnmanaged, HoldForNumber
from syncd.domain.rules.journal.transitions import Proof
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Meaning, Outcome
from syncd.engine.core import reread
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices import (
    answers,
    batch,
    loaded_invoice,
    meant,
    number_holders,
    probe_reads,
    settle,
)
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import InvoiceElement, LoadedInvoice, body_of
from syncd.engine.invoices.number_holders import Holders
from syncd.engine.writes.kind import Kind, Refusal
from syncd.engine.writes.probe_reads import ProbeRead
from syncd.ports.billing import ChangeKind
from syncd.store.intents import Intent


async def _in_the_way(
    context: SyncContext,
    tenant: TenantId,
    refused: Sequence[Refusal[LoadedInvoice, LiveInvoice]],
) -> Holders:
    numbers = [
        body_of(element.intent).write.number or ""
        for element, answer in refused
        if outcome.meaning_of(answer.messages) is Meaning.NUMBER_NOT_UNIQUE
    ]
    return await number_holders.look(context, tenant, numbers)


async def _holders(
    context: SyncContext, tenant: TenantId, seen: Sequence[ProbeRead[LiveInvoice]]
) -> Holders:
    strangers = [
        each.live
        for each in seen
        if isinstance(each.result, FoundUnmanaged) and each.live is not None
    ]
    return await number_holders.of(context, tenant, strangers)


def _withdraws(one: Intent) -> bool:
    """Xero takes neither back."""
    return one.step in (StepKind.VOID, StepKind.DELETE)


def _settle(changeset: ChangeSet, loaded: LoadedInvoice, outcome: Outcome) -> None:
    settle.settle(changeset, InvoiceEnd(loaded=loaded, outcome=outcome))


def _found(changeset: ChangeSet, element: InvoiceElement, live: LiveInvoice) -> None:
    answers.applied(changeset, element, live, is_found=True)


def _given_up(changeset: ChangeSet, loaded: LoadedInvoice, outcome: Outcome) -> None:
    settle.settle(changeset, InvoiceEnd(loaded=loaded, outcome=outcome, proof=Proof.NOT_TAKEN))


def _taken(
    changeset: ChangeSet, element: InvoiceElement, _verdict: HoldForNumber, holders: Holders
) -> None:
    number = body_of(element.intent).write.number or ""
    _settle(changeset, element.loaded, holders.refused(element.loaded, number))


INVOICES: Kind[LoadedInvoice, InvoiceWrite, LiveInvoice, Holders] = Kind(
    change=ChangeKind.INVOICE,
    task="push_invoices",
    load=loaded_invoice.load,
    reread=lambda context, tenant, loaded: reread.invoices(
        context, tenant, [one.desired for one in loaded]
    ),
    decide=batch.decide_all,
    settle=_settle,
    prepare=lambda ledger, writes: ledger.prepare_invoices(writes),
    sender=lambda ledger: ledger.send_invoices,
    meant=meant.of_calls,
    write_of=lambda one: body_of(one).write,
    in_the_way=_in_the_way,
    applied=answers.applied,
    refused=answers.refused,
    number_now=lambda loaded: None if loaded.desired is None else loaded.desired.label,
    read=probe_reads.read,
    withdraws=_withdraws,
    holders=_holders,
    found=_found,
    adopted=answers.adopted,
    given_up=_given_up,
    taken=_taken,
)

"""Describes invoices to the write path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.invoice import InvoiceWrite, LiveInvoice, StepKind
from syncd.domain.model.job import Job
from syncd.domain.model.probing import FoundUnmanaged, HoldForNumber, ProbeByNumber
from syncd.domain.rules.journal.transitions import Proof
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Meaning, NothingToDo, Outcome
from syncd.engine.core import reread
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.core.probe_reads import ProbeRead, ProbeReads
from syncd.engine.invoices import answers, loaded_invoice, number_holders, probe_reads, settle
from syncd.engine.invoices import push as invoice_push
from syncd.engine.invoices.decide import Chosen
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import InvoiceElement, LoadedInvoice, body_of
from syncd.engine.invoices.number_holders import Holders
from syncd.engine.writes.kind import Kind
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ElementRefused, InvoiceAnswer, Ledger, PreparedCall
from syncd.store.intents import Intent


class _Invoices:
    """Invoices, as `writes.kind.Kind` asks of them."""

    change = ChangeKind.INVOICE
    task = "push_invoices"

    async def load(
        self, context: SyncContext, tenant: TenantId, jobs: Sequence[Job]
    ) -> Sequence[LoadedInvoice]:
        return await loaded_invoice.load(context, tenant, jobs)

    async def reread(
        self, context: SyncContext, tenant: TenantId, loaded: Sequence[LoadedInvoice]
    ) -> bool:
        return await reread.invoices(context, tenant, [one.desired for one in loaded])

    async def decide(
        self, changeset: ChangeSet, loaded: Sequence[LoadedInvoice]
    ) -> Sequence[Chosen]:
        return await invoice_push.decide_all(changeset, loaded)

    def settle(self, changeset: ChangeSet, loaded: LoadedInvoice, outcome: Outcome) -> None:
        settle.settle(changeset, InvoiceEnd(loaded=loaded, outcome=outcome))

    def prepare(self, ledger: Ledger, writes: Sequence[InvoiceWrite]) -> tuple[PreparedCall, ...]:
        return ledger.prepare_invoices(writes)

    async def send(
        self,
        ledger: Ledger,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[InvoiceWrite],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> Sequence[InvoiceAnswer]:
        return await ledger.send_invoices(
            tenant, call, writes, idempotency_key=idempotency_key, not_after=not_after
        )

    def sent(self, intents: Sequence[Intent]) -> list[InvoiceWrite]:
        return [body_of(one).write for one in intents]

    async def in_the_way(
        self,
        context: SyncContext,
        tenant: TenantId,
        refused: Sequence[tuple[InvoiceElement, ElementRefused]],
    ) -> Holders:
        numbers = [
            body_of(element.intent).write.number or ""
            for element, answer in refused
            if outcome.meaning_of(answer.messages) is Meaning.NUMBER_NOT_UNIQUE
        ]
        return await number_holders.look(context, tenant, numbers)

    def applied(
        self,
        changeset: ChangeSet,
        element: InvoiceElement,
        live: LiveInvoice,
        *,
        is_found: bool = False,
    ) -> None:
        answers.applied(changeset, element, live, is_found=is_found)

    def refused(
        self,
        changeset: ChangeSet,
        element: InvoiceElement,
        answer: ElementRefused,
        seen: Holders,
    ) -> None:
        answers.refused(changeset, element, answer, seen)

    def number_now(self, loaded: LoadedInvoice) -> str | None:
        return None if loaded.desired is None else loaded.desired.label

    async def read(
        self,
        context: SyncContext,
        tenant: TenantId,
        elements: Sequence[Intent],
        moves: Sequence[ProbeByNumber],
    ) -> ProbeReads[LiveInvoice]:
        return await probe_reads.read(context, tenant, elements, moves)

    async def holders(
        self, context: SyncContext, tenant: TenantId, seen: Sequence[ProbeRead[LiveInvoice]]
    ) -> Holders:
        strangers = [
            each.live
            for each in seen
            if isinstance(each.result, FoundUnmanaged) and each.live is not None
        ]
        return await number_holders.of(context, tenant, strangers)

    def adopted(self, changeset: ChangeSet, element: InvoiceElement, live: LiveInvoice) -> None:
        answers.adopted(changeset, element, live)

    def vanished(self, changeset: ChangeSet, element: InvoiceElement) -> None:
        assert element.intent.step is not StepKind.CREATE, "only a withdrawal's may be gone"
        end = InvoiceEnd(loaded=element.loaded, outcome=NothingToDo(), is_voided=True)
        settle.settle(changeset, end)

    def given_up(self, changeset: ChangeSet, loaded: LoadedInvoice, outcome: Outcome) -> None:
        end = InvoiceEnd(loaded=loaded, outcome=outcome, proof=Proof.NOT_TAKEN)
        settle.settle(changeset, end)

    def taken(
        self,
        changeset: ChangeSet,
        element: InvoiceElement,
        read: ProbeRead[LiveInvoice],  # noqa: ARG002  (contacts ask it)
        verdict: HoldForNumber,  # noqa: ARG002  (the same)
        seen: Holders,
    ) -> None:
        number = body_of(element.intent).write.number or ""
        self.settle(changeset, element.loaded, seen.refused(element.loaded, number))


INVOICES: Kind[LoadedInvoice, InvoiceWrite, LiveInvoice, Holders] = _Invoices()

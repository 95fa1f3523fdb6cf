"""Describes customers and their contacts to the write path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.errors import RemoteError
from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.contact import ContactWrite, LiveContact
from syncd.domain.model.job import Job, Reason
from syncd.domain.model.probing import HoldForNumber, ProbeByNumber
from syncd.domain.rules.queue import outcome
from syncd.domain.rules.queue.outcome import Held, Outcome
from syncd.engine.contacts import answers, loaded_customer, probe_reads, settle
from syncd.engine.contacts import push as contact_push
from syncd.engine.contacts.loaded_customer import (
    ChosenContact,
    ContactElement,
    LoadedCustomer,
    body_of,
)
from syncd.engine.contacts.settle import ContactEnd
from syncd.engine.core import reread
from syncd.engine.core.changeset import ChangeSet
from syncd.engine.core.context import SyncContext
from syncd.engine.core.probe_reads import ProbeRead, ProbeReads
from syncd.engine.writes.kind import Kind
from syncd.ports.billing import ChangeKind
from syncd.ports.ledger import ContactAnswer, ElementRefused, Ledger, PreparedCall
from syncd.store.intents import Intent

Namesakes = Sequence[LiveContact]


class _Customers:
    """Customers, as `writes.kind.Kind` asks of them."""

    change = ChangeKind.CUSTOMER
    task = "push_customers"

    async def load(
        self, context: SyncContext, tenant: TenantId, jobs: Sequence[Job]
    ) -> Sequence[LoadedCustomer]:
        return await loaded_customer.load(context, tenant, jobs)

    async def reread(
        self, context: SyncContext, tenant: TenantId, loaded: Sequence[LoadedCustomer]
    ) -> bool:
        return await reread.customers(context, tenant, [one.desired for one in loaded])

    async def decide(
        self, changeset: ChangeSet, loaded: Sequence[LoadedCustomer]
    ) -> Sequence[ChosenContact]:
        return await contact_push.decide(changeset, loaded)

    def settle(self, changeset: ChangeSet, loaded: LoadedCustomer, outcome: Outcome) -> None:
        settle.settle(changeset, ContactEnd(loaded=loaded, outcome=outcome))

    def prepare(self, ledger: Ledger, writes: Sequence[ContactWrite]) -> tuple[PreparedCall, ...]:
        return ledger.prepare_contacts(writes)

    async def send(
        self,
        ledger: Ledger,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[ContactWrite],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> Sequence[ContactAnswer]:
        return await ledger.send_contacts(
            tenant, call, writes, idempotency_key=idempotency_key, not_after=not_after
        )

    def sent(self, intents: Sequence[Intent]) -> list[ContactWrite]:
        return [body_of(one).write for one in intents]

    async def in_the_way(
        self,
        context: SyncContext,
        tenant: TenantId,
        refused: Sequence[tuple[ContactElement, ElementRefused]],
    ) -> Namesakes:
        """What cannot be read is not shown."""
        writes = [
            body_of(element.intent).write
            for element, answer in refused
            if element.intent.xero_id is not None
            and outcome.meaning_of(answer.messages) in answers.TAKEN
        ]
        if not writes:
            return ()
        try:
            return (await probe_reads.who_has(context, tenant, writes)).rows
        except RemoteError:
            return ()

    def applied(
        self,
        changeset: ChangeSet,
        element: ContactElement,
        live: LiveContact,
        *,
        is_found: bool = False,
    ) -> None:
        answers.applied(changeset, element, live, is_found=is_found)

    def refused(
        self,
        changeset: ChangeSet,
        element: ContactElement,
        answer: ElementRefused,
        seen: Namesakes,
    ) -> None:
        answers.refused(changeset, element, answer, seen)

    def number_now(self, loaded: LoadedCustomer) -> None:  # noqa: ARG002  (invoices have one)
        return None

    async def read(
        self,
        context: SyncContext,
        tenant: TenantId,
        elements: Sequence[Intent],
        moves: Sequence[ProbeByNumber],  # noqa: ARG002  (found by our mark and by name)
    ) -> ProbeReads[LiveContact]:
        return await probe_reads.read(context, tenant, elements)

    async def holders(
        self,
        context: SyncContext,  # noqa: ARG002  (a verdict names it)
        tenant: TenantId,  # noqa: ARG002  (the same)
        seen: Sequence[ProbeRead[LiveContact]],  # noqa: ARG002  (the same)
    ) -> Namesakes:
        return ()

    def adopted(self, changeset: ChangeSet, element: ContactElement, live: LiveContact) -> None:
        answers.applied(changeset, element, live, is_found=True)

    def vanished(self, changeset: ChangeSet, element: ContactElement) -> None:  # noqa: ARG002  (no contact is ever gone)
        raise AssertionError("only a found contact has landed")

    def given_up(self, changeset: ChangeSet, loaded: LoadedCustomer, outcome: Outcome) -> None:
        self.settle(changeset, loaded, outcome)

    def taken(
        self,
        changeset: ChangeSet,
        element: ContactElement,
        read: ProbeRead[LiveContact],
        verdict: HoldForNumber,
        seen: Namesakes,  # noqa: ARG002  (the read found who)
    ) -> None:
        """Another contact has its name or number, or had it when Xero refused."""
        text = "Xero says that another contact has its name or number, but shows none that does."
        held = Held(reason=Reason.CONTACT_NAME_TAKEN, text=text)
        if read.live is not None:
            held = Held(
                reason=Reason.CONTACT_NAME_TAKEN, text=verdict.text, in_the_way=(read.live.id,)
            )
        self.settle(changeset, element.loaded, held)


CUSTOMERS: Kind[LoadedCustomer, ContactWrite, LiveContact, Namesakes] = _Customers()

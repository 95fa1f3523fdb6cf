"""The writing half of the Ledger port: bytes first, to be committed; then sent once.

Called through `ledger`. Creates go by PUT, which cannot overwrite; the rest by POST with their ids
(facts §3.2). A batch asks for `summarizeErrors=false`, else one bad element refuses all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from syncd.domain.errors import Garbled, OutcomeUnknown
from syncd.domain.ids import IdempotencyKey, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.invoice import InvoiceWrite, StepKind
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.ledger import ContactAnswer, ElementRefused, InvoiceAnswer, PreparedCall
from syncd.xero import answers, wire, wire_contacts, wire_invoices
from syncd.xero.client import XeroRequest
from syncd.xero.faults import ElementsRefused
from syncd.xero.ledger_part import LedgerPart

MOST_ELEMENTS = 50
MOST_BODY_BYTES = 3_000_000
"""Of one write call. Xero advises about 50 elements and 3.5 MB (facts §3.3)."""
_ENVELOPE_BYTES = 32

_W = TypeVar("_W", InvoiceWrite, ContactWrite)
_A = TypeVar("_A")


class XeroWrites(LedgerPart):
    """Prepares and sends writes."""

    def prepare_invoices(self, writes: Sequence[InvoiceWrite]) -> tuple[PreparedCall, ...]:
        """Calls for writes of one kind (all creates, or none), in their order.

        Creates go by PUT, which cannot overwrite; the rest by POST with their ids (facts §3.2).
        """
        creates = {write.step is StepKind.CREATE for write in writes}
        operations = ("update_invoices", "create_invoices")
        elements = map(wire_invoices.encode, writes)
        return _calls(operations, "Invoices", "&unitdp=4", creates, elements)

    def creates_in(
        self, call: PreparedCall, ids: Sequence[PipelineInvoiceId]
    ) -> tuple[InvoiceWrite, ...]:
        """The creates that the bytes of a prepared call say, for these invoices in their order."""
        return wire_invoices.creates_in(call.body, ids)

    def prepare_contacts(self, writes: Sequence[ContactWrite]) -> tuple[PreparedCall, ...]:
        """The same for contacts: creates by PUT, updates by POST."""
        creates = {write.xero_id is None for write in writes}
        operations = ("update_contacts", "create_contacts")
        return _calls(operations, "Contacts", "", creates, map(wire_contacts.encode, writes))

    async def send_invoices(
        self,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[InvoiceWrite],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> tuple[InvoiceAnswer, ...]:
        """Send these bytes once; an answer per write, in their order."""
        return await self._send(
            tenant, _call(call, idempotency_key, not_after), writes, answers.of_invoices
        )

    async def send_contacts(
        self,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[ContactWrite],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> tuple[ContactAnswer, ...]:
        """As `send_invoices`, for contacts."""
        return await self._send(
            tenant, _call(call, idempotency_key, not_after), writes, answers.of_contacts
        )

    async def _send(
        self,
        tenant: TenantId,
        call: XeroRequest,
        writes: Sequence[_W],
        read: Callable[[bytes, Sequence[_W]], tuple[_A, ...]],
    ) -> tuple[_A | ElementRefused, ...]:
        try:
            response = await self._client.request(tenant, call)
            return read(response.body, writes)
        except ElementsRefused as refused:
            if len(writes) == 1:
                return (ElementRefused(messages=refused.messages),)
            raise
        except Garbled as error:
            raise OutcomeUnknown(str(error), system="xero", status=error.status) from error


def _calls(
    operations: tuple[str, str],
    name: str,
    options: str,
    creates: set[bool],
    elements: Iterable[bytes],
) -> tuple[PreparedCall, ...]:
    """Calls for these elements of `name`; `creates` says of them whether they are creates."""
    assert len(creates) <= 1, "creates and updates go by calls of their own"
    is_create = True in creates
    return tuple(
        PreparedCall(
            operation=operations[is_create],
            method="PUT" if is_create else "POST",
            target=f"/{name}?summarizeErrors=false{options}",
            body=wire.joined(name, bodies),
            elements=len(bodies),
        )
        for bodies in _batches(elements)
    )


def _call(
    prepared: PreparedCall, idempotency_key: IdempotencyKey, not_after: datetime | None
) -> XeroRequest:
    return XeroRequest(
        operation=prepared.operation,
        method=prepared.method,
        target=prepared.target,
        lane=Lane.WRITE,
        body=prepared.body,
        idempotency_key=idempotency_key,
        not_after=not_after,
    )


def _batches(elements: Iterable[bytes]) -> Iterable[list[bytes]]:
    """Elements in as few bodies as keep below the bounds; one that is too long goes alone."""
    batch: list[bytes] = []
    size = _ENVELOPE_BYTES
    for element in elements:
        is_full = len(batch) >= MOST_ELEMENTS or size + len(element) + 1 > MOST_BODY_BYTES
        if batch and is_full:
            yield batch
            batch, size = [], _ENVELOPE_BYTES
        batch.append(element)
        size += len(element) + 1
    if batch:
        yield batch

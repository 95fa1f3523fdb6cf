"""Tells Pipeline of queued work that waits: the tenant's gate is closed, or it takes long.

Otherwise Pipeline would go on showing what stood before the edit, or nothing of a new invoice. One
round compares what people see of queued work (`standing`) with what Pipeline was last told of it,
and puts only what differs among the results `write_back` sends: once per change, whatever the
number of rounds. Settled work is told by whoever settles it, which undoes this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import msgspec

from syncd.domain.ids import (
    PipelineCustomerId,
    PipelineInvoiceId,
    TenantId,
    XeroContactId,
    XeroInvoiceId,
)
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import CustomerResult, CustomerState, InvoiceResult
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.journal import explanation
from syncd.engine.core.context import SyncContext
from syncd.engine.operator import statuses
from syncd.store import results, views
from syncd.store.results import Queued, QueuedState, ResultKind

PAGE_SIZE = 500
SLOW_S = 60.0
"""Queued work this old is told as such; younger work is on its way, and its end is told."""
_GATE_CLOSED = (Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED)
_STOPS_INVOICES = (*_GATE_CLOSED, Reason.PAUSED)
"""While a brake has halted the tenant its invoices are looked at, and each is told by that."""
_QUEUED = "It is queued and goes by itself; it takes longer than usual."
_INVOICE = msgspec.json.Decoder(InvoiceResult)
_CUSTOMER = msgspec.json.Decoder(CustomerResult)


async def tell_once(
    context: SyncContext,
    tenant: TenantId,
    *,
    closed_by: Callable[[TenantId], Reason | None],
    note: str | None = None,
) -> int:
    """Put what queued work is to say; answers of how many. Raises StoreError.

    `note` is what the connection itself says of its closed gate.
    """
    (card,) = await context.store.fetch(views.cards(tenant)) or (None,)
    held_by = statuses.held_by(closed_by(tenant), card)
    words = _words(held_by, note)
    of_invoices, of_customers = _of_invoices(held_by), _of_customers(held_by, words)
    invoices = await _tell(context, tenant, ResultKind.INVOICE, of_invoices, words)
    customers = await _tell(context, tenant, ResultKind.CUSTOMER, of_customers, words)
    return invoices + customers


def _of_invoices(held_by: Reason | None) -> tuple[QueuedState, bool]:
    """What queued invoices say, and whether at once."""
    is_stopped = held_by in _STOPS_INVOICES
    state = PublicState.PENDING if held_by is None else PublicState.WAITING
    return QueuedState(state=state, why=held_by or "", why_field="reason_code"), is_stopped


def _of_customers(held_by: Reason | None, words: str) -> tuple[QueuedState, bool]:
    """What queued customers say: without a code, the words are the reason."""
    state = CustomerState.PENDING if held_by is None else CustomerState.WAITING
    return QueuedState(state=state, why=words, why_field="reason"), held_by is not None


def _words(held_by: Reason | None, note: str | None) -> str:
    if held_by is None:
        return _QUEUED
    return note if note and held_by in _GATE_CLOSED else explanation.why_held(held_by)


async def _tell(
    context: SyncContext,
    tenant: TenantId,
    kind: ResultKind,
    say: tuple[QueuedState, bool],
    words: str,
) -> int:
    saying, is_at_once = say
    now = context.now()
    wanted_by = now if is_at_once else now - timedelta(seconds=SLOW_S)
    found = await context.store.fetch(
        results.queued(tenant, kind, saying, wanted_by, limit=PAGE_SIZE)
    )
    if not found:
        return 0
    content = _invoice if kind is ResultKind.INVOICE else _customer
    told = [(one, msgspec.json.encode(content(one, saying, words))) for one in found]
    await context.store.run(results.put_queued(tenant, kind, told, context.now()))
    return len(found)


def _invoice(one: Queued, saying: QueuedState, words: str) -> InvoiceResult:
    """All that was last told or is known of it, in the new state."""
    if one.content is None:
        told = InvoiceResult(
            id=PipelineInvoiceId(one.key),
            state=PublicState.PENDING,
            xero_id=None if one.xero_id is None else XeroInvoiceId(one.xero_id),
            xero_number=one.xero_label,
            xero_status=None if one.xero_status is None else XeroStatus(one.xero_status),
            synced_version=one.synced_version,
        )
    else:
        told = _INVOICE.decode(one.content)
    reason = Reason(saying.why) if saying.why else None
    return replace(told, state=PublicState(saying.state), reason_code=reason, reason=words)


def _customer(one: Queued, saying: QueuedState, words: str) -> CustomerResult:
    """As an invoice; what Pipeline has not taken yet of Xero's edits goes with it."""
    if one.content is None:
        told = CustomerResult(
            id=PipelineCustomerId(one.key),
            state=CustomerState.PENDING,
            xero_contact_id=None if one.xero_id is None else XeroContactId(one.xero_id),
        )
    else:
        told = _CUSTOMER.decode(one.content)
    if not one.is_unsent:
        told = replace(told, from_xero=None, based_on_version=None)
    return replace(told, state=CustomerState(saying.state), reason=words)

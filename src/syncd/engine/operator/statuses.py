"""Statuses as people see them: of a tenant, of an invoice or customer, and an invoice in full.

Values that `operations` answers with and the surfaces show. One rule of showing lives here: while a
tenant's gate is closed or it is paused, queued work is shown as waiting for that. The queue itself
does not know of it, so that closing and opening a gate cost nothing; `waits` tells Pipeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from syncd.domain.ids import PipelineInvoiceId
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import JobKind, PublicState, Reason
from syncd.domain.model.probing import CallRecord, ProbeLimits
from syncd.domain.model.result import InvoiceResult, PaymentResult
from syncd.domain.model.settings import Mode
from syncd.domain.model.trouble import Trouble, WaitsFor
from syncd.domain.model.value import Value
from syncd.domain.rules.compare import snapshots, view_fingerprint
from syncd.domain.rules.journal import explanation
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.queue import uncertain_write
from syncd.engine.connection.gate import ConnectionCard
from syncd.store.jobs import JobTotals
from syncd.store.journal import Entry
from syncd.store.views import InvoiceParticulars, InvoiceSides, ObjectRow, TenantCard

_HAS_NEXT = (
    PublicState.PENDING, PublicState.WAITING, PublicState.OUT_OF_SYNC, PublicState.UNCERTAIN,
)  # fmt: skip


class TenantStatus(Value, frozen=True, kw_only=True):
    """One tenant. `backlog` counts invoices whose work is queued, whether or not it may pass."""

    tenant: str
    card: ConnectionCard
    mode: Mode
    is_paused: bool
    is_added: bool
    """While the daemon ran; the configuration does not name it."""
    halt: str | None
    """Why a brake has halted it."""
    allowance: BudgetLeft
    invoices: Mapping[PublicState, int]
    backlog: int
    clears_in_s: float | None
    calls_needed: int = 0
    """To clear the backlog."""
    clears_at: datetime | None = None
    """When the backlog is expected to have cleared."""
    troubles: tuple[Trouble, ...] = ()
    """The first one to look at first."""
    waits_for: WaitsFor | None = None
    """Why no call to Xero passes now."""
    writes_held_by: WaitsFor | None = None
    """Why the backlog does not clear."""
    minute_free_at: datetime | None = None
    """When a spent minute gives a call again."""
    day_free_at: datetime | None = None
    """When a spent day is looked at again."""
    is_look_outstanding: bool = False
    """The store was restored, and nothing is created before all of ours in Xero is known again."""


class ObjectStatus(Value, frozen=True, kw_only=True):
    """One invoice or customer; `state`, `reason` and `why` as people see them."""

    row: ObjectRow
    state: PublicState
    reason: Reason | None
    why: str
    next_attempt_at: datetime | None
    particulars: InvoiceParticulars | None = None
    """Of an invoice, where it was asked for."""
    waiting_invoices: int = 0
    """Of a customer, where it was asked for: how many wait for its contact."""


class OpenWriteStatus(Value, frozen=True, kw_only=True):
    """A write whose outcome is not known yet; `certain_at` as long as Xero can be read."""

    step: StepKind
    since: datetime | None
    next_look_at: datetime | None
    certain_at: datetime | None


class InvoiceDetails(Value, frozen=True, kw_only=True):
    """One invoice in full. `seen` changes when anything shown of its sides has moved."""

    status: ObjectStatus
    sides: InvoiceSides
    result: InvoiceResult | None
    xero_url: str | None
    history: tuple[Entry, ...]
    seen: str
    stopped: Trouble | None = None
    """Why nothing is written now, whatever the invoice."""
    open_write: OpenWriteStatus | None = None
    payments: tuple[PaymentResult, ...] = ()
    """What Xero last showed on it, oldest first; one that is gone keeps the amount it had."""
    is_unheard: bool = False
    """What changed in Pipeline cannot be read at the moment."""


def held_by(closed_by: Reason | None, card: TenantCard | None) -> Reason | None:
    """Why all queued work of a tenant waits; a closed gate is the nearest reason."""
    if closed_by is not None or card is None:
        return closed_by
    if card.is_paused:
        return Reason.PAUSED
    return None if card.halt is None else Reason.BRAKE_HALTED


def shown(row: ObjectRow, held_by: Reason | None, stopped: Trouble | None = None) -> ObjectStatus:
    """A row as people see it, while `held_by` holds all work of the tenant.

    What is queued while nothing may be written says what that waits for.
    """
    if held_by is not None and row.state is PublicState.PENDING:
        return ObjectStatus(
            row=row,
            state=PublicState.WAITING,
            reason=held_by,
            why=_why_held(held_by, stopped),
            next_attempt_at=None,
        )
    return ObjectStatus(
        row=row,
        state=row.state,
        reason=row.reason,
        why=_why(row, stopped),
        next_attempt_at=row.ready_at if held_by is None and row.state in _HAS_NEXT else None,
    )


def _why_held(held_by: Reason, stopped: Trouble | None) -> str:
    """A connection says itself what ails it: a role, a missing key, or nobody has connected."""
    if stopped is not None and stopped.kind.value == held_by.value:
        return stopped.text
    return explanation.why_held(held_by)


def _why(row: ObjectRow, stopped: Trouble | None) -> str:
    if stopped is not None and row.state is PublicState.PENDING:
        return stopped.text
    return row.note or row.problem or ""


def open_write(
    sides: InvoiceSides, next_look_at: datetime | None, now: datetime, limits: ProbeLimits
) -> OpenWriteStatus | None:
    """The write whose outcome is not known, where there is one."""
    if sides.open_step is None:
        return None
    at = None
    if sides.first_sent_at is not None and sides.last_sent_at is not None:
        sends = sides.sends or 1
        call = CallRecord(
            first_sent_at=sides.first_sent_at,
            last_sent_at=sides.last_sent_at,
            sends=sends,
            any_uncertain_before=sides.was_uncertain or sends > 1,
        )
        at = uncertain_write.certain_at(now, call, limits)
    return OpenWriteStatus(
        step=sides.open_step, since=sides.open_since, next_look_at=next_look_at, certain_at=at
    )


def shown_counts(
    totals: Iterable[JobTotals], held_by: Reason | None
) -> tuple[dict[PublicState, int], int]:
    """Invoices by the state people see, every state named; and how many are queued."""
    found = dict.fromkeys(PublicState, 0)
    for each in totals:
        if each.kind is JobKind.PUSH_INVOICE:
            found |= each.by_public_state
    backlog = found[PublicState.PENDING]
    if held_by is not None:
        found[PublicState.WAITING] += backlog
        found[PublicState.PENDING] = 0
    return found, backlog


def stored_filters(
    state: PublicState | None,
    reason: Reason | None,
    held_by: Reason | None,
    cause: str | None = None,
) -> tuple[tuple[PublicState | None, Reason | None], ...]:
    """What to ask the store for, so that filters mean what `shown` shows.

    What is queued has no cause of its own.
    """
    if held_by is None:
        return ((state, reason),)
    if state is PublicState.PENDING:
        return ()
    queued_match = state in (None, PublicState.WAITING) and reason in (None, held_by)
    if cause is None and queued_match and not (state is None and reason is None):
        return ((state, reason), (PublicState.PENDING, None))
    return ((state, reason),)


def seen_of(sides: InvoiceSides, result: InvoiceResult | None) -> str:
    """The fingerprint of what is shown of both sides: Pipeline, the agreement, the last read."""
    told = result or InvoiceResult(id=PipelineInvoiceId(""), state=PublicState.PENDING)
    is_gone = told.reason_code is Reason.GONE_IN_XERO or told.state is PublicState.VOIDED
    return view_fingerprint.fingerprint(
        desired=None if sides.desired is None else snapshots.of_pipeline(sides.desired),
        base=sides.base,
        xero_id=told.xero_id,
        xero_status=None if is_gone else told.xero_status,
        differences=told.differences,
    )

"""Makes an item of a plan from one invoice's sides: fingerprints, money, and what a decision means.

Pure. Called by `plans.invoices`, which says what follows for an invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from syncd.domain.model.invoice import LiveInvoice, StepKind
from syncd.domain.model.money import canonical
from syncd.domain.model.planned import PlanAction, PlanField, PlanItem, PlanKind, PlanScope
from syncd.domain.model.snapshot import Base
from syncd.domain.model.value import Value
from syncd.domain.rules import plan_file
from syncd.domain.rules.compare import comparison
from syncd.domain.rules.queue.job import SHOWN_AS_WAITING_S
from syncd.domain.rules.queue.outcome import Deferred, Held, NothingToDo, OutOfSync, Transient
from syncd.engine.core import unreadable_rows
from syncd.engine.invoices.decide import Chosen, Decision
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.end import InvoiceEnd
from syncd.engine.invoices.loaded_invoice import LoadedInvoice
from syncd.ports.rows import Unread

OUT_OF_SYNC = "out_of_sync"
_STEPS = {
    StepKind.CREATE: PlanAction.CREATE,
    StepKind.UPDATE: PlanAction.UPDATE,
    StepKind.VOID: PlanAction.VOID,
    StepKind.DELETE: PlanAction.VOID,
}


class CandidateDocument(Value, frozen=True, kw_only=True):
    """A document of the invoice's number or mark; `owner` is whose it is by link."""

    live: LiveInvoice
    owner: str | None = None


class PlanInput(Value, frozen=True, kw_only=True):
    """The input of a plan for one invoice: all that is known of it on both sides.

    `live` is the linked document, None when a good read did not find it. `duplicates` are
    Pipeline's other unlinked invoices of the same number, `refused` is what Xero said to the last
    try.
    """

    loaded: LoadedInvoice
    round_settings: RoundSettings
    """The tenant's, with its policy as if it were live already."""
    scope: PlanScope
    live: LiveInvoice | None = None
    named: tuple[CandidateDocument, ...] = ()
    duplicates: tuple[str, ...] = ()
    refused: str | None = None
    problem: str = ""
    """Why a document that is, or may be, its own cannot be read."""


class EvaluatedInvoice(Value, frozen=True, kw_only=True):
    """The item; `base` is to be stored with a link to `live` when it is applied."""

    item: PlanItem
    base: Base | None = None
    live: LiveInvoice | None = None


def xeros_own(live: LiveInvoice) -> PlanItem:
    """A document that is nobody's in Pipeline: counted and listed, never imported."""
    amount = _gross(live)
    return PlanItem(
        kind=PlanKind.INVOICE,
        action=PlanAction.LEAVE,
        why="Stands in Xero alone: no invoice in scope bears its number.",
        name=live.number,
        xero_id=live.id,
        currency=live.currency_code,
        before=amount,
        after=amount,
    )


def unreadable(one: Unread) -> PlanItem:
    """A document that nobody can read: listed, and left as it stands."""
    return PlanItem(
        kind=PlanKind.INVOICE,
        action=PlanAction.LEAVE,
        why=unreadable_rows.in_words(one.problem),
        name=one.label,
        xero_id=one.id,
        before=canonical(Decimal(0)),
        after=canonical(Decimal(0)),
    )


def of_decision(given: PlanInput, found: Decision) -> PlanItem:
    """The item of what the worker would do."""
    if isinstance(found, Chosen):
        action = _STEPS[found.write.step]
        fields = _changes(found) if action is PlanAction.UPDATE else ()
        why = {
            PlanAction.CREATE: "Not in Xero yet.",
            PlanAction.VOID: "Deleted in Pipeline.",
        }.get(action) or f"Changed in Pipeline: {', '.join(each.field for each in fields)}."
        return item_of(given, action, why, found.live, fields=fields)
    if isinstance(found.outcome, OutOfSync):
        shown = tuple(
            PlanField(field=each.field, before=each.xero, after=each.pipeline)
            for each in found.differences
        )
        reason = found.outcome.reason or OUT_OF_SYNC
        return held(given, found.outcome.text, found.live, fields=shown, reason=reason)
    return _settled(given, found)


def _settled(given: PlanInput, found: InvoiceEnd) -> PlanItem:
    outcome = found.outcome
    if isinstance(outcome, Held):
        return held(given, outcome.text, found.live, reason=outcome.reason)
    if isinstance(outcome, NothingToDo):
        why = "Both sides agree." if not found.is_voided else "Deleted in Pipeline, gone in Xero."
        return item_of(given, PlanAction.LEAVE, why, found.live)
    why = "It has to be looked at again."
    reason = ""
    if isinstance(outcome, Transient | Deferred) and outcome.why:
        why = outcome.why
    if isinstance(outcome, Deferred) and outcome.retry_after_s > SHOWN_AS_WAITING_S:
        reason = outcome.reason
    return held(given, why, found.live, reason=reason)


def _changes(found: Chosen) -> tuple[PlanField, ...]:
    """What an update writes, beside what stands there."""
    body = found.body
    seen = comparison.compare(
        base=found.base or found.loaded.base,
        desired=body.desired,
        live=body.base_xero,
        expected=body.expected,
        aliases=found.loaded.aliases,
    )
    return tuple(
        PlanField(field=cell.name, before=cell.xero, after=cell.pipeline)
        for cell in seen.diffs
        if not cell.same
    )


def held(
    given: PlanInput,
    why: str,
    live: LiveInvoice | None = None,
    *,
    fields: Sequence[PlanField] = (),
    reason: str = "",
) -> PlanItem:
    """An item that waits."""
    return item_of(given, PlanAction.HOLD, why, live, fields=fields, reason=reason)


def item_of(
    given: PlanInput,
    action: PlanAction,
    why: str,
    live: LiveInvoice | None = None,
    *,
    fields: Sequence[PlanField] = (),
    reason: str = "",
    candidates: tuple[str, ...] = (),
) -> PlanItem:
    """An item with both fingerprints and what the document amounts to, before and after."""
    loaded = given.loaded
    wanted = loaded.desired
    invoice = None if wanted is None else wanted.content
    link_id = "" if loaded.link is None else loaded.link.xero_id
    before = after = _gross(live)
    if action in (PlanAction.CREATE, PlanAction.UPDATE) and invoice is not None:
        after = canonical(invoice.total)
    elif action is PlanAction.VOID:
        after = "0"
    currency = live.currency_code if live is not None else ""
    if not currency and invoice is not None:
        currency = invoice.currency_code or given.round_settings.settings.base_currency
    return PlanItem(
        kind=PlanKind.INVOICE,
        action=action,
        why=why,
        key=loaded.id,
        name=wanted.label if wanted is not None else "",
        reason=str(reason),
        xero_id=live.id if live is not None else link_id,
        candidates=candidates,
        fields=tuple(fields),
        currency=currency,
        before=before,
        after=after,
        desired=plan_file.invoice_fingerprint(invoice),
        live=plan_file.document_fingerprint(live),
    )


def _gross(live: LiveInvoice | None) -> str:
    """What a document amounts to: a voided or deleted one to nothing."""
    if live is None or live.status.is_gone:
        return canonical(Decimal(0))
    return canonical(live.total)

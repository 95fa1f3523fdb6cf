"""Policy: what a tenant chose, as pure filters over what would otherwise follow.

Called after classification and before planning. A filter may hold a verdict or turn it; it never
makes one of its own.
"""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import Reason
from syncd.domain.model.settings import Mode, TenantPolicy, XeroEdits
from syncd.domain.rules.decide.situation import REMEDY, Verdict, VerdictKind

DECIDES = (
    VerdictKind.CREATE,
    VerdictKind.UPDATE,
    VerdictKind.WITHDRAW,
    VerdictKind.MIRROR,
    VerdictKind.ACCEPT,
)
"""What `observe` only shows: every write to Xero, and edits taken over for good."""
_XERO_EDITS = {
    XeroEdits.HOLD: VerdictKind.OUT_OF_SYNC,
    XeroEdits.ACCEPT: VerdictKind.ACCEPT,
    XeroEdits.MIRROR: VerdictKind.MIRROR,
}


def in_scope(invoice: Invoice, policy: TenantPolicy, *, linked: bool) -> bool:
    """Whether the invoice is synced: dated on or after `start_on`, or linked already."""
    return linked or policy.start_on is None or invoice.invoice_on >= policy.start_on


def dated_early(who: str, invoice: Invoice, policy: TenantPolicy) -> str:
    """Why an invoice that does not stand in Xero is left alone; nothing when it is in scope."""
    if in_scope(invoice, policy, linked=False):
        return ""
    return (
        f"{who} is dated {invoice.invoice_on}, before the tenant's start_date {policy.start_on}: "
        "it is left alone in both systems. To take it in, move start_date in the configuration, "
        "which counts from the next start or reload on, or its date in Pipeline."
    )


def left_alone(verdict: Verdict, invoice: Invoice | None, policy: TenantPolicy) -> Verdict:
    """What is left of `verdict` of an unlinked invoice: none is created that left the scope.

    It, or the start, was moved while its work waited.
    """
    text = "" if invoice is None else dated_early("It", invoice, policy)
    is_held = text and verdict.kind is VerdictKind.CREATE
    return verdict.held(Reason.OBSERVING, text) if is_held else verdict


def admit(verdict: Verdict, policy: TenantPolicy, withheld_by: str | None = None) -> Verdict:
    """What is left of `verdict` under the tenant's policy.

    A one-sided edit in Xero (row 14) is held, accepted or mirrored by `xero_edits`; then mode
    `observe` holds whatever would write or decide, and so does a plan that left it out.
    """
    chosen = with_xero_edits(verdict, policy.xero_edits)
    observed = observing(_would(chosen), policy, withheld_by)
    return (
        chosen.held(Reason.OBSERVING, observed) if observed and chosen.kind in DECIDES else chosen
    )


def _would(chosen: Verdict) -> str:
    """What would follow. Nobody has looked yet whether a new one stands in Xero already."""
    if chosen.kind is not VerdictKind.CREATE:
        return chosen.text
    return "To be created in Xero, or adopted where it stands there already: a plan says which."


def observing(would: str, policy: TenantPolicy, withheld_by: str | None) -> str:
    """Why what `would` follow is only shown, in words; nothing when it may be written.

    `withheld_by` names the plan that set the tenant live without carrying this out.
    """
    if policy.mode is Mode.OBSERVE:
        return f"Observing: {would} Nothing is written until the tenant is set live."
    if withheld_by is None:
        return ""
    return (
        f"Left out by plan {withheld_by}, which set the tenant live: {would} Nothing is written "
        "until a plan that lists it is applied, or it is retried, or the tenant is set live."
    )


def with_xero_edits(verdict: Verdict, choice: XeroEdits) -> Verdict:
    """Row 14 turned by `choice`; every other verdict as it is."""
    if verdict.kind is not VerdictKind.XERO_MOVED:
        return verdict
    kind = _XERO_EDITS[choice]
    text = f"{verdict.text} {REMEDY}" if kind is VerdictKind.OUT_OF_SYNC else verdict.text
    return replace(verdict, kind=kind, text=text)

"""Policy: what a tenant chose, as pure filters over what would otherwise follow.

Called after classification and before planning. A filter may hold a verdict or turn it; it never
makes one of its own.
"""

from __future__ import annotations

from dataclasses import replace

from syncd.domain.model.invoice import Invoice
from syncd.domain.model.job import Reason
from syncd.domain.model.settings import Mode, TenantPolicy, XeroEdits
from syncd.domain.rules.situation import REMEDY, Verdict, VerdictKind

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


def admit(verdict: Verdict, policy: TenantPolicy) -> Verdict:
    """What is left of `verdict` under the tenant's policy.

    A one-sided edit in Xero (row 14) is held, accepted or mirrored by `xero_edits`; then mode
    `observe` holds whatever would write or decide.
    """
    chosen = with_xero_edits(verdict, policy.xero_edits)
    if policy.mode is Mode.OBSERVE and chosen.kind in DECIDES:
        return chosen.held(
            Reason.OBSERVING,
            f"Observing: {chosen.text} Nothing is written until the tenant is set live.",
        )
    return chosen


def with_xero_edits(verdict: Verdict, choice: XeroEdits) -> Verdict:
    """Row 14 turned by `choice`; every other verdict as it is."""
    if verdict.kind is not VerdictKind.XERO_MOVED:
        return verdict
    kind = _XERO_EDITS[choice]
    text = f"{verdict.text} {REMEDY}" if kind is VerdictKind.OUT_OF_SYNC else verdict.text
    return replace(verdict, kind=kind, text=text)

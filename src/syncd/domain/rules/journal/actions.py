"""What a person can press about a state and its reason, or has to do elsewhere.

Pure. The labels are the product's where it has one. An operation is named as the API names it, so
that its role is that row's.
"""

from __future__ import annotations

from syncd.domain.model.action import Action, Place
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import PublicState, Reason

PLAN = Action(label="Plan", operation="plan")
RESUME = Action(label="Resume", operation="resumeTenant")
CONNECT = Action(label="Connect to Xero", operation="connect")
SEE_HALTED = Action(label="See what was halted", operation="listBrakes")
CREATE = Action(label="Create in Xero & Link", operation="createContact")
LINK = Action(label="Link", operation="linkContact")
LINK_ANOTHER = Action(label="Link another", operation="linkContact")
TAKE_PIPELINE = Action(label="Take Pipeline", operation="resolveInvoice")
TAKE_XERO = Action(label="Take Xero", operation="resolveInvoice")
LOOK_AGAIN = Action(label="Look again now", operation="retryInvoice")
LOOK_AGAIN_AT_ALL = Action(label="Look again at all", operation="retryByReason")
COMPARE = Action(label="Compare", operation="getInvoice")
WEBHOOKS = Action(label="Webhooks", operation="getWebhooks")
SHOW_FINDINGS = Action(label="Show findings", operation="listFindings")
OPEN_XERO = Action(label="Open in Xero", place=Place.XERO)
OPEN_PIPELINE = Action(label="Open in Pipeline", place=Place.PIPELINE)
WHAT_TO_SET = Action(label="Show what to set", place=Place.CONFIGURATION)

_MAP = (CREATE, LINK)
_EITHER_BOOK = (OPEN_XERO, OPEN_PIPELINE, LOOK_AGAIN)
_IN_PIPELINE = (OPEN_PIPELINE, LOOK_AGAIN)
_SIDES = (TAKE_PIPELINE, TAKE_XERO)
_BY_REASON: dict[Reason, tuple[Action, ...]] = {
    Reason.OBSERVING: (PLAN,),
    Reason.PAUSED: (RESUME,),
    Reason.NOT_CONNECTED: (CONNECT,),
    Reason.TOKEN_EXPIRED: (CONNECT,),
    Reason.CONTACT_UNMAPPED: _MAP,
    Reason.CONTACT_ARCHIVED: (OPEN_XERO, LINK_ANOTHER),
    Reason.CONTACT_NAME_TAKEN: _MAP,
    Reason.ACCOUNT_UNMAPPED: (WHAT_TO_SET,),
    Reason.TAX_UNMAPPED: (WHAT_TO_SET,),
    Reason.CURRENCY_UNAVAILABLE: _EITHER_BOOK,
    Reason.LOCKED_PERIOD: _EITHER_BOOK,
    Reason.NUMBER_TAKEN: _EITHER_BOOK,
    Reason.TOTALS_MISMATCH: _IN_PIPELINE,
    Reason.HAS_PAYMENTS: _EITHER_BOOK,
    Reason.INVALID_DOCUMENT: _IN_PIPELINE,
    Reason.STATUS_REGRESSION: _SIDES,
    Reason.GONE_IN_XERO: _SIDES,
    Reason.RATE_LIMITED: (),
    Reason.BREAKER_OPEN: (),
    Reason.BRAKE_HALTED: (SEE_HALTED,),
    Reason.REFUSED: _IN_PIPELINE,
}
_OF_ALL = {LOOK_AGAIN: LOOK_AGAIN_AT_ALL, TAKE_PIPELINE: COMPARE, TAKE_XERO: COMPARE}
_BOTH_DOCUMENTS = (COMPARE, OPEN_XERO)
_BY_FINDING: dict[FindingKind, tuple[Action, ...]] = {
    FindingKind.MISSING: (COMPARE,),
    FindingKind.EXTRA: (OPEN_XERO, PLAN),
    FindingKind.DIFFERING: (COMPARE,),
    FindingKind.PAID_UNPAID_MISMATCH: (LOOK_AGAIN,),
    FindingKind.DUPLICATE_SUSPECTED: _BOTH_DOCUMENTS,
    FindingKind.STRANGER: (OPEN_XERO, PLAN),
    FindingKind.UNLINKED_CONTACT: _MAP,
    FindingKind.CONTACTS_MERGED: _MAP,
    FindingKind.CONTACT_KEPT: (),
    FindingKind.CONTACT_ALTERED: (OPEN_XERO, OPEN_PIPELINE),
    FindingKind.MISSED_WEBHOOK: (WEBHOOKS,),
    FindingKind.UNREADABLE_IN_PIPELINE: (OPEN_PIPELINE,),
    FindingKind.UNREADABLE_FEED: (OPEN_PIPELINE,),
    FindingKind.UNREADABLE_IN_XERO: (OPEN_XERO,),
    FindingKind.RESULT_REFUSED: (OPEN_PIPELINE,),
}


def of_invoice(state: PublicState, reason: Reason | None) -> tuple[Action, ...]:
    """What one invoice asks for; nothing where nobody but syncd acts."""
    match state:
        case PublicState.OUT_OF_SYNC:
            return _SIDES
        case PublicState.WAITING | PublicState.FAILED if reason is not None:
            return _BY_REASON[reason]
        case _:
            return ()


def of_customer(state: PublicState, reason: Reason | None) -> tuple[Action, ...]:
    """What one customer asks for: nothing of it is taken from one side."""
    if state is PublicState.OUT_OF_SYNC:
        return (OPEN_XERO, OPEN_PIPELINE)
    asked = of_invoice(state, reason)
    return tuple(dict.fromkeys(LOOK_AGAIN_AT_ALL if one == LOOK_AGAIN else one for one in asked))


def of_all(state: PublicState, reason: Reason | None) -> tuple[Action, ...]:
    """What many invoices of one cause ask for: to one is led, or it is done to all."""
    return tuple(dict.fromkeys(_OF_ALL.get(one, one) for one in of_invoice(state, reason)))


def of_finding(kind: FindingKind) -> tuple[Action, ...]:
    """What a finding asks for."""
    return _BY_FINDING[kind]


def of_findings(kind: FindingKind) -> tuple[Action, ...]:
    """What many findings of a kind ask for: each says of itself what is to be done."""
    return (WEBHOOKS,) if kind is FindingKind.MISSED_WEBHOOK else (SHOW_FINDINGS,)

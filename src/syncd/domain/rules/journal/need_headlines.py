"""What stands in the way of many, in one plain sentence by its cause; and the line that mends it.

Pure. Called by `engine.operator.needs`. Whatever one object says of itself stands beside it.
"""

from __future__ import annotations

import json

from syncd.domain.ids import TenantId
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import Reason

_OUT_OF_SYNC = {
    "both": "Modified in both books.",
    "pipeline": "Modified in Pipeline.",
    "xero": "Modified in Xero.",
}
_BY_REASON = {
    Reason.OBSERVING: (
        "The tenant observes, a plan set it live without these, or they are dated before its start."
    ),
    Reason.PAUSED: "The tenant is paused.",
    Reason.NOT_CONNECTED: "Not connected to Xero.",
    Reason.TOKEN_EXPIRED: "Xero no longer accepts the connection.",
    Reason.CONTACT_UNMAPPED: "The customer has no Xero contact mapping.",
    Reason.CONTACT_ARCHIVED: "The customer's contact is archived in Xero.",
    Reason.CONTACT_NAME_TAKEN: "Xero has another contact of the customer's name.",
    Reason.ACCOUNT_UNMAPPED: "A line leads to no account.",
    Reason.TAX_UNMAPPED: "A line leads to no tax type.",
    Reason.CURRENCY_UNAVAILABLE: "The organisation does not have the currency in Xero.",
    Reason.LOCKED_PERIOD: "The period is locked in Xero.",
    Reason.NUMBER_TAKEN: "Another document in Xero has the number.",
    Reason.TOTALS_MISMATCH: "The totals do not follow from the lines.",
    Reason.HAS_PAYMENTS: "Money on the document in Xero forbids the change.",
    Reason.INVALID_DOCUMENT: "Xero would refuse it as it stands.",
    Reason.STATUS_REGRESSION: "Pipeline's status is behind Xero's.",
    Reason.GONE_IN_XERO: "It is gone in Xero.",
    Reason.RATE_LIMITED: "Xero takes no more calls for now.",
    Reason.BREAKER_OPEN: "Xero does not answer for now.",
    Reason.BRAKE_HALTED: "A brake halted the tenant.",
    Reason.REFUSED: "Xero refused it.",
}
_OF_CUSTOMER = {
    Reason.CONTACT_UNMAPPED: "{} has no Xero contact mapping.",
    Reason.CONTACT_ARCHIVED: "The contact of {} is archived in Xero.",
    Reason.CONTACT_NAME_TAKEN: "Xero has another contact called {}.",
    Reason.REFUSED: "Xero refused the customer {}.",
    Reason.INVALID_DOCUMENT: "Xero would refuse the customer {} as it stands.",
}
_BY_FINDING = {
    FindingKind.DUPLICATE_SUSPECTED: "A second document in Xero carries the mark of an invoice.",
    FindingKind.EXTRA: "A document in Xero carries our mark, and no invoice is linked to it.",
    FindingKind.CONTACTS_MERGED: "Contacts of several customers became one in Xero.",
    FindingKind.RESULT_REFUSED: "Pipeline does not take what it is told.",
    FindingKind.UNREADABLE_FEED: "Entries of Pipeline's feed cannot be read.",
    FindingKind.UNREADABLE_IN_XERO: "Something in Xero cannot be read.",
    FindingKind.MISSED_WEBHOOK: "Xero announced no change of late, and a sweep found some.",
}
_BY_CAUSE = {
    CauseKind.COST_CODE: "Cost code {} leads to no account.",
    CauseKind.ACCOUNT: "Account {} may not be used on a sales line in Xero.",
    CauseKind.TAX_RATE: "Tax rate {} leads to no tax type.",
    CauseKind.TAX_TYPE: "Tax type {} may not be used on sales in Xero.",
    CauseKind.CURRENCY: "The organisation does not have the currency {} in Xero.",
    CauseKind.LOCK_DATE: "Dated on or before {}, where Xero's books are locked.",
    CauseKind.TRACKING: "The tracking category {} or its option is not active in Xero.",
}


def headline(reason: Reason | None, cause: HoldCause | None, name: str) -> str:
    """The sentence; `name` is the customer's, where the cause is one. Reason None: out of sync."""
    if cause is not None:
        if cause.kind in _BY_CAUSE:
            return _BY_CAUSE[cause.kind].format(cause.name)
        if cause.kind is CauseKind.CUSTOMER:
            if reason is None:
                return f"{name} is out of sync."
            return _OF_CUSTOMER.get(reason, f"{{}}: {_BY_REASON[reason]}").format(name)
        if reason is None:
            return _OUT_OF_SYNC[cause.name]
    return "Both books show it differently." if reason is None else _BY_REASON[reason]


def of_finding(kind: FindingKind) -> str:
    """The sentence of a kind of finding that wants a person (`model.finding.WANT_A_PERSON`)."""
    return _BY_FINDING[kind]


def to_set(tenant: TenantId, cause: HoldCause | None) -> str | None:
    """The line of the configuration that takes the cause away, to be completed; or None."""
    if cause is None:
        return None
    match cause.kind:
        case CauseKind.COST_CODE:
            return f'[tenants.{tenant}.cost_codes]\n{_key(cause.name)} = {{ account = "…" }}'
        case CauseKind.TAX_RATE:
            return f'[tenants.{tenant}.tax_types]\n{_key(cause.name)} = "…"'
        case _:
            return None


def _key(name: str) -> str:
    """A quoted key of TOML, whose basic strings are JSON's."""
    return json.dumps(name, ensure_ascii=False)

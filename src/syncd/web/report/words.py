"""What causes, reasons and fields are called, and sentences without what nobody can read aloud.

Pure. For reports in print and in the terminal, and for the console, which stands above them.
"""

from __future__ import annotations

import re

from syncd.domain.model.control_totals import Cause
from syncd.domain.model.job import Reason
from syncd.web.report.shapes import ReportException

_REASONS = {
    Reason.OBSERVING: "Observes: would be written",
    Reason.PAUSED: "The tenant is paused",
    Reason.NOT_CONNECTED: "Not connected to Xero",
    Reason.TOKEN_EXPIRED: "Xero no longer accepts the connection",
    Reason.CONTACT_UNMAPPED: "No Xero contact for the customer",
    Reason.CONTACT_ARCHIVED: "The contact is archived in Xero",
    Reason.CONTACT_NAME_TAKEN: "The contact's name is taken in Xero",
    Reason.ACCOUNT_UNMAPPED: "A cost code leads to no account",
    Reason.TAX_UNMAPPED: "A tax rate leads to no tax type",
    Reason.CURRENCY_UNAVAILABLE: "The currency is not set up in Xero",
    Reason.LOCKED_PERIOD: "The period is locked in Xero",
    Reason.NUMBER_TAKEN: "The number is held by another document",
    Reason.TOTALS_MISMATCH: "Lines and totals do not agree",
    Reason.HAS_PAYMENTS: "Money stands on the document",
    Reason.INVALID_DOCUMENT: "Xero would refuse the document",
    Reason.STATUS_REGRESSION: "Xero is further on than Pipeline",
    Reason.GONE_IN_XERO: "Voided or deleted in Xero",
    Reason.RATE_LIMITED: "Xero's limit of calls is reached",
    Reason.BREAKER_OPEN: "Xero does not answer",
    Reason.BRAKE_HALTED: "Halted by a brake",
    Reason.REFUSED: "Xero refused it",
}
_CAUSES = {
    Cause.PENDING: "Pending",
    Cause.HELD: "Waiting",
    Cause.OUT_OF_SYNC: "Out of sync",
    Cause.FAILED: "Failed",
    Cause.UNCERTAIN: "Uncertain",
    Cause.DELETED_WITH_MONEY: "Deleted in Pipeline, with money on it",
    Cause.DELETED_IN_PIPELINE: "Deleted in Pipeline",
    Cause.GONE_IN_XERO: "Voided or deleted in Xero",
    Cause.XERO_ONLY: "Made in Xero",
    Cause.DUPLICATE: "A second document of an invoice",
    Cause.EXTRA: "Ours in Xero, linked to nothing",
    Cause.BEFORE_START: "Dated before the start date",
    Cause.UNREADABLE: "Unreadable in Pipeline",
    Cause.UNREADABLE_IN_XERO: "Unreadable in Xero",
    Cause.EDITED_IN_XERO: "Edited in Xero",
    Cause.APPROVED_IN_XERO: "Approved in Xero",
    Cause.ROUNDING: "Rounding",
    Cause.KEPT: "Kept by decision",
    Cause.MAPPING_CHANGED: "The mapping has changed",
}
_FIELDS = {
    "number": "Invoice Number",
    "reference": "Reference",
    "customerId": "Customer",
    "invoiceDate": "Date",
    "dueDate": "Due Date",
    "currencyCode": "Currency",
    "lineAmountTypes": "Amounts are",
    "nett": "Nett",
    "tax": "Tax",
    "total": "Total",
    "status": "Status",
    "lines": "Lines",
    "description": "description",
    "quantity": "quantity",
    "unitAmount": "unit amount",
    "discountPercent": "discount, percent",
    "accountCode": "account",
    "taxType": "tax type",
    "tracking": "tracking",
}
_LINE = re.compile(r"^lines\[(\d+)\](?:\.(\w+))?$")
_PATH = re.compile(
    r"\blines\[\d+\](?:\.\w+)?|\b(?:customerId|invoiceDate|dueDate|lineAmountTypes)\b"
)
_ID = re.compile(r" \((?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:, )?)+\)")
_CODE = re.compile(f" \\((?:{'|'.join(Reason)})\\)")


def reason(of: Reason) -> str:
    """Why something waits or failed, in a line."""
    return _REASONS[of]


def cause(of: Cause, reason: Reason | None = None) -> str:
    """Why a document is an exception; what waits or failed says for what, where that is known."""
    return _CAUSES[of] if reason is None else _REASONS[reason]


def cause_of(one: ReportException) -> str:
    """The cause of an exception of a report."""
    return "Nothing says why" if one.cause is None else cause(Cause(one.cause), own_reason(one))


def own_reason(one: ReportException) -> Reason | None:
    """Why this document waits or failed; None for other causes, or where nothing says."""
    found = next((each for each in Reason if each.value == one.reason_code), None)
    return found if one.cause in (Cause.HELD, Cause.FAILED) else None


def why(one: ReportException) -> str:
    """An exception in its sentences, with the fields that differ, where they do not name them."""
    text = in_words(plain(one.text))
    named = [field(each) for each in one.fields]
    is_said = all(each.casefold() in text.casefold() for each in named)
    return text if is_said else f"{text} ({', '.join(named)})"


def field(name: str) -> str:
    """A field as people call it: `Line 1 unit amount`."""
    found = _LINE.match(name)
    if found is None:
        return _FIELDS.get(name, name)
    line = f"Line {int(found[1]) + 1}"
    return f"{line} {_FIELDS.get(found[2], found[2])}" if found[2] else line


def place_of(name: str) -> int | None:
    """Which line a field is of, counted from 0; None for what is of none."""
    found = _LINE.match(name)
    return None if found is None else int(found[1])


def in_words(text: str) -> str:
    """A sentence of the journal with its fields as people call them."""
    return _PATH.sub(lambda found: field(found[0])[:1].lower() + field(found[0])[1:], text)


def plain(text: str) -> str:
    """Sentences without what to type, without ids where names stand, without codes of reasons."""
    return _CODE.sub("", _ID.sub("", without_commands(text)))


def without_commands(text: str) -> str:
    """Sentences of the command line's without the part of them that says what to type."""
    kept = [part for part in re.split(r"(?<=[.!?])\s+", text) if "`" not in part]
    return " ".join(kept) or text.replace("`", "")

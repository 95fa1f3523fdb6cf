"""Whether a sent element can be read: objects and lists where they belong, words, dates and ids.

Called by `envelope` for every write, so that no rule ever meets a list where a text should be. An
object where a list belongs is answered as Xero answers it, by a failure that did nothing; what else
cannot be read is a PostDataInvalidException (facts §3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.sandbox.xero.ledger.identifiers import is_guid
from syncd.sandbox.xero.ledger.wire_dates import read_day

_OBJECTS = frozenset(
    {"Contact", "Invoice", "Account", "CreditNote", "Overpayment", "Prepayment", "Item"}
)
_LISTS = frozenset({"LineItems", "Tracking", "Addresses", "Phones", "ContactPersons"})
_IDS = frozenset(
    {
        "InvoiceID",
        "ContactID",
        "LineItemID",
        "AccountID",
        "BrandingThemeID",
        "CreditNoteID",
        "OverpaymentID",
        "PrepaymentID",
        "PaymentID",
        "TrackingCategoryID",
        "TrackingOptionID",
    }
)
_DATES = frozenset({"Date", "DueDate"})
_DOCUMENT = frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"})
_KINDS = {
    "Invoices": frozenset(
        {
            *("ACCREC", "ACCRECCREDIT", "AROVERPAYMENT", "ARPREPAYMENT"),
            *("ACCPAY", "ACCPAYCREDIT", "APOVERPAYMENT", "APPREPAYMENT"),
        }
    ),
    "CreditNotes": frozenset({"ACCRECCREDIT", "ACCPAYCREDIT"}),
}
_STATUSES = {
    "Invoices": _DOCUMENT,
    "CreditNotes": _DOCUMENT,
    "Payments": frozenset({"AUTHORISED", "DELETED"}),
}
_AMOUNT_TYPES = frozenset({"EXCLUSIVE", "INCLUSIVE", "NOTAX"})
_CONTACT_STATUSES = frozenset({"ACTIVE", "ARCHIVED", "GDPRREQUEST"})


class ObjectForList(Exception):
    """An object stands where a list belongs."""


def error_of(element: Mapping[str, Any]) -> str | None:
    """What is wrong with the element's shape, or None. Names nobody reads may hold anything.

    Raises ObjectForList.
    """
    for name, value in element.items():
        if value is None:
            continue
        if name in _OBJECTS:
            if not isinstance(value, dict):
                return f"{name} is expected to be an object"
            inner = error_of(value)
        elif name in _LISTS:
            if isinstance(value, dict):
                raise ObjectForList(name)
            if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
                return f"{name} is expected to be a list of objects"
            inner = next((text for each in value if (text := error_of(each))), None)
        elif isinstance(value, dict | list) and value and not name.endswith("s"):
            return f"{name} is expected to be a single value"
        else:
            continue
        if inner is not None:
            return inner
    return None


def unread_value(element: Mapping[str, Any], plural: str) -> str | None:
    """What is said of a word, date or id in an element of that list that cannot be read, or None.

    Call it once `error_of` finds nothing.
    """
    words = {
        "Type": ("InvoiceType", _KINDS.get(plural)),
        "Status": ("StatusCode", _STATUSES.get(plural)),
        "LineAmountTypes": ("LineAmountType", _AMOUNT_TYPES),
        "ContactStatus": ("ContactStatus", _CONTACT_STATUSES),
    }
    for name, value in element.items():
        if value in (None, "", [], {}):
            continue
        kind, known = words.get(name, ("", None))
        if known is not None and str(value).upper() not in known:
            return _unread(value, kind, f"{plural}.{name}")
        if name in _DATES and not _is_day(str(value)):
            return _unread(value, "DateTime", f"{plural}.{name}")
        if name in _IDS and not is_guid(str(value)):
            return _unread(value, "Guid", f"{plural}.{name}")
        inside = value if name in _LISTS else [value] if name in _OBJECTS else []
        for each in inside:
            if text := unread_value(each, name):
                return text
    return None


def _is_day(text: str) -> bool:
    try:
        read_day(text)
    except ValueError:
        return False
    return True


def _unread(value: Any, kind: str, path: str) -> str:
    return f"Error converting value \"{value}\" to type 'Xero.API.Library.{kind}'. Path '{path}'."

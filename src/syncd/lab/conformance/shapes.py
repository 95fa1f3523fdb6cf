"""The shapes of the contract: entries of the feed, invoices, lines, customers, field by field.

Called with everything that was read. Each field says which expectation it belongs to, so that a
server that writes its dates otherwise has one line about dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from syncd.lab.conformance.expectations import Expectations

Check = tuple[str, Callable[[Any], bool]]
"""Which expectation a field belongs to, and whether a value meets it."""
_MOST_DECIMALS = 4
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def is_whole(value: Any) -> bool:
    """A whole number, written as one."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_uuid(value: Any) -> bool:
    """A UUID in its usual form."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value))


def is_instant(value: Any) -> bool:
    """An instant in UTC with Z."""
    return _is_one(value, _INSTANT, datetime.fromisoformat)


def is_day(value: Any) -> bool:
    """A calendar date."""
    return _is_one(value, _DAY, date.fromisoformat)


def is_amount(value: Any) -> bool:
    """A number of at most four decimals."""
    if is_whole(value):
        return True
    if not isinstance(value, Decimal):
        return False
    return -int(value.normalize().as_tuple().exponent) <= _MOST_DECIMALS


def _is_one(value: Any, form: re.Pattern[str], read: Callable[[str], object]) -> bool:
    if not isinstance(value, str) or not form.fullmatch(value):
        return False
    try:
        read(value)
    except ValueError:
        return False
    return True


def _text(longest: int = 10_000, shortest: int = 0) -> Check:
    return "form.types", lambda value: isinstance(value, str) and shortest <= len(value) <= longest


def _word(*words: str) -> Check:
    return "form.words", lambda value: isinstance(value, str) and value in words


def _or_null(check: Check) -> Check:
    name, is_so = check
    return name, lambda value: value is None or is_so(value)


_ID: Check = ("form.ids", is_uuid)
_INSTANTS: Check = ("form.instants", is_instant)
_DATE: Check = ("form.dates", is_day)
_AMOUNT: Check = ("form.numbers", is_amount)
_VERSION: Check = ("form.types", lambda value: is_whole(value) and value >= 1)
_FLAG: Check = ("form.types", lambda value: isinstance(value, bool))
_LIST: Check = ("form.types", lambda value: isinstance(value, list))
_OBJECT: Check = ("form.types", lambda value: isinstance(value, dict))

_ENTRY: dict[str, Check] = {
    "seq": ("form.types", is_whole),
    "kind": _word("invoice", "customer"),
    "id": _ID,
    "version": _VERSION,
    "at": _INSTANTS,
    "by": _text(),
    "deleted": _FLAG,
    "data": _or_null(_OBJECT),
}
_INVOICE: dict[str, Check] = {
    "id": _ID,
    "number": _text(255),
    "reference": _text(255),
    "customerId": _ID,
    "status": _word("Draft", "Approved", "Sent"),
    "invoiceDate": _DATE,
    "dueDate": _or_null(_DATE),
    "currencyCode": _or_null(_text(3, 3)),
    "lineAmountTypes": _word("Exclusive", "Inclusive", "NoTax"),
    "lines": ("form.types", lambda value: isinstance(value, list) and len(value) <= 500),  # noqa: PLR2004  (the contract's)
    "nett": _AMOUNT,
    "tax": _AMOUNT,
    "total": _AMOUNT,
    "version": _VERSION,
    "updatedAt": _INSTANTS,
}
_LINE: dict[str, Check] = {
    "id": _ID,
    "description": _text(4000),
    "quantity": _AMOUNT,
    "unitAmount": _AMOUNT,
    "discountPercent": _or_null(_AMOUNT),
    "costCode": _or_null(_text()),
    "accountCode": _or_null(_text()),
    "taxType": _or_null(_text()),
    "taxRate": _or_null(_AMOUNT),
    "tracking": ("form.types", lambda value: isinstance(value, list) and len(value) <= 2),  # noqa: PLR2004  (the contract's)
}
_CUSTOMER: dict[str, Check] = {
    "id": _ID,
    "ref": _text(50),
    "name": _text(255),
    **dict.fromkeys(("firstName", "lastName", "email", "phone", "website"), _or_null(_text())),
    "postalAddress": _or_null(_OBJECT),
    "xeroContactId": _or_null(_ID),
    "version": _VERSION,
    "updatedAt": _INSTANTS,
}
_REQUIRED = {
    "entry": ("seq", "kind", "id", "version", "at", "deleted", "data"),
    "invoice": (
        *("id", "number", "customerId", "status", "invoiceDate", "lineAmountTypes", "lines"),
        *("nett", "tax", "total", "version", "updatedAt"),
    ),
    "line": ("id", "description", "quantity", "unitAmount"),
    "customer": ("id", "ref", "name", "version", "updatedAt"),
}
_FIELDS = {"entry": _ENTRY, "invoice": _INVOICE, "line": _LINE, "customer": _CUSTOMER}


def judge(expectations: Expectations, kind: str, found: Any) -> bool:
    """Hold one object of this kind against its shape; whether it is an object at all."""
    if not expectations.hold("form.types", isinstance(found, Mapping), f"{kind}: {found!r}"):
        return False
    for name in _REQUIRED[kind]:
        expectations.hold("form.required", name in found, f"{kind} without {name}")
    for name, (expectation, is_so) in _FIELDS[kind].items():
        if name in found:
            expectations.hold(expectation, is_so(found[name]), f"{kind}.{name}: {found[name]!r}")
    if kind == "invoice" and isinstance(found.get("lines"), list):
        for line in found["lines"]:
            judge(expectations, "line", line)
    return True

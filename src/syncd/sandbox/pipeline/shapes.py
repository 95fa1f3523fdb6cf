"""What an item of `POST /sync-results` must look like, field by field.

Called by `pipeline.results`. Written from sync-api.yaml: a field breaks the contract with a
ValueError that names it; unknown fields are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from syncd.sandbox.pipeline.documents import ADDRESS_FIELDS
from syncd.sandbox.pipeline.exact import number, text

Check = Callable[[Any], Any]
_LONGEST_NAME = 255
_REASON_CODES = (
    "observing",
    "paused",
    "not_connected",
    "token_expired",
    "contact_unmapped",
    "contact_archived",
    "contact_name_taken",
    "account_unmapped",
    "tax_unmapped",
    "currency_unavailable",
    "locked_period",
    "number_taken",
    "totals_mismatch",
    "has_payments",
    "invalid_document",
    "status_regression",
    "gone_in_xero",
    "rate_limited",
    "breaker_open",
    "brake_halted",
    "refused",
)


def item(raw: Any) -> dict[str, Any]:
    """The item with its known fields only, numbers as plain text. Raises ValueError."""
    if not isinstance(raw, dict):
        raise ValueError(f"expected an object, got {raw!r}")  # noqa: TRY004 - one error kind for bad input
    fields = _KINDS.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
    if fields is None:
        raise ValueError(f"kind: expected one of {sorted(_KINDS)}, got {raw.get('kind')!r}")
    shaped = _fields(raw, fields, _REQUIRED[raw["kind"]])
    if shaped.get("fromXero") is not None and shaped.get("basedOnVersion") is None:
        raise ValueError("basedOnVersion: required with fromXero")
    return {"kind": raw["kind"], **shaped}


def _fields(
    raw: Mapping[str, Any], fields: Mapping[str, Check], required: tuple[str, ...]
) -> dict[str, Any]:
    shaped = {}
    for name, check in fields.items():
        if name not in raw:
            if name in required:
                raise ValueError(f"{name}: required")
            continue
        try:
            shaped[name] = check(raw[name])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return shaped


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a text, got {value!r}")  # noqa: TRY004 - one error kind for bad input
    return value


def _name(value: Any) -> str:
    if not 0 < len(_text(value)) <= _LONGEST_NAME:
        raise ValueError(f"expected 1 to {_LONGEST_NAME} characters, got {len(value)}")
    return str(value)


def _uuid(value: Any) -> str:
    try:
        return str(uuid.UUID(_text(value)))
    except ValueError:
        raise ValueError(f"expected a uuid, got {value!r}") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, got {value!r}")  # noqa: TRY004 - one error kind for bad input
    return value


def _money(value: Any) -> str:
    if isinstance(value, str):
        raise ValueError(f"expected a JSON number, got the text {value!r}")  # noqa: TRY004 - one error kind for bad input
    return str(text(number(value)))


def _day(value: Any) -> str:
    return date.fromisoformat(_text(value)).isoformat()


def _instant(value: Any) -> str:
    if datetime.fromisoformat(_text(value)).tzinfo is None or not value.endswith("Z"):
        raise ValueError(f"expected an instant in UTC with Z, got {value!r}")
    return str(value)


def _or_null(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _one(*allowed: str) -> Check:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"expected one of {list(allowed)}, got {value!r}")
        return str(value)

    return check


def _differences(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {value!r}")  # noqa: TRY004 - one error kind for bad input
    rows = []
    for row in value:
        if not isinstance(row, dict):
            raise ValueError(f"expected objects, got {row!r}")  # noqa: TRY004 - one error kind for bad input
        rows.append(_fields(row, _DIFFERENCE, ("field",)))
    return rows


def _address(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, got {value!r}")  # noqa: TRY004 - one error kind for bad input
    return _fields(value, dict.fromkeys(ADDRESS_FIELDS, _text), ())


def _from_xero(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, got {value!r}")  # noqa: TRY004 - one error kind for bad input
    return _fields(value, _FROM_XERO, ())


_DIFFERENCE: dict[str, Check] = {
    "field": _text,
    "pipeline": text,
    "xero": text,
    "agreed": text,
    "movedBy": _one("pipeline", "xero", "both"),
}
_FROM_XERO: dict[str, Check] = {
    "name": _name,
    "firstName": _text,
    "lastName": _text,
    "email": _text,
    "phone": _text,
    "website": _text,
    "postalAddress": _address,
}
_KINDS: dict[str, dict[str, Check]] = {
    "invoice": {
        "id": _uuid,
        "revision": _whole,
        "state": _one(
            "pending", "synced", "waiting", "out_of_sync", "failed", "uncertain", "voided"
        ),
        "reasonCode": _or_null(_one(*_REASON_CODES)),
        "reason": _text,
        "differences": _differences,
        "xeroInvoiceId": _or_null(_uuid),
        "xeroInvoiceNumber": _or_null(_text),
        "xeroStatus": _or_null(
            _one("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
        ),
        "xeroUrl": _or_null(_text),
        "amountPaid": _money,
        "amountCredited": _money,
        "amountDue": _money,
        "fullyPaidOn": _or_null(_day),
        "syncedVersion": _or_null(_whole),
        "asOf": _instant,
    },
    "payment": {
        "id": _uuid,
        "paymentId": _uuid,
        "revision": _whole,
        "type": _one("Payment", "CreditNote", "Overpayment", "Prepayment"),
        "amount": _money,
        "currencyCode": _text,
        "paidOn": _day,
        "reference": _text,
        "status": _one("Authorised", "Deleted"),
    },
    "customer": {
        "id": _uuid,
        "revision": _whole,
        "state": _one("pending", "synced", "waiting", "failed", "archived"),
        "reason": _text,
        "xeroContactId": _or_null(_uuid),
        "basedOnVersion": _or_null(_whole),
        "fromXero": _or_null(_from_xero),
    },
}
_REQUIRED: dict[str, tuple[str, ...]] = {
    "invoice": ("id", "revision", "state"),
    "payment": ("id", "paymentId", "revision", "type", "amount", "paidOn", "status"),
    "customer": ("id", "revision", "state"),
}

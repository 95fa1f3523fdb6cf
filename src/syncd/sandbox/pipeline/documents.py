"""How an invoice and a customer are written down: every field of the contract, in its type.

Called by `pipeline.books`. Pure: a new document or an edited copy comes back, or a ValueError that
names the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from syncd.sandbox.pipeline.exact import number
from syncd.sandbox.pipeline.totals import totals

STATUSES = ("Draft", "Approved", "Sent")
LINE_AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
ADDRESS_FIELDS = ("line1", "line2", "city", "region", "postalCode", "country")
_TOTALS = ("nett", "tax", "total")
_LINE_NUMBERS = ("quantity", "unitAmount", "discountPercent", "taxRate")
_INVOICE: dict[str, Any] = {
    "number": None,
    "reference": "",
    "customerId": None,
    "status": "Draft",
    "invoiceDate": None,
    "dueDate": None,
    "currencyCode": None,
    "lineAmountTypes": "Exclusive",
    "lines": (),
}
_LINE: dict[str, Any] = {
    "description": "",
    "quantity": 1,
    "unitAmount": 0,
    "discountPercent": None,
    "costCode": None,
    "accountCode": None,
    "taxType": None,
    "taxRate": None,
    "tracking": (),
}
_CUSTOMER: dict[str, Any] = {
    "ref": None,
    "name": None,
    "firstName": None,
    "lastName": None,
    "email": None,
    "phone": None,
    "website": None,
    "postalAddress": None,
    "xeroContactId": None,
}


def invoice(fields: Mapping[str, Any], old: Mapping[str, Any], new_id: Callable[[], str]) -> Any:
    """An invoice: `fields` over `old` (empty for a new one), totals computed anew.

    A total named in `fields` is taken as it is, so that a person can plant one that does not add
    up. Raises ValueError naming a field that is missing or of the wrong form.
    """
    _refuse_strangers(fields, {*_INVOICE, *_TOTALS}, "invoice")
    document = {
        name: fields.get(name, old.get(name, default)) for name, default in _INVOICE.items()
    }
    for name in ("number", "customerId"):
        _require_text(document, name)
    _require_one(document, "status", STATUSES)
    _require_one(document, "lineAmountTypes", LINE_AMOUNT_TYPES)
    document["invoiceDate"] = date.fromisoformat(document["invoiceDate"] or "").isoformat()
    if document["dueDate"] is not None:
        document["dueDate"] = date.fromisoformat(document["dueDate"]).isoformat()
    document["lines"] = [line(item, new_id) for item in document["lines"]]
    summed = totals(document["lines"], document["lineAmountTypes"])
    return document | summed | {name: number(fields[name]) for name in _TOTALS if name in fields}


def line(fields: Mapping[str, Any], new_id: Callable[[], str]) -> dict[str, Any]:
    """One line of an invoice; it keeps its `id` or is given one."""
    _refuse_strangers(fields, {*_LINE, "id"}, "line")
    written = {"id": fields.get("id") or new_id(), **_LINE, **fields}
    for name in _LINE_NUMBERS:
        if written[name] is not None:
            written[name] = number(written[name])
    written["tracking"] = list(written["tracking"])
    return written


def customer(fields: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """A customer: `fields` over `old` (empty for a new one)."""
    _refuse_strangers(fields, set(_CUSTOMER), "customer")
    document = {name: fields.get(name, old.get(name, value)) for name, value in _CUSTOMER.items()}
    for name in ("ref", "name"):
        _require_text(document, name)
    return document


def restored(kind: str, dumped: Mapping[str, Any]) -> dict[str, Any]:
    """A document as a dump wrote it down, with its numbers exact again."""
    document = dict(dumped)
    if kind == "invoice":
        document |= {name: number(document[name]) for name in _TOTALS}
        document["lines"] = [line(item, str) for item in document["lines"]]
    return document


def _refuse_strangers(fields: Mapping[str, Any], known: set[str], what: str) -> None:
    strangers = sorted(set(fields) - known)
    if strangers:
        raise ValueError(f"{what}: expected {sorted(known)}, got {strangers}")


def _require_text(document: Mapping[str, Any], name: str) -> None:
    if not isinstance(document[name], str) or not document[name]:
        raise ValueError(f"{name}: expected a text, got {document[name]!r}")


def _require_one(document: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> None:
    if document[name] not in allowed:
        raise ValueError(f"{name}: expected one of {allowed}, got {document[name]!r}")

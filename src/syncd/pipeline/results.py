"""What syncd writes back, in the sync API's words: one result and its revision, as JSON bytes.

Called by `billing` (Pipeline: sync-api.yaml, `/sync-results`). The values have the API's names but
for those of `_NAMED`, and what is None or says nothing is left out; an address goes whole.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from syncd.domain.model import money
from syncd.domain.model.result import (
    CustomerResult,
    InvoiceResult,
    PaymentResult,
    Result,
    RevisedResult,
)
from syncd.domain.model.value import Value

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_KINDS: dict[type[Result], str] = {
    InvoiceResult: "invoice",
    CustomerResult: "customer",
    PaymentResult: "payment",
}
_NOTHING: tuple[object, ...] = (None, "", ())
_NAMED = {"xero_id": "xeroInvoiceId", "xero_number": "xeroInvoiceNumber"}


def encode(revised: RevisedResult) -> bytes:
    """One item of `POST /sync-results`; amounts as exact numbers, instants in UTC with `Z`."""
    result = revised.result
    item = {"kind": _KINDS[type(result)], "revision": revised.revision}
    for own, name in _names(type(result)):
        if (value := getattr(result, own)) not in _NOTHING:
            item[name] = _written(value)
    return _ENCODER.encode(item)


def _written(value: Any) -> Any:
    match value:
        case str() | int() | date():
            return value
        case Decimal():
            # Equal amounts, equal bytes: 414.00 and 414.0 both leave as 414.
            return Decimal(money.canonical(value))
        case tuple():
            return [_written(each) for each in value]
        case Value():
            members = ((name, getattr(value, own)) for own, name in _names(type(value)))
            return {name: _written(each) for name, each in members if each is not None}
        case _:
            return value


@cache
def _names(kind: type[Value]) -> tuple[tuple[str, str], ...]:
    """The fields of a value, each with the API's name of it."""
    return tuple((own, _name(own)) for own in kind.__struct_fields__)


def _name(own: str) -> str:
    first, *others = own.split("_")
    return _NAMED.get(own) or first + "".join(map(str.capitalize, others))

"""What syncd writes back, in the sync API's words: one result and its revision, as JSON bytes.

Called by `billing` (Pipeline: sync-api.yaml, `/sync-results`). The values have the API's names but
for those of `_NAMED`, and what is None or says nothing is left out; an address goes whole.
"""

from __future__ import annotations

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
_NAMED = {"xero_id": "xeroInvoiceId", "xero_number": "xeroInvoiceNumber"}


def encode(revised: RevisedResult) -> bytes:
    """One item of `POST /sync-results`; amounts as exact numbers, instants in UTC with `Z`."""
    said = {
        name: value for name, value in _members(revised.result).items() if value not in ("", [])
    }
    kind = _KINDS[type(revised.result)]
    return _ENCODER.encode({"kind": kind, "revision": revised.revision, **said})


def _members(value: Value) -> dict[str, Any]:
    found = ((name, getattr(value, name)) for name in value.__struct_fields__)
    return {_name(name): _written(each) for name, each in found if each is not None}


def _written(value: Any) -> Any:
    match value:
        case Value():
            return _members(value)
        case tuple():
            return [_written(each) for each in value]
        case Decimal():
            # Equal amounts, equal bytes: 414.00 and 414.0 both leave as 414.
            return Decimal(money.canonical(value))
        case _:
            return value


@cache
def _name(own: str) -> str:
    first, *others = own.split("_")
    return _NAMED.get(own) or first + "".join(map(str.capitalize, others))

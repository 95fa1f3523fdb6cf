"""What syncd writes back, in the sync API's words: one result and its revision, as JSON bytes.

Called by `billing` (Pipeline: sync-api.yaml, `/sync-results`). The values have the API's names but
for those of `_NAMED`, and what is None or says nothing is left out; an address goes whole.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec import structs

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
_PLAIN = (str, int, date, NoneType)
_NAMED = {"xero_id": "xeroInvoiceId", "xero_number": "xeroInvoiceNumber"}


def encode(revised: RevisedResult) -> bytes:
    """One item of `POST /sync-results`; amounts as exact numbers, instants in UTC with `Z`."""
    result = revised.result
    shape = _shape(type(result))
    values = list(shape.read(result))
    for place in shape.parts:
        if values[place] is not None:
            values[place] = _written(values[place])
    return _ENCODER.encode(shape.item(_KINDS[type(result)], revised.revision, *values))


class _Shape(NamedTuple):
    """How a kind of result is written: its fields' values, and the item that is made of them."""

    read: Callable[[Result], tuple[Any, ...]]
    item: type[Any]
    """A struct with the API's names, which leaves out what is as by default."""
    parts: tuple[int, ...]
    """Places of amounts, and of what has parts of its own."""


@cache
def _shape(kind: type[Result]) -> _Shape:
    fields = structs.fields(kind)
    defaults = [None if each.default is msgspec.NODEFAULT else each.default for each in fields]
    own = [(each.name, Any, default) for each, default in zip(fields, defaults, strict=True)]
    return _Shape(
        read=attrgetter(*kind.__struct_fields__),
        item=msgspec.defstruct(
            kind.__name__,
            [("kind", str), ("revision", int), *own],
            rename=dict(_names(kind)),
            omit_defaults=True,
        ),
        parts=tuple(place for place, each in enumerate(fields) if not _is_plain(each.type)),
    )


def _is_plain(hint: Any) -> bool:
    """Whether it is one text, number, instant or date, or none: no amount, nothing with parts."""
    kinds = [getattr(each, "__supertype__", each) for each in get_args(hint) or (hint,)]
    return all(isinstance(each, type) and issubclass(each, _PLAIN) for each in kinds)


def _written(value: Any) -> Any:
    match value:
        case str() | int() | date():
            return value
        case Decimal():
            # Equal amounts, equal bytes: 414.00 and 414.0 both leave as 414.
            return Decimal(money.canonical(value))
        case tuple():
            return tuple([_written(each) for each in value])
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

"""From stored scalars to our values and back: whole rows, instants, optional texts, JSON bodies.

Instants are stored as whole milliseconds since the epoch, UTC. Every decoder of the store's rooms
reads its columns through these, so that a column of the wrong type is found where it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import accumulate
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from syncd.ports.driver import Row, Scalar

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """An aware instant as milliseconds since the epoch, rounded down."""
    assert instant.tzinfo is not None, "an instant is aware"
    return (instant - _EPOCH) // _MS


def ms_or_none(instant: datetime | None) -> int | None:
    """`to_ms` of an instant that may be missing."""
    return None if instant is None else to_ms(instant)


def from_ms(value: Scalar) -> datetime:
    """The instant a stored number means, aware, in UTC."""
    return _EPOCH + whole_of(value) * _MS


def from_ms_or_none(value: Scalar) -> datetime | None:
    """`from_ms` of a column that may be NULL."""
    return None if value is None else from_ms(value)


def text_of(value: Scalar) -> str:
    """A TEXT column's value."""
    assert isinstance(value, str), f"expected a text, got {type(value).__name__}"
    return value


def text_or_none(value: Scalar) -> str | None:
    """A TEXT column's value, which may be NULL."""
    return None if value is None else text_of(value)


def whole_of(value: Scalar) -> int:
    """An INTEGER column's value."""
    assert isinstance(value, int), f"expected a whole number, got {type(value).__name__}"
    return value


def bytes_of(value: Scalar) -> bytes:
    """A BLOB column's value."""
    assert isinstance(value, bytes), f"expected bytes, got {type(value).__name__}"
    return value


def bytes_or_none(value: Scalar) -> bytes | None:
    """A BLOB column's value, which may be NULL."""
    return None if value is None else bytes_of(value)


def json_list(texts: Iterable[str]) -> str:
    """Texts as one JSON array, to be bound once and unfolded by `json_each`."""
    return msgspec.json.encode([str(text) for text in texts]).decode()


def decoder(kind: type[T], **bodies: Callable[[bytes], object]) -> Callable[[Row], T]:
    """Reads a row whose columns stand in the order of `kind`'s fields.

    `kind` is a value of ours, a tuple, or what one column holds. A field that is a value itself
    takes as many columns as it has fields; an optional one is missing where its first is NULL.
    `bodies` read the columns of JSON, by field.
    """

    @cache
    def made() -> Callable[[Row], T]:
        # With its first row: most are not asked for a row before the daemon is ready.
        width, of = _reader(kind, bodies)
        return of if width else lambda row: of(row[0])

    def read(row: Row) -> T:
        return made()(row)

    return read


_Bodies = Mapping[str, Callable[[bytes], object]]
_NONE: _Bodies = {}


def _reader(kind: Any, bodies: _Bodies = _NONE) -> tuple[int, Callable[[Any], Any]]:
    """Reads a value of so many columns of a row, or (0) of one column's scalar."""
    parts = get_args(kind)
    if NoneType in parts:
        (sure,) = (each for each in parts if each is not NoneType)
        width, read = _reader(sure)
        if width:
            return width, lambda row: None if row[0] is None else read(row)
        return 0, lambda value: None if value is None else read(value)
    if get_origin(kind) is tuple:
        reads = [_reader(each)[1] for each in parts]
        return len(parts), lambda row: tuple(
            read(value) for read, value in zip(reads, row, strict=True)
        )
    bare = get_origin(kind) or kind
    made = getattr(bare, "__supertype__", bare)
    if hasattr(made, "__dataclass_fields__"):
        return _value_reader(made, bodies)
    if issubclass(made, Enum):
        return 0, lambda value: made(text_of(value))
    return 0, _COLUMNS[made]


def _value_reader(made: Any, bodies: _Bodies) -> tuple[int, Callable[[Any], Any]]:
    hints = get_type_hints(made)
    names = [each.name for each in fields(made)]
    readers = [
        (0, _body(bodies[name])) if name in bodies else _reader(hints[name]) for name in names
    ]
    reads = [read for _, read in readers]
    starts = list(accumulate((max(width, 1) for width, _ in readers), initial=0))
    cuts = [
        slice(at, at + width) if width else at
        for at, (width, _) in zip(starts, readers, strict=False)
    ]

    def flat(row: Sequence[Any]) -> Any:
        return made(
            **{name: read(each) for name, read, each in zip(names, reads, row, strict=True)}
        )

    def nested(row: Row) -> Any:
        return flat([row[cut] for cut in cuts])

    return starts[-1], nested if any(width for width, _ in readers) else flat


def _body(decode: Callable[[bytes], object]) -> Callable[[Scalar], object]:
    return lambda value: None if value is None else decode(bytes_of(value))


def _amount(value: Scalar) -> Decimal:
    """Money is exact text, or whole hundredths."""
    return Decimal(value).scaleb(-2) if isinstance(value, int) else Decimal(text_of(value))


_COLUMNS: dict[Any, Callable[[Scalar], object]] = {
    bool: bool,
    int: whole_of,
    str: text_of,
    bytes: bytes_of,
    datetime: from_ms,
    date: lambda value: date.fromisoformat(text_of(value)),
    Decimal: _amount,
}

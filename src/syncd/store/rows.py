"""From stored scalars to our values and back: whole rows, instants, optional texts, JSON bodies.

Instants are stored as whole milliseconds since the epoch, UTC. Every decoder of the store's rooms
reads its columns through these, so that a column of the wrong type is found where it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
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
    made: Callable[[Row], T] | None = None

    def read(row: Row) -> T:
        nonlocal made
        if made is None:
            # With its first row: most are not asked for a row before the daemon is ready.
            asked: Any = kind
            width, made = _compiled(kind, bodies) if bodies else _compiled_plain(asked)
            assert len(row) == width or width == 1, f"{width} columns make it, not {len(row)}"
        return made(row)

    return read


_Bodies = Mapping[str, Callable[[bytes], object]]
_NONE: _Bodies = {}


@cache
def _compiled_plain(kind: Any) -> tuple[int, Callable[[Row], Any]]:
    """`_compiled` without columns of JSON, once for each kind: many a statement's is made anew."""
    return _compiled(kind, _NONE)


def _compiled(kind: Any, bodies: _Bodies) -> tuple[int, Callable[[Row], Any]]:
    """How many columns it takes, and its reader: one expression, as a dataclass's own methods are.

    A row is read 2.5 times as fast so as by a reader for each column.
    """
    names: dict[str, object] = {}
    width, expression = _expression(kind, 0, bodies, names)
    reader: Callable[[Row], Any] = eval(f"lambda row: {expression}", names)  # noqa: S307  (of our own types alone)
    return width, reader


def _expression(kind: Any, at: int, bodies: _Bodies, names: dict[str, object]) -> tuple[int, str]:
    """How many columns from place `at` on make it, and what makes it of them.

    `names` gets what the expression calls.
    """
    parts = get_args(kind)
    if NoneType in parts:
        (sure,) = (each for each in parts if each is not NoneType)
        width, made = _expression(sure, at, _NONE, names)
        return width, f"(None if row[{at}] is None else {made})"
    if get_origin(kind) is tuple:
        end, elements = _together([(each, None) for each in parts], at, names)
        return end - at, f"({', '.join(elements)},)"
    bare = get_origin(kind) or kind
    made = getattr(bare, "__supertype__", bare)
    if issubclass(made, msgspec.Struct):
        hints = get_type_hints(made)
        wanted = made.__struct_fields__
        columns = [(hints[name], bodies.get(name)) for name in wanted]
        end, values = _together(columns, at, names)
        given = ", ".join(f"{name}={value}" for name, value in zip(wanted, values, strict=True))
        return end - at, f"{_named(made, names)}({given})"
    if issubclass(made, Enum):
        known = _named({each.value: each for each in made}, names)
        other = f"{_named(made, names)}({_named(text_of, names)}(row[{at}]))"
        return 1, f"({known}[row[{at}]] if row[{at}] in {known} else {other})"
    return 1, f"{_named(_COLUMNS[made], names)}(row[{at}])"


def _together(
    kinds: Iterable[tuple[Any, Callable[[bytes], object] | None]],
    at: int,
    names: dict[str, object],
) -> tuple[int, list[str]]:
    """The place after these, which follow each other, and what makes each; JSON by its body."""
    made = []
    for kind, body in kinds:
        if body is None:
            width, expression = _expression(kind, at, _NONE, names)
        else:
            width, expression = 1, f"{_named(_body(body), names)}(row[{at}])"
        at += width
        made.append(expression)
    return at, made


def _named(value: object, names: dict[str, object]) -> str:
    """The name by which an expression calls this."""
    name = f"_{len(names)}"
    names[name] = value
    return name


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

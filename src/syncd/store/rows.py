"""From stored scalars to our values and back: instants, optional texts, JSON bodies.

Instants are stored as whole milliseconds since the epoch, UTC. Every decoder of the store's rooms
reads its columns through these, so that a column of the wrong type is found where it is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from syncd.ports.driver import Scalar

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


def whole_or_none(value: Scalar) -> int | None:
    """An INTEGER column's value, which may be NULL."""
    return None if value is None else whole_of(value)


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

"""Numbers that stay exact on their way through JSON: Decimal in, the same digits out.

Called by every other room of the emulated Pipeline. No money ever meets binary floating point.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_TOO_LARGE = 10**12
_MOST_DECIMALS = 4
"""Money and quantities carry at most four decimals (sync-api.yaml, info.description)."""


def decode(body: bytes) -> Any:
    """Read JSON; whole numbers as int, all others as Decimal. Raises ValueError when it is none."""
    try:
        return _DECODER.decode(body)
    except msgspec.DecodeError as error:
        raise ValueError(f"expected JSON, got a body that is none: {error}") from error


def encode(value: Any) -> bytes:
    """Write JSON; Decimals as JSON numbers with exactly their own digits."""
    return _ENCODER.encode(value)


def number(value: Any) -> Decimal:
    """Take a JSON number or its text as a Decimal of at most four decimals, else ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"expected a number, got {value!r}")  # noqa: TRY004 - one error kind for bad input
    try:
        exact = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"expected a number, got {value!r}") from None
    if not exact.is_finite() or abs(exact) >= _TOO_LARGE:
        raise ValueError(f"expected a number below {_TOO_LARGE}, got {value!r}")
    digits = plain(exact)
    if len(digits.partition(".")[2]) > _MOST_DECIMALS:
        raise ValueError(f"expected at most four decimals, got {value}")
    return Decimal(digits)


def plain(value: Decimal) -> str:
    """The number's digits without exponent and trailing zeros; never rounded."""
    digits = format(value, "f")
    short = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if short == "-0" else short


def text(value: Any) -> Any:
    """The same value with every Decimal as plain text without trailing zeros, deeply."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {key: text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [text(item) for item in value]
    return value

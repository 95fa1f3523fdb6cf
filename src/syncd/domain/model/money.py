"""Exact money and quantities: decimals in, decimals out, never a binary float.

Called by every room that reads, compares or writes an amount.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

CENT = Decimal("0.01")
# 28 digits hold Xero's largest line (9,999,999,999.99) times a 4-decimal quantity exactly.
_EXACT = Context(prec=40)


def round_to(value: Decimal, places: int) -> Decimal:
    """`value` at `places` decimals, ties away from zero (facts §3.8: no recorded tie)."""
    return value.quantize(_step(places), rounding=ROUND_HALF_UP, context=_EXACT)


@lru_cache(maxsize=16)
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def cents(value: Decimal) -> Decimal:
    """`value` at two decimals, ties away from zero."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP, context=_EXACT)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return _EXACT.multiply(left, right)


def share(amount: Decimal, numerator: Decimal, denominator: Decimal) -> Decimal:
    """`amount × numerator / denominator` with 40 digits, so that rounding comes once, later."""
    return _EXACT.divide(_EXACT.multiply(amount, numerator), denominator)


def canonical(value: Decimal) -> str:
    """The shortest plain text of `value`: `3`, `-0.5`, `19.99`; equal numbers, equal texts."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(value: Decimal, *, most_places: int | None = None) -> str:
    """`1,508,159.80`: two places, or as many more as it has, up to `most_places`."""
    exponent = value.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:,.{places if most_places is None else min(places, most_places)}f}"

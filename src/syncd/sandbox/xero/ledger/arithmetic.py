"""What lines add up to, in Xero's arithmetic (facts §3.8).

Called by the rules of invoices and credit notes; pure. A line is rounded to cents first, its tax is
rounded to cents by itself, and only then are lines added: 25.06, 25.61 and 25.63 at 15 % bear
11.44 of tax, not 11.45.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_STEPS = {2: Decimal("0.01"), 4: Decimal("0.0001")}
_MODES = {"away": ROUND_HALF_UP, "even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
_HUNDRED = Decimal(100)
_ONE = Decimal(1)
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Totals:
    """The three totals of a document."""

    sub_total: Decimal
    total_tax: Decimal
    total: Decimal


def cents(amount: Decimal, ties: str = "away") -> Decimal:
    """An amount to two places; half a cent goes away from zero, to the even cent, or is cut."""
    return amount.quantize(CENT, _MODES[ties])


def unit(amount: Decimal, places: int, ties: str = "away") -> Decimal:
    """A unit amount as kept: two places, or four when the call says `unitdp=4`."""
    return amount.quantize(_STEPS[places], _MODES[ties])


def rate(percent: Decimal | None) -> Decimal | None:
    """A percentage as kept: two places, and more where somebody gave more."""
    if percent is None or int(percent.as_tuple().exponent) < -2:  # noqa: PLR2004 - places
        return percent
    return percent.quantize(CENT)


def line_amount(
    quantity: Decimal | None,
    unit_amount: Decimal | None,
    *,
    discount_rate: Decimal | None = None,
    discount_amount: Decimal | None = None,
    ties: str = "away",
) -> Decimal:
    """Quantity × UnitAmount × (100 − DiscountRate)/100, or less DiscountAmount, to cents."""
    if quantity is None or unit_amount is None:
        return _NOTHING
    amount = quantity * unit_amount
    if discount_rate:
        amount = amount * (_HUNDRED - discount_rate) / _HUNDRED
    elif discount_amount:
        amount -= discount_amount
    return cents(amount, ties)


def line_tax(amount: Decimal, rate: Decimal, line_amount_types: str, ties: str = "away") -> Decimal:
    """The tax of one line: on top when Exclusive, within when Inclusive, none when NoTax."""
    if line_amount_types == "NoTax" or not rate:
        return _NOTHING
    if line_amount_types == "Inclusive":
        return cents(amount * rate / (_ONE + rate), ties)
    return cents(amount * rate, ties)


def totals(lines: Iterable[tuple[Decimal, Decimal]], line_amount_types: str) -> Totals:
    """The totals of (line amount, tax) pairs: tax lies within the amounts when Inclusive."""
    amounts, tax = _NOTHING, _NOTHING
    for amount, own_tax in lines:
        amounts += amount
        tax += own_tax
    sub_total = amounts - tax if line_amount_types == "Inclusive" else amounts
    return Totals(sub_total, tax, sub_total + tax)

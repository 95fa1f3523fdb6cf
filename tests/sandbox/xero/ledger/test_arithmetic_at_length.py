"""Xero's arithmetic on 10,000 random invoices against an oracle in whole fractions; ties apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from random import Random

import pytest

from syncd.sandbox.xero.ledger import arithmetic

INVOICES = 10_000
RATES = tuple(Fraction(each) for each in ("0", "0.05", "0.1", "0.125", "0.15", "0.2", "0.23"))
TYPES = ("Exclusive", "Inclusive", "NoTax")


@dataclass(frozen=True, slots=True)
class Line:
    """What a client sends, as numbers of ten-thousandths: no decimal arithmetic on this side."""

    quantity: int
    unit: int
    discount: int
    rate: Fraction


def invoices() -> Iterator[tuple[str, int, list[Line]]]:
    """Kind of amounts, decimal places asked for, and lines."""
    dice = Random("ten thousand invoices")  # noqa: S311 - the same invoices on every machine
    for _ in range(INVOICES):
        lines = [
            Line(
                quantity=dice.choice((1, 10_000, dice.randint(-50_000, 9_999_999))),
                unit=dice.choice((dice.randint(0, 99) * 10_000, dice.randint(-(10**6), 10**9))),
                discount=dice.choice((0, 0, dice.randint(0, 10_000))),
                rate=dice.choice(RATES),
            )
            for _ in range(dice.randint(1, 4))
        ]
        yield dice.choice(TYPES), dice.choice((2, 4)), lines


def rounded(value: Fraction, places: int, *, ties_to_even: bool = False) -> tuple[Fraction, bool]:
    """To so many places, and whether it was a tie."""
    size = abs(value) * 10**places
    whole, rest = floor(size), size - floor(size)
    is_tie = rest == Fraction(1, 2)
    up = rest > Fraction(1, 2) or (is_tie and not (ties_to_even and whole % 2 == 0))
    return Fraction(-1 if value < 0 else 1) * (whole + up) / 10**places, is_tie


@dataclass(slots=True)
class Oracle:
    """The same invoice in fractions; counts the ties it met."""

    ties_to_even: bool
    ties: int = 0

    def cents(self, value: Fraction, places: int = 2) -> Fraction:
        found, is_tie = rounded(value, places, ties_to_even=self.ties_to_even)
        self.ties += is_tie
        return found

    def totals(self, kind: str, places: int, lines: list[Line]) -> tuple[Fraction, Fraction]:
        """Tax and total."""
        tax, amount = Fraction(0), Fraction(0)
        for each in lines:
            unit = self.cents(Fraction(each.unit, 10_000), places)
            kept = Fraction(10_000 - each.discount, 10_000)
            own = self.cents(Fraction(each.quantity, 10_000) * unit * kept)
            part = each.rate / (1 + each.rate) if kind == "Inclusive" else each.rate
            amount += own
            tax += Fraction(0) if kind == "NoTax" else self.cents(own * part)
        return tax, amount if kind == "Inclusive" else amount + tax


def emulated(kind: str, places: int, lines: list[Line], ties: str) -> arithmetic.Totals:
    pairs = []
    for each in lines:
        unit = arithmetic.unit(Decimal(each.unit).scaleb(-4), places, ties)
        amount = arithmetic.line_amount(
            Decimal(each.quantity).scaleb(-4),
            unit,
            discount_rate=Decimal(each.discount).scaleb(-2) if each.discount else None,
            ties=ties,
        )
        rate = Decimal(each.rate.numerator) / each.rate.denominator
        pairs.append((amount, arithmetic.line_tax(amount, rate, kind, ties)))
    return arithmetic.totals(pairs, kind)


@pytest.mark.parametrize("ties", ["away", "even"])
def test_ten_thousand_invoices_are_the_oracles(ties: str) -> None:
    """Invoices with a tie in them are listed apart: no recording says which way Xero goes (U)."""
    wrong: dict[str, list[object]] = {"plain": [], "ties": []}
    seen = {"plain": 0, "ties": 0}
    for kind, places, lines in invoices():
        oracle = Oracle(ties_to_even=ties == "even")
        tax, total = oracle.totals(kind, places, lines)
        found = emulated(kind, places, lines, ties)
        heap = "ties" if oracle.ties else "plain"
        seen[heap] += 1
        if (Fraction(found.total_tax), Fraction(found.total)) != (tax, total):
            wrong[heap].append((kind, places, lines))

    assert wrong["plain"] == []
    assert wrong["ties"] == []
    assert seen["plain"] > INVOICES / 4
    assert seen["ties"] > INVOICES / 20

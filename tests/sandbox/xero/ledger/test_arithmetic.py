"""Xero's arithmetic against an oracle in whole fractions, and the documents' own examples."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.xero.ledger import arithmetic

QUANTITIES = st.decimals(Decimal(-999), Decimal(9999), places=4)
UNITS = st.decimals(Decimal(-9999), Decimal(99999), places=4)
RATES = st.sampled_from([Decimal(each) for each in ("0", "0.1", "0.125", "0.15", "0.2")])
DISCOUNTS = st.one_of(st.none(), st.decimals(Decimal(0), Decimal(100), places=2))
TYPES = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])


def oracle_cents(value: Fraction) -> Fraction:
    """To cents, half a cent away from zero, without any decimal arithmetic."""
    sign = -1 if value < 0 else 1
    return Fraction(sign * floor(abs(value) * 100 + Fraction(1, 2)), 100)


def oracle_tax(amount: Fraction, rate: Fraction, types: str) -> Fraction:
    if types == "NoTax":
        return Fraction(0)
    if types == "Inclusive":
        return oracle_cents(amount * rate / (1 + rate))
    return oracle_cents(amount * rate)


@given(QUANTITIES, UNITS, DISCOUNTS)
def test_line_amount_is_the_oracles(
    quantity: Decimal, unit: Decimal, discount: Decimal | None
) -> None:
    exact = Fraction(quantity) * Fraction(unit) * (100 - Fraction(discount or 0)) / 100

    amount = arithmetic.line_amount(quantity, unit, discount_rate=discount)

    assert Fraction(amount) == oracle_cents(exact)


@given(st.lists(st.tuples(QUANTITIES, UNITS, RATES), max_size=6), TYPES)
def test_totals_are_the_oracles(lines: list[tuple[Decimal, Decimal, Decimal]], types: str) -> None:
    amounts = [arithmetic.line_amount(quantity, unit) for quantity, unit, _ in lines]
    taxes = [
        arithmetic.line_tax(amount, rate, types)
        for amount, (_, _, rate) in zip(amounts, lines, strict=True)
    ]

    found = arithmetic.totals(zip(amounts, taxes, strict=True), types)

    own = [
        (oracle_cents(Fraction(quantity) * Fraction(unit)), Fraction(rate))
        for quantity, unit, rate in lines
    ]
    tax = sum((oracle_tax(amount, rate, types) for amount, rate in own), Fraction(0))
    amount = sum((amount for amount, _ in own), Fraction(0))
    assert Fraction(found.total_tax) == tax
    assert Fraction(found.total) == (amount if types == "Inclusive" else amount + tax)
    assert found.sub_total + found.total_tax == found.total


@pytest.mark.parametrize(
    ("amount", "rate", "types", "tax"),
    [
        ("25.06", "0.15", "Exclusive", "3.76"),
        ("25.61", "0.15", "Exclusive", "3.84"),
        ("25.63", "0.15", "Exclusive", "3.84"),
        ("541.25", "0.15", "Inclusive", "70.60"),
        ("500", "0.15", "Inclusive", "65.22"),
        ("360", "0.15", "Exclusive", "54.00"),
        ("360", "0.15", "NoTax", "0.00"),
    ],
)
def test_tax_is_the_documents(amount: str, rate: str, types: str, tax: str) -> None:
    """Facts §3.8 and §3.3: worked examples."""
    assert arithmetic.line_tax(Decimal(amount), Decimal(rate), types) == Decimal(tax)


def test_tax_is_rounded_by_line_before_it_is_added() -> None:
    """Facts §3.8: 11.44, not 11.45."""
    amounts = [Decimal(each) for each in ("25.06", "25.61", "25.63")]
    pairs = [(each, arithmetic.line_tax(each, Decimal("0.15"), "Exclusive")) for each in amounts]

    assert arithmetic.totals(pairs, "Exclusive").total_tax == Decimal("11.44")


@pytest.mark.parametrize(
    ("amount", "away", "even"),
    [("0.005", "0.01", "0.00"), ("-0.005", "-0.01", "0.00"), ("0.015", "0.02", "0.02"),
     ("2.675", "2.68", "2.68"), ("-2.665", "-2.67", "-2.66")],
)  # fmt: skip
def test_tie_goes_the_way_the_switch_says(amount: str, away: str, even: str) -> None:
    """Facts §3.8, U: no tie was ever recorded, so ties stand apart."""
    assert arithmetic.cents(Decimal(amount)) == Decimal(away)
    assert arithmetic.cents(Decimal(amount), "even") == Decimal(even)


@pytest.mark.parametrize(("places", "kept"), [(2, "10.13"), (4, "10.1251")])
def test_unit_amount_keeps_the_places_asked_for(places: int, kept: str) -> None:
    assert arithmetic.unit(Decimal("10.12505"), places) == Decimal(kept)


def test_line_of_description_only_is_worth_nothing() -> None:
    assert arithmetic.line_amount(None, None) == 0

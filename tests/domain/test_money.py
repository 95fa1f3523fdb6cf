"""Money is exact, and ties go away from zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model import money

exact = st.decimals(-(10**10), 10**10, places=6)
places = st.integers(0, 6)


@given(exact, places)
def test_round_to_is_the_nearest_and_ties_go_away_from_zero(value: Decimal, digits: int) -> None:
    found = money.round_to(value, digits)

    step = Fraction(1, 10**digits)
    distance = abs(Fraction(found) - Fraction(value))
    assert (Fraction(found) / step).denominator == 1
    assert distance <= step / 2
    if distance == step / 2:
        assert abs(found) > abs(value)


@given(exact)
def test_cents_are_two_places(value: Decimal) -> None:
    assert money.cents(value) == money.round_to(value, 2)
    assert money.cents(value).as_tuple().exponent == -2


@given(exact, exact)
def test_times_is_exact(left: Decimal, right: Decimal) -> None:
    assert Fraction(money.times(left, right)) == Fraction(left) * Fraction(right)


@given(exact, st.decimals(0, 2, places=4), st.decimals(1, 3, places=4))
def test_share_errs_only_far_behind_the_cent(
    amount: Decimal, numerator: Decimal, denominator: Decimal
) -> None:
    found = money.share(amount, numerator, denominator)

    true = Fraction(amount) * Fraction(numerator) / Fraction(denominator)
    assert abs(Fraction(found) - true) < Fraction(1, 10**20)


@given(exact, st.integers(0, 5))
def test_equal_amounts_have_one_text(value: Decimal, zeros: int) -> None:
    longer = Decimal(format(value, "f") + "0" * zeros)

    assert money.canonical(longer) == money.canonical(value)
    assert Decimal(money.canonical(value)) == value


@given(exact, exact)
def test_different_amounts_have_different_texts(left: Decimal, right: Decimal) -> None:
    assert (money.canonical(left) == money.canonical(right)) == (left == right)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3.00", "3"),
        ("-0.50", "-0.5"),
        ("19.99", "19.99"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("1E-4", "0.0001"),
    ],
)
def test_canonical_is_the_shortest_plain_text(value: str, text: str) -> None:
    assert money.canonical(Decimal(value)) == text

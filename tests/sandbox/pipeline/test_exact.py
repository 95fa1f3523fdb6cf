from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.pipeline.exact import decode, encode, number, text
from tests.searching import examples


@examples(100)
@given(st.decimals(-(10**12) + 1, 10**12 - 1, places=4))
def test_money_keeps_its_digits_through_json(value: Decimal) -> None:
    back = decode(encode({"total": number(value)}))["total"]
    assert Decimal(back) == value


def test_written_number_is_plain_json() -> None:
    assert encode([Decimal("0.10"), Decimal("1E+2"), 3]) == b"[0.10,1E+2,3]"
    assert encode(number(Decimal("1E+2"))) == b"100"


@pytest.mark.parametrize(
    "wrong", ["", "ten", None, True, 1.5, [], "NaN", Decimal("Infinity"), "0.00001", "1E+999999"]
)
def test_number_off_the_contract_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        number(wrong)


def test_text_of_equal_numbers_is_equal() -> None:
    assert text({"a": [Decimal("10.00"), Decimal("1E+1")]}) == {"a": ["10", "10"]}


def test_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        decode(b"{")

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.pipeline.totals import line_amount, line_tax, totals
from tests.searching import examples


def line(unit: str, rate: str | None = "0.15", quantity: str = "1", **more: Any) -> dict[str, Any]:
    taxed = None if rate is None else Decimal(rate)
    return {"quantity": Decimal(quantity), "unitAmount": Decimal(unit), "taxRate": taxed, **more}


def test_tax_is_rounded_per_line_and_then_summed() -> None:
    # Xero docs: 25.06, 25.61 and 25.63 at 15 % carry 11.44 of tax, not 11.45 (facts §3.8)
    summed = totals([line("25.06"), line("25.61"), line("25.63")], "Exclusive")
    assert summed["tax"] == Decimal("11.44")
    assert summed["total"] == summed["nett"] + summed["tax"] == Decimal("87.74")


@pytest.mark.parametrize(("gross", "tax"), [("541.25", "70.60"), ("500", "65.22")])
def test_inclusive_tax_is_taken_out_of_the_amount(gross: str, tax: str) -> None:
    summed = totals([line(gross)], "Inclusive")
    assert (summed["tax"], summed["total"]) == (Decimal(tax), Decimal(gross))


def test_untaxed_invoice_carries_no_tax() -> None:
    assert totals([line("100")], "NoTax")["tax"] == 0
    assert totals([line("100", None)], "Exclusive")["tax"] == 0


def test_half_a_cent_goes_away_from_zero_on_both_sides() -> None:
    assert line_amount(line("0.005")) == Decimal("0.01")
    assert line_amount(line("-0.005")) == Decimal("-0.01")


def test_discount_comes_off_before_rounding() -> None:
    assert line_amount(line("10.005", discountPercent=Decimal(50))) == Decimal("5.00")


money = st.decimals("-9999", "99999", places=4)


@examples(60)
@given(st.lists(st.tuples(money, money, st.sampled_from(["0", "0.15", "0.2"])), max_size=8))
def test_nett_and_tax_are_the_total_whatever_the_kind(
    rows: list[tuple[Decimal, Decimal, str]],
) -> None:
    lines = [line(str(unit), rate, str(quantity)) for unit, quantity, rate in rows]
    for kind in ("Exclusive", "Inclusive", "NoTax"):
        summed = totals(lines, kind)
        amounts = sum((line_amount(each) for each in lines), Decimal(0))
        taxes = sum((line_tax(each, kind) for each in lines), Decimal(0))
        assert summed["nett"] + summed["tax"] == summed["total"]
        assert summed["total"] == (amounts + taxes if kind == "Exclusive" else amounts)

"""The rounding oracle against fractions, and against what was recorded from Xero."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId
from syncd.domain.model.invoice import Invoice, Line, LineAmountTypes
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.rules.compare import rounding

RATES = st.sampled_from(["0", "0.05", "0.1", "0.125", "0.15", "0.2", "0.21"]).map(Decimal)
oracle_lines = st.lists(
    st.builds(
        rounding.OracleLine,
        quantity=st.decimals(-999, 9999, places=4),
        unit_amount=st.decimals(-9999, 99999, places=4),
        tax_rate=RATES,
        discount_percent=st.none() | st.decimals(0, 100, places=2),
    ),
    max_size=6,
)


def invoice_of(
    lines: list[rounding.OracleLine], types: LineAmountTypes, shown: rounding.Totals
) -> Invoice:
    return Invoice(
        id=PipelineInvoiceId("i"),
        number="INV-1",
        customer_id=PipelineCustomerId("c"),
        status=PipelineStatus.DRAFT,
        invoice_on=date(2026, 11, 22),
        line_amount_types=types,
        lines=tuple(
            Line(
                id=str(index),
                description="work",
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                discount_percent=line.discount_percent,
                tax_rate=line.tax_rate,
            )
            for index, line in enumerate(lines)
        ),
        nett=shown.sub_total,
        tax=shown.total_tax,
        total=shown.total,
        version=1,
        updated_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def half_away(value: Fraction) -> Fraction:
    """An independent rounding: whole cents, ties away from zero."""
    scaled = abs(value) * 100
    whole, rest = divmod(scaled, 1)
    if rest >= Fraction(1, 2):
        whole += 1
    return Fraction(whole, 100) * (1 if value >= 0 else -1)


def expected_by_fractions(
    lines: list[rounding.OracleLine], types: LineAmountTypes
) -> tuple[Fraction, Fraction, Fraction]:
    net = tax = Fraction(0)
    for line in lines:
        kept = 1 - Fraction(line.discount_percent or 0) / 100
        amount = half_away(Fraction(line.quantity) * Fraction(line.unit_amount) * kept)
        rate = Fraction(line.tax_rate)
        if types is LineAmountTypes.EXCLUSIVE:
            line_tax = half_away(amount * rate)
            net += amount
        elif types is LineAmountTypes.INCLUSIVE:
            line_tax = half_away(amount * rate / (1 + rate))
            net += amount - line_tax
        else:
            line_tax = Fraction(0)
            net += amount
        tax += line_tax
    return net, tax, net + tax


@given(oracle_lines, st.sampled_from(LineAmountTypes))
def test_totals_equal_those_of_exact_fractions(
    lines: list[rounding.OracleLine], types: LineAmountTypes
) -> None:
    found = rounding.xero_totals(lines, types)

    assert (
        Fraction(found.sub_total),
        Fraction(found.total_tax),
        Fraction(found.total),
    ) == expected_by_fractions(lines, types)


@given(oracle_lines, st.sampled_from(LineAmountTypes), st.sampled_from(rounding.TieRule))
def test_totals_add_up_under_every_tie_rule(
    lines: list[rounding.OracleLine], types: LineAmountTypes, tie: rounding.TieRule
) -> None:
    found = rounding.xero_totals(lines, types, tie=tie)

    assert found.total == found.sub_total + found.total_tax
    assert found.total_tax == sum((each.tax_amount for each in found.lines), Decimal(0))
    assert all(each.line_amount == round(each.line_amount, 2) for each in found.lines)


def test_tax_is_rounded_per_line_as_xero_recorded() -> None:
    lines = [
        rounding.OracleLine(
            quantity=Decimal(1), unit_amount=Decimal(price), tax_rate=Decimal("0.15")
        )
        for price in ("25.06", "25.61", "25.63")
    ]

    found = rounding.xero_totals(lines, LineAmountTypes.EXCLUSIVE)

    assert [each.tax_amount for each in found.lines] == [
        Decimal("3.76"),
        Decimal("3.84"),
        Decimal("3.84"),
    ]
    assert found.total_tax == Decimal("11.44")


@pytest.mark.parametrize(("price", "tax"), [("541.25", "70.60"), ("500", "65.22")])
def test_tax_inside_a_price_is_what_xero_recorded(price: str, tax: str) -> None:
    line = rounding.OracleLine(
        quantity=Decimal(1), unit_amount=Decimal(price), tax_rate=Decimal("0.15")
    )

    found = rounding.xero_totals([line], LineAmountTypes.INCLUSIVE)

    assert found.total_tax == Decimal(tax)
    assert found.total == Decimal(price)


@pytest.mark.parametrize(
    ("tie", "up", "down"),
    [
        (rounding.TieRule.AWAY, "0.03", "-0.03"),
        (rounding.TieRule.EVEN, "0.02", "-0.02"),
        (rounding.TieRule.DOWN, "0.02", "-0.02"),
        (rounding.TieRule.UP, "0.03", "-0.02"),
    ],
)
def test_a_tie_goes_where_its_rule_says(tie: rounding.TieRule, up: str, down: str) -> None:
    for unit_amount, expected in (("0.025", up), ("-0.025", down)):
        line = rounding.OracleLine(quantity=Decimal(1), unit_amount=Decimal(unit_amount))

        found = rounding.xero_totals([line], LineAmountTypes.NO_TAX, tie=tie)

        assert found.total == Decimal(expected)


@given(oracle_lines, st.sampled_from(LineAmountTypes))
def test_the_oracles_own_totals_agree(
    lines: list[rounding.OracleLine], types: LineAmountTypes
) -> None:
    shown = rounding.xero_totals(lines, types)
    invoice = invoice_of(lines, types, shown)

    found = rounding.totals_agree(invoice, [line.tax_rate for line in lines], Decimal(0))

    assert isinstance(found, rounding.Agrees)


@given(
    oracle_lines,
    st.sampled_from(LineAmountTypes),
    st.sampled_from(rounding.OTHER_TIE_RULES),
)
def test_totals_that_another_tie_rule_gives_are_never_an_objection(
    lines: list[rounding.OracleLine], types: LineAmountTypes, tie: rounding.TieRule
) -> None:
    invoice = invoice_of(lines, types, rounding.xero_totals(lines, types, tie=tie))

    found = rounding.totals_agree(invoice, [line.tax_rate for line in lines], Decimal(0))

    assert not isinstance(found, rounding.Differs)


@given(oracle_lines, st.sampled_from(LineAmountTypes), st.integers(1, 300))
def test_a_difference_is_told_exactly_when_it_is_above_the_tolerance(
    lines: list[rounding.OracleLine], types: LineAmountTypes, cents: int
) -> None:
    shown = rounding.xero_totals(lines, types)
    off_by = Decimal(cents) / 100
    invoice = replace(
        invoice_of(lines, types, shown), nett=shown.sub_total + off_by, total=shown.total + off_by
    )
    rates = [line.tax_rate for line in lines]

    assert isinstance(rounding.totals_agree(invoice, rates, off_by), rounding.Agrees)
    beyond = rounding.totals_agree(invoice, rates, off_by - Decimal("0.01"))
    assert not isinstance(beyond, rounding.Agrees)


def test_a_difference_names_both_totals_and_the_line_where_they_part() -> None:
    lines = [
        rounding.OracleLine(
            quantity=Decimal(1), unit_amount=Decimal(price), tax_rate=Decimal("0.15")
        )
        for price in ("20", "25.61", "25.63", "25.06")
    ]
    shown = rounding.xero_totals(lines, LineAmountTypes.EXCLUSIVE)
    invoice = replace(
        invoice_of(lines, LineAmountTypes.EXCLUSIVE, shown),
        tax=shown.total_tax + Decimal("0.01"),
        total=shown.total + Decimal("0.01"),
    )

    found = rounding.totals_agree(invoice, [Decimal("0.15")] * 4, Decimal(0))

    assert isinstance(found, rounding.Differs)
    assert "14.45" in found.words
    assert "14.44" in found.words
    assert "line 2 comes to 3.8415, which Xero makes 3.84" in found.words


def test_another_rate_in_xero_is_named_before_any_rounding() -> None:
    line = rounding.OracleLine(
        quantity=Decimal(3), unit_amount=Decimal("9.99"), tax_rate=Decimal("0.15")
    )
    shown = rounding.xero_totals([line], LineAmountTypes.EXCLUSIVE)
    invoice = invoice_of([line], LineAmountTypes.EXCLUSIVE, shown)

    found = rounding.totals_agree(invoice, [Decimal("0.1")], Decimal(0))

    assert isinstance(found, rounding.Differs)
    assert "line 1 is taxed at 15 % in Pipeline and at 10 % in Xero" in found.words


def test_pipeline_totals_that_do_not_add_up_are_told_as_such() -> None:
    line = rounding.OracleLine(quantity=Decimal(1), unit_amount=Decimal(10))
    shown = rounding.xero_totals([line], LineAmountTypes.NO_TAX)
    invoice = replace(invoice_of([line], LineAmountTypes.NO_TAX, shown), total=Decimal(11))

    found = rounding.totals_agree(invoice, [Decimal(0)], Decimal(0))

    assert isinstance(found, rounding.Differs)
    assert "do not add up" in found.words


def test_lines_without_any_rounding_are_not_blamed() -> None:
    line = rounding.OracleLine(quantity=Decimal(1), unit_amount=Decimal(10))
    shown = rounding.xero_totals([line], LineAmountTypes.NO_TAX)
    invoice = replace(
        invoice_of([line], LineAmountTypes.NO_TAX, shown), nett=Decimal(11), total=Decimal(11)
    )

    found = rounding.totals_agree(invoice, [Decimal(0)], Decimal(0))

    assert isinstance(found, rounding.Differs)
    assert found.words.endswith(
        "no line needs rounding, so the lines themselves say something else"
    )


tied_lines = st.lists(
    st.builds(
        rounding.OracleLine,
        quantity=st.integers(-3, 3).map(Decimal),
        unit_amount=st.integers(-999, 999).map(lambda halves: Decimal(halves) / 200),
        tax_rate=RATES,
        discount_percent=st.none() | st.sampled_from([Decimal(0), Decimal(50)]),
    ),
    max_size=4,
)


@given(
    oracle_lines | tied_lines, st.sampled_from(LineAmountTypes), st.sampled_from(rounding.TieRule)
)
def test_slack_of_ties_reaches_every_rule_and_no_further(
    lines: list[rounding.OracleLine], types: LineAmountTypes, tie: rounding.TieRule
) -> None:
    shown = rounding.xero_totals(lines, types, tie=tie)
    invoice = invoice_of(lines, types, shown)

    agreement = rounding.totals_agree(invoice, [line.tax_rate for line in lines], Decimal(0))

    assert not isinstance(agreement, rounding.Differs)
    slack = agreement.ties
    found = [rounding.xero_totals(lines, types, tie=each) for each in rounding.TieRule]
    assert slack.nett == max(abs(each.sub_total - shown.sub_total) for each in found)
    assert slack.tax == max(abs(each.total_tax - shown.total_tax) for each in found)
    assert slack.total == max(abs(each.total - shown.total) for each in found)


@pytest.mark.parametrize(
    ("unit_amount", "wanted"),
    [("1.01", ("0.00", "0.00", "0.00")), ("1.005", ("0.01", "0.00", "0.01")),
     ("1.10", ("0.00", "0.01", "0.01"))],
)  # fmt: skip
def test_only_a_half_cent_leaves_totals_open(unit_amount: str, wanted: tuple[str, ...]) -> None:
    rate = Decimal("0.05")
    line = rounding.OracleLine(quantity=Decimal(1), unit_amount=Decimal(unit_amount), tax_rate=rate)
    shown = rounding.xero_totals([line], LineAmountTypes.EXCLUSIVE)

    invoice = invoice_of([line], LineAmountTypes.EXCLUSIVE, shown)
    agreement = rounding.totals_agree(invoice, [rate], Decimal(0))

    assert not isinstance(agreement, rounding.Differs)
    slack = agreement.ties
    assert (slack.nett, slack.tax, slack.total) == tuple(Decimal(each) for each in wanted)

"""Which tax rates an organisation of a country has (facts §7)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.sandbox.xero.ledger import tax_rates

NEW_ZEALAND = {
    "INPUT": ("INPUT", "12.5", "AEXL", "DELETED"),
    "OUTPUT": ("OUTPUT", "12.5", "AELR", "DELETED"),
    "INPUT2": ("INPUT", "15", "AEXL", "ACTIVE"),
    "OUTPUT2": ("OUTPUT", "15", "AELR", "ACTIVE"),
    "GSTONIMPORTS": ("GSTONIMPORTS", "0", "L", "ACTIVE"),
    "NONE": ("NONE", "0", "AEXLR", "ACTIVE"),
    "ZERORATED": ("OUTPUT", "0", "LR", "ACTIVE"),
}
"""What each is reported as, its per cent, where it applies, and its status: the whole list."""
NAMES = {"A": "Assets", "E": "Equity", "X": "Expenses", "L": "Liabilities", "R": "Revenue"}


def test_new_zealand_has_exactly_these_section_7() -> None:
    found = tax_rates.of_country("NZ")

    assert {
        each.type: (each.report_type, each.rate * 100, {*each.applies_to}, each.status)
        for each in found.values()
    } == {
        kind: (report, Decimal(percent), {NAMES[letter] for letter in where}, status)
        for kind, (report, percent, where, status) in NEW_ZEALAND.items()
    }


@pytest.mark.parametrize(
    ("country", "standard", "others"),
    [
        ("AU", ("OUTPUT", "INPUT", "10"), {"EXEMPTOUTPUT", "EXEMPTEXPORT", "BASEXCLUDED"}),
        ("GB", ("OUTPUT2", "INPUT2", "20"), {"RROUTPUT", "ZERORATEDOUTPUT", "NONE"}),
    ],
)
def test_other_countries_have_types_of_their_own_section_7(
    country: str, standard: tuple[str, str, str], others: set[str]
) -> None:
    found = tax_rates.of_country(country)
    sales, costs, percent = standard

    assert found[sales].rate == found[costs].rate == Decimal(percent) / 100
    assert ("Revenue" in found[sales].applies_to, "Expenses" in found[sales].applies_to) == (
        True,
        False,
    )
    assert others <= set(found)
    assert ("NONE" in found) is (country != "AU")

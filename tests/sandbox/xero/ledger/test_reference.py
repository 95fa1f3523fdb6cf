"""What a new organisation begins with (facts §7)."""

from __future__ import annotations

import pytest

from syncd.sandbox.xero.ledger import reference
from syncd.sandbox.xero.ledger.identifiers import Mint


@pytest.mark.parametrize("place", range(5))
def test_chart_refers_only_to_rates_that_exist(place: int) -> None:
    mint = Mint("s")
    own = reference.new_organisation(place, mint, 0)
    settings = reference.new_settings(own, mint, 0)

    assert {each.tax_type for each in settings.accounts} <= set(settings.tax_rates)
    assert own.base_currency in settings.currencies
    assert any(each.type == "BANK" for each in settings.accounts)
    assert {"DEBTORS", "CREDITORS", "ROUNDING"} <= {each.system for each in settings.accounts}


def test_organisations_have_names_of_their_own() -> None:
    mint = Mint("s")

    for countries in (reference.ORDER, ("NZ",)):
        made = [reference.new_organisation(place, mint, 0, countries) for place in range(9)]

        assert len({each.name for each in made}) == 9
        assert {each.country for each in made} == {*countries}

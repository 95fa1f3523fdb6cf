"""A mapping that leads nowhere is known before an invoice meets it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.settings import CodeMapping
from syncd.domain.rules.tenant import mappings
from tests.domain import builders

KNOWN = builders.settings()
ACCOUNTS = st.sampled_from([*KNOWN.accounts, "999"])
TAXES = st.sampled_from([*KNOWN.tax_rates, "GHOST"])


@given(
    codes=st.dictionaries(
        st.sampled_from(["LAB", "MAT", "EXP"]),
        st.builds(CodeMapping, account=ACCOUNTS, tax=st.none() | TAXES),
    ),
    rates=st.dictionaries(st.decimals(0, 1, places=2), TAXES, max_size=3),
)
def test_exactly_what_the_organisation_lacks_is_named(
    codes: dict[str, CodeMapping], rates: dict[Decimal, str]
) -> None:
    policy = builders.policy(cost_codes=codes, tax_types=rates)

    found = mappings.unusable(policy, KNOWN)

    lacking = [to.account for to in codes.values()] + [to.tax for to in codes.values()]
    lacking += list(rates.values())
    assert len(found) == lacking.count("999") + lacking.count("GHOST")
    assert all("999" in one.text or "GHOST" in one.text for one in found)
    assert mappings.unusable(policy, replace(KNOWN, name="again")) == found


def test_what_is_there_but_may_not_be_used_is_told_apart() -> None:
    account = replace(KNOWN.accounts["200"], is_usable=False)
    rate = replace(KNOWN.tax_rates["ZERORATED"], is_usable=False)
    settings = replace(
        KNOWN,
        accounts={**KNOWN.accounts, "200": account},
        tax_rates={**KNOWN.tax_rates, "ZERORATED": rate},
    )

    assert {one.key: one.text for one in mappings.unusable(builders.policy(), settings)} == {
        "cost_codes.LAB.account": (
            "account 200 may not be used on a sales line in Xero (archived, or a system account)"
        ),
        'tax_types."0"': "tax type ZERORATED may not be used on sales in Xero",
    }

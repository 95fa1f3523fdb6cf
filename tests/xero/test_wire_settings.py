"""Five answers become what an organisation allows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.errors import Garbled
from syncd.domain.model.settings import OrganisationSettings
from syncd.xero import wire_settings
from tests.xero.support import invoices

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ORGANISATION = {
    "OrganisationID": invoices.GUID,
    "Name": "Demo Company (NZ)",
    "BaseCurrency": "NZD",
    "ShortCode": "!Qj35V",
    "Version": "NZ",
    "PeriodLockDate": "/Date(1785456000000+0000)/",
    "Class": "DEMO",
}
BODIES = {
    "Organisations": json.dumps({"Organisations": [ORGANISATION]}).encode(),
    "Accounts": json.dumps(
        {
            "Accounts": [
                {"Code": "200", "Name": "Sales", "Status": "ACTIVE", "TaxType": "OUTPUT2"},
                {"Code": "210", "Name": "Old", "Status": "ARCHIVED", "TaxType": "OUTPUT2"},
                {"Code": "610", "Status": "ACTIVE", "SystemAccount": "DEBTORS"},
                {"Code": "090", "Status": "ACTIVE", "Type": "BANK", "SystemAccount": ""},
                {"Name": "No code", "Status": "ACTIVE", "Type": "BANK"},
            ]
        }
    ).encode(),
    "TaxRates": (
        b'{"TaxRates":[{"TaxType":"OUTPUT2","Status":"ACTIVE","EffectiveRate":15.0000,'
        b'"CanApplyToRevenue":true},{"TaxType":"INPUT2","Status":"ACTIVE","EffectiveRate":15,'
        b'"CanApplyToRevenue":false},{"TaxType":"TAX001","Status":"DELETED","DisplayTaxRate":12.5}]}'
    ),
    "Currencies": b'{"Currencies":[{"Code":"NZD"},{"Code":"EUR"}]}',
    "TrackingCategories": json.dumps(
        {
            "TrackingCategories": [
                {
                    "Name": "Region",
                    "Status": "ACTIVE",
                    "Options": [{"Name": "North"}, {"Name": "Gone", "Status": "ARCHIVED"}],
                },
                {"Name": "Old", "Status": "ARCHIVED", "Options": []},
            ]
        }
    ).encode(),
}


def read(**changes: bytes) -> OrganisationSettings:
    return wire_settings.to_settings(BODIES | changes, read_at=NOW)


def test_organisation_reads_with_its_locks() -> None:
    found = read()

    assert (found.organisation_id, found.name) == (invoices.GUID, "Demo Company (NZ)")
    assert (found.period_lock_on, found.end_of_year_lock_on) == (date(2026, 7, 31), None)
    assert (found.short_code, found.read_at) == ("!Qj35V", NOW)


def test_account_is_usable_when_active_and_neither_system_nor_bank() -> None:
    usable = {code: account.is_usable for code, account in read().accounts.items()}

    assert usable == {"200": True, "210": False, "610": False, "090": False}


def test_tax_rate_is_a_fraction_and_usable_on_revenue() -> None:
    found = read().tax_rates

    assert found["OUTPUT2"].rate == Decimal("0.15")
    assert found["TAX001"].rate == Decimal("0.125")
    assert {name: one.is_usable for name, one in found.items()} == {
        "OUTPUT2": True,
        "INPUT2": False,
        "TAX001": False,
    }


def test_base_currency_is_always_among_the_currencies() -> None:
    assert read().currencies == ("NZD", "EUR")
    assert read(Currencies=b"{}").currencies == ("NZD",)


def test_tracking_lists_what_is_active() -> None:
    assert read().tracking == {"Region": ("North",)}
    assert read(TrackingCategories=b"{}").tracking == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Organisations": b'{"Organisations":[]}'}, "Organisations"),
        ({"Organisations": b'{"Organisations":[{"OrganisationID":"x"}]}'}, "BaseCurrency"),
        ({"Accounts": b"{}"}, "Accounts"),
        ({"TaxRates": b'{"TaxRates":7}'}, "TaxRates"),
    ],
)
def test_answer_without_the_needed_is_garbled_and_named(changes: Any, field: str) -> None:
    with pytest.raises(Garbled, match=field):
        read(**changes)

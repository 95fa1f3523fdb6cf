"""Organisation and reference data (facts §7)."""

from __future__ import annotations

import pytest

from tests.sandbox.xero.builders import Client, new_client


def test_organisation_shows_lock_dates_only_when_set(client: Client) -> None:
    before = client.get("Organisation")["Organisations"][0]
    client.command("lock", period="2026-10-31", year="2026-03-31")
    after = client.get("Organisation")["Organisations"][0]

    assert not {"PeriodLockDate", "EndOfYearLockDate"} & set(before)
    assert after["PeriodLockDate"] == "/Date(1793404800000+0000)/"
    assert after["OrganisationID"] == client.tenant
    assert after["CreatedDateUTC"] == "/Date(1795306500000)/"


def test_organisations_take_turns_through_the_countries() -> None:
    client = new_client(organisations=3)
    seen = []
    for org in (1, 2, 3):
        client.connect(org=org)
        own = client.get("Organisation")["Organisations"][0]
        rates = {
            each["TaxType"]: each["EffectiveRate"] for each in client.get("TaxRates")["TaxRates"]
        }
        seen.append((own["BaseCurrency"], own["Version"], max(rates.values())))

    assert seen == [("NZD", "NZ", 15), ("AUD", "AU", 10), ("GBP", "UK", 20)]


def test_lists_filter_by_their_own_fields(client: Client) -> None:
    banks = client.get("Accounts", where='Status=="ACTIVE" AND Type=="BANK"')["Accounts"]
    ordered = client.get("Accounts", order="Name DESC")["Accounts"]

    assert [each["Code"] for each in banks] == ["090"]
    assert ordered[0]["Name"] == "Suspense"
    assert client.get("Currencies", where='Code=="USD"')["Currencies"][0]["Code"] == "USD"


def test_account_is_found_by_its_id(client: Client) -> None:
    account = client.get("Accounts")["Accounts"][0]

    assert client.get(f"Accounts/{account['AccountID']}")["Accounts"] == [account]
    assert client.send("GET", "Accounts/none").status == 404


def test_actions_tell_what_the_user_may_do(client: Client) -> None:
    client.command("role", role="read_only")

    rights = {
        each["Name"]: each["Status"] for each in client.get("Organisation/Actions")["Actions"]
    }

    assert rights["CreateApprovedInvoice"] == "NOT-ALLOWED"


@pytest.mark.parametrize(
    ("path", "rows"), [("BrandingThemes", 2), ("TrackingCategories", 1), ("Currencies", 2)]
)
def test_small_lists_are_there(client: Client, path: str, rows: int) -> None:
    assert len(client.get(path)[path]) == rows

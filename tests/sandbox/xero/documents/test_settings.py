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

    assert [each.get("Code") for each in banks] == [None, "090"]
    assert ordered[0]["Name"] == "Unrealised Gains"
    assert client.get("Currencies", where='Code=="USD"')["Currencies"][0]["Code"] == "USD"


def test_account_is_found_by_its_id(client: Client) -> None:
    account = client.get("Accounts")["Accounts"][0]

    (found,) = client.get(f"Accounts/{account['AccountID']}")["Accounts"]
    assert found == {**account, "Attachments": []}
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


ACCOUNT = [
    *("AccountID", "Code", "Name", "Status", "Type", "TaxType", "Description", "Class"),
    *("SystemAccount", "EnablePaymentsToAccount", "ShowInExpenseClaims", "BankAccountNumber"),
    *("BankAccountType", "CurrencyCode", "ReportingCode", "HasAttachments", "Attachments"),
    *("UpdatedDateUTC", "AddToWatchlist"),
]


def test_accounts_stand_by_code_with_their_fields_in_order(client: Client) -> None:
    rows = client.get("Accounts")["Accounts"]
    bank, nameless = (each for each in rows if each["Type"] == "BANK" and "Code" in each), rows[0]
    (bank,) = bank

    codes = [each.get("Code", "") for each in rows]
    assert codes == sorted(codes)
    assert all([*each] == [name for name in ACCOUNT if name in each] for each in rows)
    assert {"Code", "Description", "SystemAccount"} & set(nameless) == set()
    assert (bank["BankAccountType"], bank["CurrencyCode"]) == ("BANK", "NZD")
    assert {each["SystemAccount"] for each in rows if "SystemAccount" in each} == {
        *("", "DEBTORS", "CREDITORS", "GST", "ROUNDING", "RETAINEDEARNINGS", "HISTORICAL"),
        *("TRACKINGTRANSFERS", "UNPAIDEXPCLM", "BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN"),
        "UNREALISEDCURRENCYGAIN",
    }


def test_default_theme_is_the_one_of_the_lowest_order_wherever_it_stands(client: Client) -> None:
    themes = client.get("BrandingThemes")["BrandingThemes"]
    default = min(themes, key=lambda each: each["SortOrder"])

    made = client.invoice()

    assert (default["SortOrder"], default["LogoUrl"], default["Name"]) == (1, "", "Standard")
    assert themes[0] != default
    assert made["BrandingThemeID"] == default["BrandingThemeID"]
    assert [*default] == [
        *("BrandingThemeID", "Name", "LogoUrl", "Type", "SortOrder", "CreatedDateUTC"),
    ]


def test_organisation_shows_its_fields_in_order(client: Client) -> None:
    (row,) = client.get("Organisation")["Organisations"]

    assert [*row] == [
        *("Name", "LegalName", "PaysTax", "Version", "OrganisationType", "BaseCurrency"),
        *("CountryCode", "IsDemoCompany", "OrganisationStatus", "TaxNumber"),
        *("FinancialYearEndDay", "FinancialYearEndMonth", "SalesTaxBasis", "SalesTaxPeriod"),
        *("DefaultSalesTax", "DefaultPurchasesTax", "CreatedDateUTC", "OrganisationEntityType"),
        *("Timezone", "ShortCode", "OrganisationID", "Edition", "Class", "Addresses", "Phones"),
        *("ExternalLinks", "PaymentTerms"),
    ]

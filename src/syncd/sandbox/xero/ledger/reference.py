"""A new organisation's settings: chart, rates, currencies, tracking, themes (facts §7).

Called once per organisation by the world. Codes follow Xero's own default charts.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.sandbox.xero.ledger import tax_rates
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.ledger.model import (
    Account,
    Organisation,
    Settings,
    TrackingCategory,
)

# country -> (currency, Xero's time zone, IANA zone)
_COUNTRIES = {
    "NZ": ("NZD", "NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
    "AU": ("AUD", "AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
    "GB": ("GBP", "GMTSTANDARDTIME", "Europe/London"),
    "US": ("USD", "EASTERNSTANDARDTIME", "America/New_York"),
}
_TAXES = {
    "NZ": {"none": "NONE", "sales": "OUTPUT2", "costs": "INPUT2", "zero": "ZERORATED"},
    "AU": {"none": "BASEXCLUDED", "sales": "OUTPUT", "costs": "INPUT", "zero": "EXEMPTEXPORT"},
    "GB": {"none": "NONE", "sales": "OUTPUT2", "costs": "INPUT2", "zero": "ZERORATEDOUTPUT"},
    "US": {"none": "NONE", "sales": "OUTPUT", "costs": "INPUT", "zero": "NONE"},
}
"""The tax types of a country's chart, by what an account is for."""
ORDER = ("NZ", "AU", "GB")
"""The countries that organisations take in turn where nobody chooses one."""
COUNTRIES = (*_COUNTRIES,)
_NAMES = {
    "NZ": "Harbour Build",
    "AU": "Redgum Joinery",
    "GB": "Thames Fitters",
    "US": "Hudson Carpentry",
}
_CURRENCIES = {
    "NZD": "New Zealand Dollar",
    "AUD": "Australian Dollar",
    "GBP": "British Pound",
    "USD": "United States Dollar",
}

# code, name, type, class, which tax, takes payments, system account
_CHART = (
    ("090", "Business Bank Account", "BANK", "ASSET", "none", False, None),
    ("200", "Sales", "REVENUE", "REVENUE", "sales", False, None),
    ("210", "Labour", "REVENUE", "REVENUE", "sales", False, None),
    ("220", "Materials", "REVENUE", "REVENUE", "sales", False, None),
    ("230", "Export Sales", "REVENUE", "REVENUE", "zero", False, None),
    ("260", "Other Revenue", "REVENUE", "REVENUE", "sales", False, None),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", "costs", False, None),
    ("400", "Advertising", "EXPENSE", "EXPENSE", "costs", False, None),
    ("429", "General Expenses", "EXPENSE", "EXPENSE", "costs", False, None),
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "none", False, "DEBTORS"),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "none", False, "CREDITORS"),
    ("820", "GST", "CURRLIAB", "LIABILITY", "none", False, "GST"),
    ("850", "Suspense", "CURRLIAB", "LIABILITY", "none", True, None),
    ("860", "Rounding", "CURRLIAB", "LIABILITY", "none", False, "ROUNDING"),
    ("960", "Retained Earnings", "EQUITY", "EQUITY", "none", False, "RETAINEDEARNINGS"),
    ("970", "Owner A Funds Introduced", "EQUITY", "EQUITY", "none", True, None),
    ("498", "Unrealised Gains", "EXPENSE", "EXPENSE", "none", False, "UNREALISEDCURRENCYGAIN"),
    ("499", "Realised Gains", "EXPENSE", "EXPENSE", "none", False, "REALISEDCURRENCYGAIN"),
    ("497", "Bank Revaluations", "EXPENSE", "EXPENSE", "none", False, "BANKCURRENCYGAIN"),
    ("801", "Unpaid Expense Claims", "CURRLIAB", "LIABILITY", "none", False, "UNPAIDEXPCLM"),
    ("840", "Historical Adjustment", "CURRLIAB", "LIABILITY", "none", False, "HISTORICAL"),
    ("877", "Tracking Transfers", "CURRLIAB", "LIABILITY", "none", False, "TRACKINGTRANSFERS"),
    (None, "Business Savings", "BANK", "ASSET", "none", False, None),
)


def new_organisation(
    place: int, mint: Mint, now_ms: int, countries: Sequence[str] = ORDER
) -> Organisation:
    """The organisation at that place (0 is the first); countries take turns."""
    country = countries[place % len(countries)]
    currency, timezone, zone = _COUNTRIES[country]
    suffix = "" if place < len(countries) else f" {place // len(countries) + 1}"
    return Organisation(
        id=mint.guid(),
        name=f"{_NAMES[country]}{suffix}",
        country=country,
        base_currency=currency,
        timezone=timezone,
        zone=zone,
        short_code=f"!{mint.opaque(5)}",
        created_ms=now_ms,
    )


def new_settings(organisation: Organisation, mint: Mint, now_ms: int) -> Settings:
    """Its settings as a new organisation of that country has them."""
    taxes = _TAXES[organisation.country]
    settings = Settings(
        accounts=[
            Account(
                id=mint.guid(),
                code=code,
                name=name,
                type=kind,
                account_class=group,
                tax_type=taxes[tax],
                takes_payments=pays,
                system=system,
                bank_number=f"01-0123-{place:07d}-00" if kind == "BANK" else None,
                currency=organisation.base_currency if kind == "BANK" else None,
                updated_ms=now_ms,
            )
            for place, (code, name, kind, group, tax, pays, system) in enumerate(_CHART, start=1)
        ],
        tax_rates=tax_rates.of_country(organisation.country),
        currencies={
            code: _CURRENCIES[code] for code in dict.fromkeys((organisation.base_currency, "USD"))
        },
        tracking=[
            TrackingCategory(
                id=mint.guid(),
                name="Region",
                options=[(mint.guid(), name) for name in ("North", "South", "East", "West")],
            )
        ],
        themes=[(mint.guid(), "Standard"), (mint.guid(), "Special Projects")],
    )
    settings.index()
    return settings

"""Reading an organisation's settings: six lists that change rarely (facts §7).

Called by the gateway. All are read-only here; the bookkeeper changes them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.ledger.model import Account, TaxRate
from syncd.sandbox.xero.ledger.wire_dates import bare_instant, day, instant
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.lists import arranged

_HUNDRED = 100
_PER_CENT = Decimal("0.0001")
_TAX_NUMBERS = {"NZ": "101-202-303", "AU": "11 111 111 138", "GB": "GB 123 4567 82"}
"""Made up, in the form of their country."""


def organisations(call: Call) -> Response:
    """GET /Organisation: a list of one. Lock dates are there only when set."""
    own = call.books.organisation
    row = {
        "Name": own.name,
        "LegalName": own.name,
        "PaysTax": True,
        "Version": {"GB": "UK"}.get(own.country, own.country),
        "OrganisationType": "COMPANY",
        "BaseCurrency": own.base_currency,
        "CountryCode": own.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "TaxNumber": _TAX_NUMBERS.get(own.country),
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "ACCRUALS" if own.country == "AU" else "INVOICE",
        "SalesTaxPeriod": "TWOMONTHS",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "PeriodLockDate": None if own.period_lock_on is None else day(own.period_lock_on),
        "EndOfYearLockDate": None if own.year_lock_on is None else day(own.year_lock_on),
        "CreatedDateUTC": bare_instant(own.created_ms),
        "OrganisationEntityType": "COMPANY",
        "Timezone": own.timezone,
        "ShortCode": own.short_code,
        "OrganisationID": own.id,
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [{"AddressType": "POBOX", "City": "", "Country": "", "AttentionTo": ""}],
        "Phones": [{"PhoneType": "OFFICE", "PhoneNumber": "5550100"}],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    shown = {name: value for name, value in row.items() if value is not None}
    return call.ok("Organisations", [shown])


def actions(call: Call) -> Response:
    """GET /Organisation/Actions: what the user who connected may do."""
    role = call.books.organisation.user_role
    writes = role in {"adviser", "standard", "invoice_only"}
    rights = {
        "CreateApprovedInvoice": writes,
        "CreateDraftInvoice": writes,
        "CreateInvoicePayment": role in {"adviser", "standard"},
        "UseMulticurrency": len(call.books.settings.currencies) > 1,
        "AttachFilesIntoInvoice": writes,
        "ApproveTransactionsBeforePeriodLockDate": role == "adviser",
    }
    rows = [
        {"Name": name, "Status": "ALLOWED" if may else "NOT-ALLOWED"}
        for name, may in rights.items()
    ]
    return call.ok("Actions", rows)


def accounts(call: Call) -> Response:
    """GET /Accounts: the whole chart, archived accounts too."""
    own = sorted(call.books.settings.accounts, key=lambda each: each.code or "")
    rows = [_account(each) for each in own]
    return call.ok("Accounts", arranged(call, rows))


def account(call: Call, identifier: str) -> Response:
    """GET /Accounts/{AccountID}."""
    found = call.books.settings.by_account_id.get(identifier)
    return (
        envelope.not_found()
        if found is None
        else call.ok("Accounts", [_account(found, is_one=True)])
    )


def tax_rates(call: Call) -> Response:
    """GET /TaxRates: by name, retired ones too."""
    own = sorted(call.books.settings.tax_rates.values(), key=lambda each: each.name.casefold())
    rows = [_tax_rate(each) for each in own]
    return call.ok("TaxRates", arranged(call, rows))


def currencies(call: Call) -> Response:
    """GET /Currencies: only those the organisation is subscribed to."""
    own = call.books.settings.currencies
    rows = [{"Code": code, "Description": name} for code, name in own.items()]
    return call.ok("Currencies", arranged(call, rows))


def tracking(call: Call) -> Response:
    """GET /TrackingCategories: archived ones only when asked for."""
    rows: list[dict[str, Any]] = [
        {
            "Name": each.name,
            "Status": each.status,
            "TrackingCategoryID": each.id,
            "Options": [
                {
                    "TrackingOptionID": option,
                    "Name": name,
                    "Status": "ARCHIVED" if option in each.archived else "ACTIVE",
                }
                for option, name in each.options
            ],
        }
        for each in call.books.settings.tracking
        if each.status == "ACTIVE" or call.flag("includeArchived")
    ]
    return call.ok("TrackingCategories", arranged(call, rows))


def branding_themes(call: Call) -> Response:
    """GET /BrandingThemes by name: the default is the one of the lowest SortOrder, here 1."""
    created = call.books.organisation.created_ms
    rows = [
        {
            "BrandingThemeID": theme,
            "Name": name,
            "LogoUrl": "",
            "Type": "INVOICE",
            "SortOrder": place,
            "CreatedDateUTC": instant(created),
        }
        for place, (theme, name) in enumerate(call.books.settings.themes, start=1)
    ]
    return call.ok("BrandingThemes", sorted(rows, key=lambda row: str(row["Name"])))


def _account(each: Account, *, is_one: bool = False) -> dict[str, Any]:
    is_bank = each.type == "BANK"
    row: dict[str, Any] = {
        "AccountID": each.id,
        "Code": each.code,
        "Name": each.name,
        "Status": each.status,
        "Type": each.type,
        "TaxType": each.tax_type,
        "Description": None if is_bank else "",
        "Class": each.account_class,
        "SystemAccount": None if is_bank else each.system or "",
        "EnablePaymentsToAccount": each.takes_payments,
        "ShowInExpenseClaims": False,
        "BankAccountNumber": each.bank_number,
        "BankAccountType": "BANK" if is_bank else "",
        "CurrencyCode": each.currency,
        "ReportingCode": each.account_class[:3],
        "HasAttachments": False,
        "Attachments": [] if is_one else None,
        "UpdatedDateUTC": instant(each.updated_ms),
        "AddToWatchlist": False,
    }
    return {name: value for name, value in row.items() if value is not None}


def _tax_rate(each: TaxRate) -> dict[str, Any]:
    percent = (each.rate * _HUNDRED).quantize(_PER_CENT)
    groups = ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")
    return {
        "Name": each.name,
        "TaxType": each.type,
        "ReportTaxType": each.report_type,
        **{f"CanApplyTo{group}": group in each.applies_to for group in groups},
        "DisplayTaxRate": percent,
        "EffectiveRate": percent,
        "Status": each.status,
        "TaxComponents": [
            {"Name": "Tax", "Rate": percent, "IsCompound": False, "IsNonRecoverable": False}
        ],
    }

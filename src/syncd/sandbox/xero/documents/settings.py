"""Reading an organisation's settings: six lists that change rarely (facts §7).

Called by the gateway. All are read-only here; the bookkeeper changes them.
"""

from __future__ import annotations

from typing import Any

from syncd.sandbox.http import Response
from syncd.sandbox.xero.ledger.model import Account, TaxRate
from syncd.sandbox.xero.ledger.wire_dates import bare_instant, day, instant
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call
from syncd.sandbox.xero.protocol.lists import arranged

_HUNDRED = 100


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
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "ACCRUALS" if own.country == "AU" else "INVOICE",
        "SalesTaxPeriod": "TWOMONTHS",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": bare_instant(own.created_ms),
        "OrganisationEntityType": "COMPANY",
        "Timezone": own.timezone,
        "ShortCode": own.short_code,
        "OrganisationID": own.id,
        "Edition": "BUSINESS",
        "Class": "PREMIUM",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    if own.period_lock_on is not None:
        row["PeriodLockDate"] = day(own.period_lock_on)
    if own.year_lock_on is not None:
        row["EndOfYearLockDate"] = day(own.year_lock_on)
    return call.ok("Organisations", [row])


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
    rows = [_account(each) for each in call.books.settings.accounts]
    return call.ok("Accounts", arranged(call, rows))


def account(call: Call, identifier: str) -> Response:
    """GET /Accounts/{AccountID}."""
    found = call.books.settings.by_account_id.get(identifier)
    return envelope.not_found() if found is None else call.ok("Accounts", [_account(found)])


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
                {"TrackingOptionID": option, "Name": name, "Status": "ACTIVE"}
                for option, name in each.options
            ],
        }
        for each in call.books.settings.tracking
        if each.status == "ACTIVE" or call.flag("includeArchived")
    ]
    return call.ok("TrackingCategories", arranged(call, rows))


def branding_themes(call: Call) -> Response:
    """GET /BrandingThemes: the first one is the default."""
    created = call.books.organisation.created_ms
    rows = [
        {
            "BrandingThemeID": theme,
            "Name": name,
            "SortOrder": place,
            "Type": "INVOICE",
            "CreatedDateUTC": instant(created),
        }
        for place, (theme, name) in enumerate(call.books.settings.themes)
    ]
    return call.ok("BrandingThemes", rows)


def _account(each: Account) -> dict[str, Any]:
    row = {
        "AccountID": each.id,
        "Code": each.code,
        "Name": each.name,
        "Status": each.status,
        "Type": each.type,
        "TaxType": each.tax_type,
        "Class": each.account_class,
        "EnablePaymentsToAccount": each.takes_payments,
        "ShowInExpenseClaims": False,
        "SystemAccount": each.system,
        "BankAccountNumber": each.bank_number,
        "HasAttachments": False,
        "UpdatedDateUTC": instant(each.updated_ms),
        "AddToWatchlist": False,
    }
    return {name: value for name, value in row.items() if value is not None}


def _tax_rate(each: TaxRate) -> dict[str, Any]:
    percent = each.rate * _HUNDRED
    row: dict[str, Any] = {
        "Name": each.name,
        "TaxType": each.type,
        "ReportTaxType": each.report_type,
        "DisplayTaxRate": percent,
        "EffectiveRate": percent,
        "Status": each.status,
        "TaxComponents": [
            {"Name": "Tax", "Rate": percent, "IsCompound": False, "IsNonRecoverable": False}
        ],
    }
    groups = ("Assets", "Equity", "Expenses", "Liabilities", "Revenue")
    row.update({f"CanApplyTo{group}": group in each.applies_to for group in groups})
    return row

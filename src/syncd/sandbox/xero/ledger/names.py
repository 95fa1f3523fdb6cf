"""Xero's name of every field we keep, and how it is written down.

The dump, the filters (`where`, `order`) and the histories use these tables, so that one field has
one name everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of value goes into a dump and comes back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


PLAIN = Kind(_same, _same)
MONEY = Kind(
    lambda value: None if value is None else f"{value:f}",
    lambda value: None if value is None else Decimal(value),
)
DAY = Kind(
    lambda value: None if value is None else value.isoformat(),
    lambda value: None if value is None else date.fromisoformat(value),
)
PAIRS = Kind(
    lambda value: [list(pair) for pair in value],
    lambda value: tuple((pair[0], pair[1]) for pair in value),
)

Table = tuple[tuple[str, str, Kind], ...]

LINE: Table = (
    ("LineItemID", "id", PLAIN),
    ("Description", "description", PLAIN),
    ("Quantity", "quantity", MONEY),
    ("UnitAmount", "unit_amount", MONEY),
    ("DiscountRate", "discount_rate", MONEY),
    ("DiscountAmount", "discount_amount", MONEY),
    ("LineAmount", "line_amount", MONEY),
    ("TaxType", "tax_type", PLAIN),
    ("TaxAmount", "tax_amount", MONEY),
    ("TaxIsGiven", "tax_is_given", PLAIN),
    ("AccountCode", "account_code", PLAIN),
    ("Tracking", "tracking", PAIRS),
    ("ItemCode", "item_code", PLAIN),
)
INVOICE: Table = (
    ("InvoiceID", "id", PLAIN),
    ("Type", "type", PLAIN),
    ("InvoiceNumber", "number", PLAIN),
    ("Reference", "reference", PLAIN),
    ("ContactID", "contact_id", PLAIN),
    ("Date", "dated_on", DAY),
    ("DueDate", "due_on", DAY),
    ("Status", "status", PLAIN),
    ("LineAmountTypes", "line_amount_types", PLAIN),
    ("CurrencyCode", "currency", PLAIN),
    ("CurrencyRate", "currency_rate", MONEY),
    ("BrandingThemeID", "branding_theme_id", PLAIN),
    ("Url", "url", PLAIN),
    ("SentToContact", "sent_to_contact", PLAIN),
    ("SubTotal", "sub_total", MONEY),
    ("TotalTax", "total_tax", MONEY),
    ("Total", "total", MONEY),
    ("RoundingAmount", "rounding", MONEY),
    ("AmountPaid", "amount_paid", MONEY),
    ("AmountCredited", "amount_credited", MONEY),
    ("FullyPaidOnDate", "fully_paid_on", DAY),
    ("PaymentIDs", "payments", PLAIN),
    ("AllocationIDs", "allocations", PLAIN),
    ("CreatedBy", "created_by", PLAIN),
    ("UpdatedMs", "updated_ms", PLAIN),
)
CONTACT: Table = (
    ("ContactID", "id", PLAIN),
    ("Name", "name", PLAIN),
    ("ContactStatus", "status", PLAIN),
    ("ContactNumber", "number", PLAIN),
    ("AccountNumber", "account_number", PLAIN),
    ("CompanyNumber", "company_number", PLAIN),
    ("FirstName", "first_name", PLAIN),
    ("LastName", "last_name", PLAIN),
    ("EmailAddress", "email", PLAIN),
    ("TaxNumber", "tax_number", PLAIN),
    ("BankAccountDetails", "bank_account", PLAIN),
    ("DefaultCurrency", "default_currency", PLAIN),
    ("Addresses", "addresses", PLAIN),
    ("Phones", "phones", PLAIN),
    ("ContactPersons", "persons", PLAIN),
    ("IsCustomer", "is_customer", PLAIN),
    ("IsSupplier", "is_supplier", PLAIN),
    ("MergedToContactID", "merged_to", PLAIN),
    ("MadeByApp", "made_by_app", PLAIN),
    ("UpdatedMs", "updated_ms", PLAIN),
)
PAYMENT: Table = (
    ("PaymentID", "id", PLAIN),
    ("Target", "target", PLAIN),
    ("TargetID", "target_id", PLAIN),
    ("AccountID", "account_id", PLAIN),
    ("Date", "dated_on", DAY),
    ("Amount", "amount", MONEY),
    ("BankAmount", "bank_amount", MONEY),
    ("PaymentType", "payment_type", PLAIN),
    ("Reference", "reference", PLAIN),
    ("Status", "status", PLAIN),
    ("IsReconciled", "is_reconciled", PLAIN),
    ("BatchPaymentID", "batch_id", PLAIN),
    ("CurrencyRate", "currency_rate", MONEY),
    ("UpdatedMs", "updated_ms", PLAIN),
)
CREDIT: Table = (
    ("ID", "id", PLAIN),
    ("Kind", "kind", PLAIN),
    ("Type", "type", PLAIN),
    ("ContactID", "contact_id", PLAIN),
    ("Date", "dated_on", DAY),
    ("CurrencyCode", "currency", PLAIN),
    ("CurrencyRate", "currency_rate", MONEY),
    ("CreditNoteNumber", "number", PLAIN),
    ("Status", "status", PLAIN),
    ("Reference", "reference", PLAIN),
    ("LineAmountTypes", "line_amount_types", PLAIN),
    ("SubTotal", "sub_total", MONEY),
    ("TotalTax", "total_tax", MONEY),
    ("Total", "total", MONEY),
    ("Used", "used", MONEY),
    ("FullyPaidOnDate", "fully_paid_on", DAY),
    ("AllocationIDs", "allocations", PLAIN),
    ("PaymentIDs", "payments", PLAIN),
    ("CreatedBy", "created_by", PLAIN),
    ("UpdatedMs", "updated_ms", PLAIN),
)
ALLOCATION: Table = (
    ("AllocationID", "id", PLAIN),
    ("CreditID", "credit_id", PLAIN),
    ("InvoiceID", "invoice_id", PLAIN),
    ("Amount", "amount", MONEY),
    ("Date", "dated_on", DAY),
    ("IsDeleted", "is_deleted", PLAIN),
)
ACCOUNT: Table = (
    ("AccountID", "id", PLAIN),
    ("Code", "code", PLAIN),
    ("Name", "name", PLAIN),
    ("Type", "type", PLAIN),
    ("Class", "account_class", PLAIN),
    ("TaxType", "tax_type", PLAIN),
    ("Status", "status", PLAIN),
    ("EnablePaymentsToAccount", "takes_payments", PLAIN),
    ("SystemAccount", "system", PLAIN),
    ("BankAccountNumber", "bank_number", PLAIN),
    ("CurrencyCode", "currency", PLAIN),
    ("UpdatedMs", "updated_ms", PLAIN),
)
TAX_RATE: Table = (
    ("TaxType", "type", PLAIN),
    ("ReportTaxType", "report_type", PLAIN),
    ("Name", "name", PLAIN),
    ("Rate", "rate", MONEY),
    ("AppliesTo", "applies_to", Kind(list, tuple)),
    ("Status", "status", PLAIN),
)
TRACKING: Table = (
    ("TrackingCategoryID", "id", PLAIN),
    ("Name", "name", PLAIN),
    ("Options", "options", Kind(PAIRS.write, lambda value: [(pair[0], pair[1]) for pair in value])),
    ("ArchivedOptions", "archived", PLAIN),
    ("Status", "status", PLAIN),
)
ORGANISATION: Table = (
    ("OrganisationID", "id", PLAIN),
    ("Name", "name", PLAIN),
    ("CountryCode", "country", PLAIN),
    ("BaseCurrency", "base_currency", PLAIN),
    ("Timezone", "timezone", PLAIN),
    ("Zone", "zone", PLAIN),
    ("ShortCode", "short_code", PLAIN),
    ("CreatedMs", "created_ms", PLAIN),
    ("PeriodLockDate", "period_lock_on", DAY),
    ("EndOfYearLockDate", "year_lock_on", DAY),
    ("NextInvoiceNumber", "next_number", PLAIN),
    ("NextCreditNoteNumber", "next_credit_number", PLAIN),
    ("UserRole", "user_role", PLAIN),
)


def written(table: Table, document: Any) -> dict[str, Any]:
    """The document's fields by Xero's names, money as exact text."""
    return {name: kind.write(getattr(document, attribute)) for name, attribute, kind in table}


def arguments(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """What `written` wrote, as arguments of the document's class."""
    return {attribute: kind.read(row[name]) for name, attribute, kind in table if name in row}

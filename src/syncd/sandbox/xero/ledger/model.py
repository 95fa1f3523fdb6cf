"""What stands in one organisation's books: invoices, contacts, money, and who changed what.

Every room of the pretend Xero works on these values. They are mutable on purpose, as a row of a
database is; lines and changes are replaced, never edited in place, so that a shallow copy is a true
picture of the past. Money is Decimal; `updated_ms` counts milliseconds since the epoch, as Xero's
wire does.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

ZERO = Decimal("0.00")
RATE = Decimal("1.0000000000")
"""No difference between two currencies, in the scale of rates (facts §3.1)."""
NO_ID = "00000000-0000-0000-0000-000000000000"
APP = "app"

CreditKind = Literal["CreditNote", "Overpayment", "Prepayment"]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a document's history: who did what when; fields as (name, before, after)."""

    at_ms: int
    who: str
    what: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a document. Quantity and unit amount are None on a line of description only."""

    id: str
    description: str | None
    quantity: Decimal | None
    unit_amount: Decimal | None
    line_amount: Decimal
    tax_amount: Decimal
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None
    tracking: tuple[tuple[str, str], ...] = ()
    item_code: str | None = None
    tax_is_given: bool = False


@dataclass(slots=True, kw_only=True)
class Invoice:
    """A sales invoice (ACCREC) or a bill (ACCPAY)."""

    id: str
    type: str
    number: str
    contact_id: str
    dated_on: date
    currency: str
    status: str = "DRAFT"
    due_on: date | None = None
    reference: str = ""
    line_amount_types: str = "Exclusive"
    currency_rate: Decimal = RATE
    branding_theme_id: str | None = None
    url: str | None = None
    sent_to_contact: bool = False
    lines: list[Line] = field(default_factory=list)
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    rounding: Decimal = ZERO
    amount_paid: Decimal = ZERO
    amount_credited: Decimal = ZERO
    fully_paid_on: date | None = None
    payments: list[str] = field(default_factory=list)
    allocations: list[str] = field(default_factory=list)
    created_by: str = ""
    updated_ms: int = 0
    history: list[Change] = field(default_factory=list)

    @property
    def has_money(self) -> bool:
        """Whether a payment, credit note, overpayment or prepayment stands on it."""
        return bool(self.payments or self.allocations)

    @property
    def amount_due(self) -> Decimal:
        """What is left to pay (facts §5.1); nothing on a voided or deleted document."""
        if self.status in {"VOIDED", "DELETED"}:
            return ZERO
        return self.total - self.amount_paid - self.amount_credited

    def snapshot(self) -> Self:
        """The document as it stands now, safe from later edits."""
        twin = copy.copy(self)
        twin.lines, twin.history = list(self.lines), list(self.history)
        twin.payments, twin.allocations = list(self.payments), list(self.allocations)
        return twin


@dataclass(slots=True, kw_only=True)
class Contact:
    """A customer or supplier. Addresses and phones hold only the slots that carry something."""

    id: str
    name: str
    status: str = "ACTIVE"
    number: str | None = None
    account_number: str | None = None
    company_number: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    tax_number: str | None = None
    bank_account: str | None = None
    default_currency: str | None = None
    addresses: dict[str, dict[str, str]] = field(default_factory=dict)
    phones: dict[str, dict[str, str]] = field(default_factory=dict)
    persons: list[dict[str, Any]] = field(default_factory=list)
    is_customer: bool = False
    is_supplier: bool = False
    merged_to: str | None = None
    made_by_app: bool = False
    updated_ms: int = 0
    history: list[Change] = field(default_factory=list)

    def snapshot(self) -> Self:
        """The contact as it stands now, safe from later edits."""
        twin = copy.copy(self)
        twin.addresses, twin.phones = dict(self.addresses), dict(self.phones)
        twin.persons, twin.history = list(self.persons), list(self.history)
        return twin


@dataclass(slots=True, kw_only=True)
class Payment:
    """Money against an invoice, or a refund of a credit. `target` names what it is against."""

    id: str
    target: Literal["Invoice", "CreditNote", "Overpayment", "Prepayment"]
    target_id: str
    account_id: str
    dated_on: date
    amount: Decimal
    payment_type: str
    bank_amount: Decimal = ZERO
    reference: str = ""
    status: str = "AUTHORISED"
    is_reconciled: bool = False
    batch_id: str | None = None
    currency_rate: Decimal = RATE
    updated_ms: int = 0
    history: list[Change] = field(default_factory=list)

    def snapshot(self) -> Self:
        """The payment as it stands now, safe from later edits."""
        twin = copy.copy(self)
        twin.history = list(self.history)
        return twin


@dataclass(slots=True, kw_only=True)
class Credit:
    """A credit note, an overpayment or a prepayment: value that can be allocated to invoices."""

    id: str
    kind: CreditKind
    type: str
    contact_id: str
    dated_on: date
    currency: str
    number: str = ""
    status: str = "AUTHORISED"
    reference: str = ""
    line_amount_types: str = "Exclusive"
    currency_rate: Decimal = RATE
    lines: list[Line] = field(default_factory=list)
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    allocations: list[str] = field(default_factory=list)
    payments: list[str] = field(default_factory=list)
    used: Decimal = ZERO
    fully_paid_on: date | None = None
    created_by: str = ""
    updated_ms: int = 0
    history: list[Change] = field(default_factory=list)

    @property
    def remaining(self) -> Decimal:
        """What is neither allocated nor refunded; nothing on a voided or deleted document."""
        return ZERO if self.status in {"VOIDED", "DELETED"} else self.total - self.used

    def snapshot(self) -> Self:
        """The document as it stands now, safe from later edits."""
        twin = copy.copy(self)
        twin.lines, twin.history = list(self.lines), list(self.history)
        twin.allocations, twin.payments = list(self.allocations), list(self.payments)
        return twin


@dataclass(slots=True, kw_only=True)
class Allocation:
    """Part of a credit standing on an invoice."""

    id: str
    credit_id: str
    invoice_id: str
    amount: Decimal
    dated_on: date
    is_deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Account:
    """One account of the chart."""

    id: str
    code: str | None
    name: str
    type: str
    account_class: str
    tax_type: str = "NONE"
    status: str = "ACTIVE"
    takes_payments: bool = False
    system: str | None = None
    bank_number: str | None = None
    currency: str | None = None
    updated_ms: int = 0


@dataclass(slots=True, kw_only=True)
class TaxRate:
    """One tax rate; `rate` is a fraction (0.15), as arithmetic wants it."""

    type: str
    report_type: str
    name: str
    rate: Decimal
    applies_to: tuple[str, ...]
    status: str = "ACTIVE"


@dataclass(slots=True, kw_only=True)
class TrackingCategory:
    """One tracking category with its options, as (id, name)."""

    id: str
    name: str
    options: list[tuple[str, str]]
    archived: list[str] = field(default_factory=list)
    """The ids of its options that no new line takes."""
    status: str = "ACTIVE"


@dataclass(slots=True, kw_only=True)
class Organisation:
    """What the organisation says of itself."""

    id: str
    name: str
    country: str
    base_currency: str
    timezone: str
    zone: str
    short_code: str
    created_ms: int
    period_lock_on: date | None = None
    year_lock_on: date | None = None
    next_number: int = 1
    next_credit_number: int = 1
    user_role: str = "standard"


@dataclass(slots=True)
class Settings:
    """What documents refer to: the chart, rates, currencies, tracking and themes."""

    accounts: list[Account] = field(default_factory=list)
    tax_rates: dict[str, TaxRate] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    tracking: list[TrackingCategory] = field(default_factory=list)
    themes: list[tuple[str, str]] = field(default_factory=list)
    by_code: dict[str, Account] = field(default_factory=dict)
    by_account_id: dict[str, Account] = field(default_factory=dict)

    @property
    def default_theme(self) -> str | None:
        """The branding theme of the lowest SortOrder, which new sales documents get."""
        return self.themes[0][0] if self.themes else None

    def index(self) -> None:
        """Make the accounts findable after the list has changed."""
        self.by_code = {each.code: each for each in self.accounts if each.code}
        self.by_account_id = {each.id: each for each in self.accounts}

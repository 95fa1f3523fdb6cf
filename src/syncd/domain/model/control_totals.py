"""Control totals: what both books add up to, and every document that keeps them apart.

Made by `rules.report.control_totals` from both sides as they are read; shown by the surfaces. Sums
are kept per currency, for amounts of two currencies have no sum.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.value import Value

ZERO = Decimal("0.00")


class Dimension(StrEnum):
    """What documents are grouped by, in the order of the report."""

    CURRENCY = "currency"
    """All documents of a currency: the totals."""
    STATUS = "status"
    MONTH = "month"
    """Of the invoice date, which is a calendar date and knows no time zone."""
    TAX = "tax"
    ACCOUNT = "account"
    CUSTOMER = "customer"


BY_LINES = frozenset({Dimension.TAX, Dimension.ACCOUNT})
"""Dimensions to which a document's lines contribute apart."""


class Cause(StrEnum):
    """Why a document is an exception: a closed set, in JSON and CSV."""

    PENDING = "pending"
    """Queued; it is written by itself."""
    HELD = "held"
    """Waits; its reason code says for what."""
    OUT_OF_SYNC = "out_of_sync"
    """Changed where both sides must be compared by a person."""
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """A write whose outcome is being looked for."""
    DELETED_WITH_MONEY = "deleted_with_money"
    """Deleted in Pipeline; money on it forbids the same in Xero."""
    DELETED_IN_PIPELINE = "deleted_in_pipeline"
    """Deleted in Pipeline, and not yet in Xero for another reason."""
    GONE_IN_XERO = "gone_in_xero"
    XERO_ONLY = "xero_only"
    """Made directly in Xero; never imported."""
    DUPLICATE = "duplicate"
    """A second document with the mark of an invoice that stands as another."""
    EXTRA = "extra"
    """It carries our mark and is linked to nothing here."""
    BEFORE_START = "before_start_date"
    UNREADABLE = "unreadable"
    """Pipeline's document could not be read."""
    UNREADABLE_IN_XERO = "unreadable_in_xero"
    """Xero's document cannot be read: it is in no sum of Xero's side."""
    EDITED_IN_XERO = "edited_in_xero"
    """Changed in Xero since both sides were last compared."""
    APPROVED_IN_XERO = "approved_in_xero"
    """Further on in Xero, which is no edit."""
    ROUNDING = "rounding"
    """Within the tenant's tolerance, or Xero rounds a tie the other way."""
    KEPT = "kept_by_decision"
    """A person, or the policy for edits in Xero, accepted both sides as they stand."""
    MAPPING_CHANGED = "mapping_changed"
    """Written under another mapping of cost codes and tax rates; amounts are the same."""


class Amounts(Value, frozen=True, kw_only=True):
    """Nett, tax and total, at two decimals."""

    nett: Decimal = ZERO
    tax: Decimal = ZERO
    total: Decimal = ZERO

    def __add__(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(
            nett=self.nett + other.nett, tax=self.tax + other.tax, total=self.total + other.total
        )

    def __sub__(self, other: Amounts) -> Amounts:
        """What `other` leaves."""
        return Amounts(
            nett=self.nett - other.nett, tax=self.tax - other.tax, total=self.total - other.total
        )

    @property
    def is_zero(self) -> bool:
        """Nothing in all three."""
        return not (self.nett or self.tax or self.total)


NOTHING = Amounts()


class Part(Value, frozen=True, kw_only=True):
    """What a document adds to one group."""

    dimension: Dimension
    key: str
    amounts: Amounts


class Contribution(Value, frozen=True, kw_only=True):
    """What one side's document adds to every group; parts in order, so that equal is equal."""

    currency: str
    amounts: Amounts
    parts: tuple[Part, ...]


class ListedException(Value, frozen=True, kw_only=True):
    """A document that keeps the books apart, or rests unsettled; amounts in one currency.

    A side that is None shows nothing in that currency. A document in two currencies is listed once
    in each. `text` says why in plain words; `cause` is None where nobody knows.
    """

    cause: Cause | None
    text: str
    number: str
    currency: str
    pipeline_id: str | None = None
    xero_id: str | None = None
    state: PublicState | None = None
    reason: Reason | None = None
    fields: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    """Of its date as each side has it, `2026-11`: the groups in which it is counted."""
    pipeline: Amounts | None = None
    xero: Amounts | None = None

    @property
    def difference(self) -> Amounts:
        """Pipeline less Xero."""
        return (self.pipeline or NOTHING) - (self.xero or NOTHING)


class Money(Value, frozen=True, kw_only=True):
    """Total Paid, credits and Amount Outstanding."""

    paid: Decimal = ZERO
    credited: Decimal = ZERO
    due: Decimal = ZERO

    def __add__(self, other: Money) -> Money:
        """Both together."""
        return Money(
            paid=self.paid + other.paid,
            credited=self.credited + other.credited,
            due=self.due + other.due,
        )

    def __sub__(self, other: Money) -> Money:
        """What `other` leaves."""
        return Money(
            paid=self.paid - other.paid,
            credited=self.credited - other.credited,
            due=self.due - other.due,
        )


NO_MONEY = Money()


class MoneyException(Value, frozen=True, kw_only=True):
    """A document whose published money differs from what Xero shows."""

    text: str
    number: str
    currency: str
    pipeline_id: str
    xero_id: str
    published: Money
    xero: Money


class GroupTotals(Value, frozen=True, kw_only=True):
    """One group of one currency. `explained`: what its exceptions come to, Pipeline less Xero."""

    dimension: Dimension
    key: str
    label: str
    currency: str
    pipeline_count: int
    pipeline: Amounts
    xero_count: int
    xero: Amounts
    exceptions: int
    explained: Amounts

    @property
    def difference(self) -> Amounts:
        """Pipeline less Xero."""
        return self.pipeline - self.xero

    @property
    def unexplained(self) -> Amounts:
        """What is left of the difference without a cause."""
        return self.difference - self.explained


class MoneyTotals(Value, frozen=True, kw_only=True):
    """Money on linked documents of one currency: as Xero shows it, and as published to Pipeline."""

    currency: str
    documents: int
    xero: Money
    published: Money


class ControlTotals(Value, frozen=True, kw_only=True):
    """The report's content. `unexplained` are the groups whose difference has no cause."""

    groups: tuple[GroupTotals, ...]
    exceptions: tuple[ListedException, ...]
    unexplained: tuple[GroupTotals, ...]
    suspects: tuple[ListedException, ...]
    """Documents that differ and for which no cause is known; they are no exceptions."""
    money: tuple[MoneyTotals, ...]
    money_exceptions: tuple[MoneyException, ...]

    @property
    def ties_out(self) -> bool:
        """Every difference is explained, to the cent."""
        return not (self.unexplained or self.suspects)


class ReadMoments(Value, frozen=True, kw_only=True):
    """When each side was read. Pipeline: its feed taken up to `feed_at`."""

    feed_at: datetime | None
    began_at: datetime
    ended_at: datetime
    start_on: date | None

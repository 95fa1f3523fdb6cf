"""What Pipeline is told of an invoice, its money or a customer, kept until it stands there.

Stored as it is (canonical JSON), so that equal content is equal bytes; the adapter turns it into
the sync API's words and adds the revision.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from syncd.domain.ids import (
    PipelineCustomerId,
    PipelineInvoiceId,
    XeroContactId,
    XeroInvoiceId,
)
from syncd.domain.model.contact import PostalAddress
from syncd.domain.model.invoice import MoneyKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value


class MovedBy(StrEnum):
    """Which side moved a field since both last agreed."""

    PIPELINE = "pipeline"
    XERO = "xero"
    BOTH = "both"


class Difference(Value, frozen=True, kw_only=True):
    """A field that shows differently on both sides, under its name in the sync API.

    `moved_by` None: nobody moved it since somebody decided to keep it so.
    """

    field: str
    pipeline: str | None
    xero: str | None
    agreed: str | None
    moved_by: MovedBy | None = None


class InvoiceResult(Value, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice's sync state. Amounts are Xero's, None where no whole read has shown them."""

    id: PipelineInvoiceId
    state: PublicState
    reason_code: Reason | None = None
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    xero_id: XeroInvoiceId | None = None
    xero_number: str | None = None
    xero_status: XeroStatus | None = None
    xero_url: str | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    amount_due: Decimal | None = None
    fully_paid_on: date | None = None
    synced_version: int | None = None
    as_of: datetime | None = None
    """When both sides were last seen to agree or differ; a newer one alone is not worth sending."""


class CustomerState(StrEnum):
    """A customer's sync state."""

    PENDING = "pending"
    SYNCED = "synced"
    WAITING = "waiting"
    FAILED = "failed"
    ARCHIVED = "archived"


class FromXero(Value, frozen=True, kw_only=True):
    """What a bookkeeper changed of a contact, to refresh the customer; None: did not move."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    postal_address: PostalAddress | None = None


class CustomerResult(Value, frozen=True, kw_only=True):
    """A customer's sync state; `from_xero` holds for the customer as of `based_on_version` only."""

    id: PipelineCustomerId
    state: CustomerState
    reason: str = ""
    xero_contact_id: XeroContactId | None = None
    based_on_version: int | None = None
    from_xero: FromXero | None = None


class PaymentStatus(StrEnum):
    """Whether it still stands on the invoice."""

    AUTHORISED = "Authorised"
    DELETED = "Deleted"


class PaymentResult(Value, frozen=True, kw_only=True):
    """One payment, or what one credit applies to this invoice in all.

    `payment_id` is Xero's id of the payment, credit note, overpayment or prepayment. A deleted one
    keeps the amount it had.
    """

    id: PipelineInvoiceId
    payment_id: str
    type: MoneyKind
    amount: Decimal
    currency_code: str
    paid_on: date
    status: PaymentStatus
    reference: str = ""


Result = InvoiceResult | CustomerResult | PaymentResult


class RevisedResult(Value, frozen=True, kw_only=True):
    """A result and the revision it is sent under."""

    result: Result
    revision: int

"""What comes in unasked: notices of Xero and of Pipeline, each only a word to look somewhere.

Read by the adapters from signed bytes, kept by `store.inbox`, worked through by
`engine.webhooks.process_events`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import TenantId, XeroOrganisationId
from syncd.domain.model.value import Value


class Source(StrEnum):
    """Who sent a notice."""

    XERO = "xero"
    PIPELINE = "pipeline"


class Category(StrEnum):
    """Xero's event categories that mean something to us (facts §6.3); others are kept, ignored."""

    INVOICE = "INVOICE"
    CONTACT = "CONTACT"
    CREDIT_NOTE = "CREDITNOTE"
    OVERPAYMENT = "OVERPAYMENT"
    PREPAYMENT = "PREPAYMENT"
    PAYMENT = "PAYMENT"


HINTS = (Category.CREDIT_NOTE, Category.OVERPAYMENT, Category.PREPAYMENT, Category.PAYMENT)
"""They name money, not the invoices it stands on; those are found by a read."""


class ResourceChange(Value, frozen=True, kw_only=True):
    """One event of Xero's webhook. `category` and `event` in capitals, `resource_id` in smalls.

    `sequence` is its place in the webhook's running count, 0 where Xero gave none. `resource_type`
    is what the newer categories say of the resource (`ACCRECCREDIT`), else empty.
    """

    category: str
    event: str
    organisation_id: XeroOrganisationId
    resource_id: str
    happened_at: datetime
    sequence: int = 0
    resource_type: str = ""


class PipelineNote(Value, frozen=True, kw_only=True):
    """One webhook of Pipeline: a word to poll the feed, which is the truth."""

    id: str
    """The `webhook-id`, the same for every attempt."""
    tenant: TenantId
    type: str
    sent_at: datetime


class InboxState(StrEnum):
    """What became of a notice."""

    NEW = "new"
    DONE = "done"
    IGNORED = "ignored"


class NoticeOutcome(StrEnum):
    """Why a notice is no longer new; a closed label set."""

    FETCHED = "fetched"
    """Its invoice was read and what it showed is stored."""
    ECHO = "echo"
    """It tells of our own write, whose answer we have."""
    COVERED = "covered"
    """A later read has shown its invoice or contact already, or our own write of the contact."""
    NOT_OURS = "not_ours"
    """A bill, an invoice made in Xero, or nobody's contact."""
    EXPLAINED = "explained"
    """Money whose invoice was announced by an event of its own."""
    RESOLVED = "resolved"
    """Money whose invoices were found by what was modified since."""
    PURCHASE = "purchase"
    """Money on the buying side."""
    CONTACT = "contact"
    """A contact of ours: its customer is looked at."""
    UNSEEN = "unseen"
    """Read again for two minutes, and nothing as late as the event was shown: left to sweeps."""
    FAILED = "failed"
    """syncd failed at it, or Xero refused to be asked about it, for two minutes: left to sweeps."""
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    WOKE = "woke"
    """A word of Pipeline's: the feed was polled."""

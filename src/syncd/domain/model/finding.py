"""A finding: something a look at both sides showed that people should know of.

Found by sweeps, by the queue's own ends and by contacts; opened, aged and closed by
`engine.sweeps.findings`, one row per (tenant, kind, key).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.model.value import Value


class FindingKind(StrEnum):
    """What was found; a closed set, a label of metrics."""

    MISSING = "missing"
    """Pipeline has it, Xero shows it no more."""
    EXTRA = "extra"
    """Xero shows a document with our mark that no invoice here is linked to."""
    DIFFERING = "differing"
    """Both sides have it and show different things."""
    PAID_UNPAID_MISMATCH = "paid_unpaid_mismatch"
    """Pipeline was told other amounts than Xero shows."""
    DUPLICATE_SUSPECTED = "duplicate_suspected"
    """A second living document carries the mark of an invoice that is linked to another."""
    STRANGER = "stranger"
    """Its number is held in Xero by a document that is not its own."""
    UNLINKED_CONTACT = "unlinked_contact"
    """A customer without a contact it may be invoiced to."""
    CONTACTS_MERGED = "contacts_merged"
    """Contacts of several customers became one in Xero."""
    CONTACT_KEPT = "contact_kept"
    """A customer deleted in Pipeline whose contact stays active in Xero, and why."""
    CONTACT_ALTERED = "contact_altered"
    """Xero shows something else of a contact than was sent."""
    MISSED_WEBHOOK = "missed_webhook"
    """Sweeps find changes that no webhook has announced in time."""
    UNREADABLE_IN_PIPELINE = "unreadable_in_pipeline"
    """An invoice or customer of Pipeline's that breaks the contract."""
    UNREADABLE_FEED = "unreadable_feed"
    """Entries of Pipeline's feed that do not say of which object, or which version, they are."""
    UNREADABLE_IN_XERO = "unreadable_in_xero"
    """A document or contact of Xero's that breaks the contract."""
    RESULT_REFUSED = "result_refused"
    """Pipeline does not take what it is told of an invoice, a payment or a customer."""


OF_INVOICES = (
    FindingKind.MISSING,
    FindingKind.EXTRA,
    FindingKind.DIFFERING,
    FindingKind.PAID_UNPAID_MISMATCH,
    FindingKind.DUPLICATE_SUSPECTED,
    FindingKind.STRANGER,
)
OF_CUSTOMERS = (
    FindingKind.UNLINKED_CONTACT,
    FindingKind.CONTACTS_MERGED,
    FindingKind.CONTACT_KEPT,
    FindingKind.CONTACT_ALTERED,
)
"""The others are about neither alone, or about what could not be read."""


WANT_A_PERSON = (
    FindingKind.DUPLICATE_SUSPECTED,
    FindingKind.EXTRA,
    FindingKind.CONTACTS_MERGED,
    FindingKind.RESULT_REFUSED,
    FindingKind.UNREADABLE_FEED,
    FindingKind.UNREADABLE_IN_XERO,
    FindingKind.MISSED_WEBHOOK,
)
"""What no invoice and no customer waits with, and yet a person alone can mend; worst first."""


class Found(Value, frozen=True, kw_only=True):
    """One finding as it was found: `label` is what people call the object, `text` says what is."""

    kind: FindingKind
    key: str
    label: str
    text: str


class Finding(Found, frozen=True, kw_only=True):
    """One finding as it stands: open since `opened_at`."""

    opened_at: datetime
    seen_at: datetime
    looked_at: datetime
    """When what it says was last looked at; a review repeats what it found in the store."""
    pipeline_id: str | None = None
    """Of the invoice or customer it is about, where one is ours."""
    xero_id: str | None = None
    """Of the document or contact, where one is known."""
    closed_at: datetime | None = None

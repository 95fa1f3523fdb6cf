"""The statuses of both sides, and their common order.

Draft < Submitted < Authorised ≡ Paid. Xero further on is an approval, not an edit.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class PipelineStatus(StrEnum):
    """A Pipeline invoice's workflow (Pipeline docs: Creating and Editing Invoices)."""

    DRAFT = "Draft"
    APPROVED = "Approved"
    SENT = "Sent"


class XeroStatus(StrEnum):
    """A Xero invoice's status (facts §3.7)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    AUTHORISED = "AUTHORISED"
    PAID = "PAID"
    VOIDED = "VOIDED"
    DELETED = "DELETED"

    @property
    def is_gone(self) -> bool:
        """Terminal: the document no longer counts in the books."""
        return self in (XeroStatus.VOIDED, XeroStatus.DELETED)


class Rank(IntEnum):
    """How far a living document has come."""

    DRAFT = 0
    SUBMITTED = 1
    AUTHORISED = 2


_XERO_RANK = {
    XeroStatus.DRAFT: Rank.DRAFT,
    XeroStatus.SUBMITTED: Rank.SUBMITTED,
    XeroStatus.AUTHORISED: Rank.AUTHORISED,
    XeroStatus.PAID: Rank.AUTHORISED,
}


def rank_in_xero(status: XeroStatus) -> Rank:
    """The rank of a living Xero document. Raises KeyError for VOIDED and DELETED."""
    return _XERO_RANK[status]


def wanted_in_xero(status: PipelineStatus, approved_as: XeroStatus) -> XeroStatus:
    """What a Pipeline status asks of Xero: DRAFT, or what the tenant chose for Approved.

    A Sent invoice has left the house, so it is always AUTHORISED.
    """
    if status is PipelineStatus.DRAFT:
        return XeroStatus.DRAFT
    if status is PipelineStatus.SENT:
        return XeroStatus.AUTHORISED
    return approved_as

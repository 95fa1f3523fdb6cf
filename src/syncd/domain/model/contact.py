"""A customer as Pipeline says it, and a contact as Xero shows it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.value import Value


class PostalAddress(Value, frozen=True, kw_only=True):
    """Xero's POBOX slot; Pipeline's postal address."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


class Customer(Value, frozen=True, kw_only=True):
    """A customer as Pipeline says it; `ref` becomes Xero's Account Number."""

    id: PipelineCustomerId
    ref: str
    name: str
    version: int
    updated_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    postal_address: PostalAddress | None = None
    xero_contact_id: XeroContactId | None = None
    """A link the user has set by hand."""


class ContactStatus(StrEnum):
    """facts §4."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    GDPRREQUEST = "GDPRREQUEST"
    UNKNOWN = "UNKNOWN"
    """Xero does not know a contact of this id: said by a look or a refusal, never by a contact."""


class LiveContact(Value, frozen=True, kw_only=True):
    """A contact as Xero shows it. `number` is ContactNumber, our mark: the customer's id."""

    id: XeroContactId
    name: str
    status: ContactStatus
    updated_at: datetime
    number: str = ""
    account_number: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    postal_address: PostalAddress = PostalAddress()
    is_supplier: bool = False
    merged_to: XeroContactId | None = None

    @property
    def is_active(self) -> bool:
        """Whether it may be used on a new document."""
        return self.status is ContactStatus.ACTIVE


class ContactCandidate(Value, frozen=True, kw_only=True):
    """A contact that could be a customer's; `owner` is another customer's id, where it has one."""

    not_shown = ("name", "email")

    id: XeroContactId
    name: str
    status: ContactStatus
    email: str = ""
    account_number: str = ""
    owner: str = ""


class ContactWrite(Value, frozen=True, kw_only=True):
    """One contact to be created or changed; None means: not sent, left as it stands."""

    pipeline_id: PipelineCustomerId
    xero_id: XeroContactId | None = None
    number: str | None = None
    name: str | None = None
    account_number: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    postal_address: PostalAddress | None = None
    status: ContactStatus | None = None

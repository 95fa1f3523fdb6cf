"""What a hold waits for: a closed set of predicates, stored as topics by `rules.queue.holds`.

Each has an event that somebody commits. A new version in Pipeline and a person's hand release every
hold without one: both put the key into the queue anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLinked:
    """The customer is linked to a contact."""

    customer: PipelineCustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUsable:
    """The customer's contact changed in Xero and may be used on a document."""

    customer: PipelineCustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesChanged:
    """The tenant's configured choices (`TenantPolicy`) are others than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRefreshed:
    """The organisation's settings were read anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyGone:
    """No payment or credit stands on the document any more."""

    invoice: XeroInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFree:
    """The document that has this number changed, or let it go."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedInXero:
    """The contact or document with this id, which stands in the way, changed in Xero."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLookedAt:
    """The customer's own round ended, so its invoices may say something else now."""

    customer: PipelineCustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSidesAgree:
    """The document moved in Xero, so both sides may show the same now."""

    invoice: XeroInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceClosed:
    """The invoice was paid, is gone, or is another customer's: it wants its contact no more."""

    key: PipelineInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeLive:
    """The tenant writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeReleased:
    """A person released the tenant's brake."""


Predicate = (
    ContactLinked
    | ContactUsable
    | ChoicesChanged
    | SettingsRefreshed
    | MoneyGone
    | NumberFree
    | MovedInXero
    | CustomerLookedAt
    | BothSidesAgree
    | InvoiceClosed
    | ModeLive
    | BrakeReleased
)

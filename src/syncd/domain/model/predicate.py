"""What a hold waits for: a closed set of predicates, stored as short texts by `rules.holds`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.domain.ids import PipelineCustomerId, XeroInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLinked:
    """The customer is linked to a contact."""

    customer: PipelineCustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUsable:
    """The customer's contact changed in Xero and may be used on a document."""

    customer: PipelineCustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChanged:
    """The tenant's mapping is no longer the one with this fingerprint."""

    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsReadAfter:
    """Organisation settings were read after `at`."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyGone:
    """No payment or credit stands on the document any more."""

    invoice: XeroInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFree:
    """The document that has this number changed, or let it go."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineVersionAbove:
    """Pipeline has a newer version of the document."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSidesAgree:
    """The document moved in Xero, so both sides may show the same now."""

    invoice: XeroInvoiceId


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The instant `at` has passed."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeLive:
    """The tenant writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPaused:
    """The tenant is not paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOpen:
    """The connection to Xero stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerClosed:
    """The other side answers again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeReleased:
    """A person released the tenant's brake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonActs:
    """A person retried, resolved or accepted this document."""


Predicate = (
    ContactLinked
    | ContactUsable
    | MappingChanged
    | SettingsReadAfter
    | MoneyGone
    | NumberFree
    | PipelineVersionAbove
    | BothSidesAgree
    | After
    | ModeLive
    | NotPaused
    | GateOpen
    | BreakerClosed
    | BrakeReleased
    | PersonActs
)

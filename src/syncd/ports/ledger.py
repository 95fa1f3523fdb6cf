"""Xero's side as the engine sees it: reads that say what they saw, writes that say what came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from syncd.domain.ids import (
    IdempotencyKey,
    PipelineInvoiceId,
    TenantId,
    XeroContactId,
    XeroInvoiceId,
)
from syncd.domain.model.contact import ContactWrite, LiveContact
from syncd.domain.model.explanation import XeroNote
from syncd.domain.model.invoice import InvoiceWrite, LiveInvoice
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.ledger_sweeps import LedgerSweeps
from syncd.ports.rows import Rows

L = TypeVar("L")


class PreparedCall(Value, frozen=True, kw_only=True):
    """A write call down to its exact bytes, to be committed before the first of them leaves."""

    not_shown = ("body",)

    operation: str
    method: str
    target: str
    """Path and query below the API's base."""
    body: bytes
    elements: int


class ElementApplied(Value, Generic[L], frozen=True, kw_only=True):
    """Xero did it; `live` is the answer's element (an invoice's is thin: no money)."""

    live: L


class ElementRefused(Value, frozen=True, kw_only=True):
    """Xero refused this element alone, in its own words."""

    messages: tuple[str, ...]
    is_whole: bool = False
    """The call with it alone was refused as a whole: nothing of the element was named."""


class ElementUnclear(Value, frozen=True, kw_only=True):
    """The answer says nothing usable of this element: its outcome is unknown."""

    why: str


InvoiceAnswer = ElementApplied[LiveInvoice] | ElementRefused | ElementUnclear
ContactAnswer = ElementApplied[LiveContact] | ElementRefused | ElementUnclear


class ContactText(StrEnum):
    """What contacts are looked up by, in `LiveContact`'s name for it."""

    NUMBER = "number"
    """Our mark."""
    ACCOUNT_NUMBER = "account_number"
    """The customer's reference."""
    NAME = "name"


class ContactReads(Protocol):
    """Contacts, read for a decision about customers; raises RemoteError's leaves."""

    async def contacts_by_id(
        self, tenant: TenantId, ids: Sequence[XeroContactId], *, lane: Lane
    ) -> Rows[LiveContact]:
        """In full, archived ones and `merged_to` included."""
        ...

    async def contacts_by(
        self, tenant: TenantId, text: ContactText, wanted: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """Contacts with one of these texts, without regard to case, archived included."""
        ...


class Ledger(LedgerSweeps, ContactReads, Protocol):
    """Xero for the engine. Every method raises RemoteError's leaves (Throttled, NotSent, …)."""

    @property
    def clock_ahead(self) -> timedelta:
        """How far our clock was ahead of Xero's by its latest list; behind: negative.

        Nothing before the first list; up to the time an answer takes too much.
        """
        ...

    async def settings(self, tenant: TenantId, *, lane: Lane) -> OrganisationSettings:
        """Organisation, accounts, tax rates, currencies and tracking, read now."""
        ...

    async def invoices_by_id(
        self, tenant: TenantId, ids: Sequence[XeroInvoiceId], *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """In full, ≤ 40 ids per call; an id that the answer `lacks` is absent in Xero."""
        ...

    async def invoice_history(
        self, tenant: TenantId, invoice: XeroInvoiceId, *, lane: Lane
    ) -> tuple[XeroNote, ...]:
        """Who did what to one invoice in Xero, oldest first; one call."""
        ...

    async def invoices_by_number(
        self, tenant: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """Every sales invoice with one of these numbers, whatever its status, in full."""
        ...

    async def invoices_since(
        self, tenant: TenantId, since: datetime, *, lane: Lane, of_our_app: bool = False
    ) -> Rows[LiveInvoice]:
        """Every sales invoice anyone modified since, by Xero's clock, in full, all pages.

        `of_our_app`: only those this app created.
        """
        ...

    def prepare_invoices(self, writes: Sequence[InvoiceWrite]) -> tuple[PreparedCall, ...]:
        """Calls for writes of one kind (all creates, or all updates), in their order.

        Split at 50 elements or 3 MB; each call's `elements` says how many it took.
        """
        ...

    def creates_in(
        self, call: PreparedCall, ids: Sequence[PipelineInvoiceId]
    ) -> tuple[InvoiceWrite, ...]:
        """The creates that the bytes of a prepared call say, for these invoices in their order.

        All of what was sent; lines without their ids in Pipeline, which never are.
        """
        ...

    def prepare_contacts(self, writes: Sequence[ContactWrite]) -> tuple[PreparedCall, ...]:
        """The same for contacts: creates by PUT, updates by POST."""
        ...

    async def reserve(self, tenant: TenantId, *, lane: Lane, calls: int) -> None:
        """Wait until the allowance has room for `calls` calls of `lane` and the token is fresh.

        Raises Throttled when that would take longer than a short while.
        """
        ...

    async def send_invoices(
        self,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[InvoiceWrite],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> tuple[InvoiceAnswer, ...]:
        """Send these bytes once; an answer per write, in their order.

        Never waits for the allowance: raises Throttled (nothing sent) instead; past `not_after`
        raises NotSent. Raises Refused when the request as a whole was refused, OutcomeUnknown
        when nobody can say.
        """
        ...

    async def send_contacts(
        self,
        tenant: TenantId,
        call: PreparedCall,
        writes: Sequence[ContactWrite],
        *,
        idempotency_key: IdempotencyKey,
        not_after: datetime | None,
    ) -> tuple[ContactAnswer, ...]:
        """As `send_invoices`, for contacts."""
        ...

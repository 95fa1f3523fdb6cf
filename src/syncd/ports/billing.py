"""Pipeline's side as the engine sees it (the sync API)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.result import RevisedResult
from syncd.domain.model.value import Value


class ChangeKind(StrEnum):
    """What changed."""

    INVOICE = "invoice"
    CUSTOMER = "customer"


class Change(Value, frozen=True, kw_only=True):
    """One entry of the feed. `content` is None exactly when the object is deleted."""

    kind: ChangeKind
    id: str
    version: int
    at: datetime
    by: str
    content: Invoice | Customer | None


class UnreadableChange(Value, frozen=True, kw_only=True):
    """An entry whose object breaks the contract: kept and shown, never skipped in silence.

    `label` is its number or name, where that can be read.
    """

    kind: ChangeKind
    id: str
    version: int
    problem: str
    label: str = ""


class NamelessChange(Value, frozen=True, kw_only=True):
    """An entry that does not say of which object it is, or of which version; `label` as above."""

    problem: str
    label: str = ""


class ChangePage(Value, frozen=True, kw_only=True):
    """A page of the feed; `next_cursor` may be asked again later when `has_more` is False."""

    changes: tuple[Change | UnreadableChange, ...]
    next_cursor: str
    has_more: bool
    nameless: tuple[NamelessChange, ...] = ()


class PutOutcome(StrEnum):
    """What became of one result written back."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    STALE = "stale"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


class PutAnswer(Value, frozen=True, kw_only=True):
    """One item's answer; `revision` is the one that stands now, where Pipeline says it."""

    outcome: PutOutcome
    revision: int | None = None
    detail: str = ""


class Billing(Protocol):
    """Reads Pipeline and writes results back. Every method raises RemoteError's leaves."""

    async def changes_since(
        self, tenant: TenantId, cursor: str | None, *, limit: int
    ) -> ChangePage:
        """The next page of the feed. Raises CursorTooOld on 410, TooLong for too long a page."""
        ...

    async def invoice(self, tenant: TenantId, invoice: PipelineInvoiceId) -> Invoice:
        """A point read. Raises NotFound on a good 404."""
        ...

    async def customer(self, tenant: TenantId, customer: PipelineCustomerId) -> Customer:
        """A point read. Raises NotFound on a good 404."""
        ...

    async def put_results(
        self, tenant: TenantId, results: Sequence[RevisedResult]
    ) -> tuple[PutAnswer | None, ...]:
        """Write up to 200 results; one answer each, in their order.

        None for a result whose own answer cannot be read: it has to be written again.
        """
        ...

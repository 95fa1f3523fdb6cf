"""The Ledger's pages for sweeps: one call each, so that the engine says where to read next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from syncd.domain.ids import TenantId, XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.rows import Unread

R = TypeVar("R")


class ListPage(Value, Generic[R], frozen=True, kw_only=True):
    """Some rows of a list; `count` is how many the whole list has, as far as Xero says.

    No row says that it was changed after `as_of`, Xero's own clock as it answered. `last_at` is
    what the last row says itself, which may be hours ahead: to read on from, and nothing else.
    """

    rows: tuple[R, ...]
    is_last: bool
    count: int
    last_at: datetime | None = None
    as_of: datetime | None = None
    unread: tuple[Unread, ...] = ()


class ListedInvoice(Value, frozen=True, kw_only=True, gc=True):
    """A row of a page of summaries, put into our words only where it is not as it was."""

    not_shown = ("summary",)

    id: XeroInvoiceId
    digest: str
    """Equal where everything is that would be read of it."""
    summary: Callable[[datetime | None], InvoiceSummary | Unread]
    """The row in our words, given the page's `as_of`; Unread where it breaks the contract."""


class LedgerSweeps(Protocol):
    """Lists by time of change and by date. Every method raises RemoteError's leaves."""

    async def invoice_changes(
        self,
        tenant: TenantId,
        since: datetime,
        *,
        page: int,
        lane: Lane,
        of_our_app: bool = False,
    ) -> ListPage[LiveInvoice]:
        """A page of the sales invoices anyone changed since, oldest change first, in full.

        `of_our_app`: only those this app created.
        """
        ...

    async def contact_changes(
        self, tenant: TenantId, since: datetime, *, page: int, lane: Lane
    ) -> ListPage[LiveContact]:
        """A page of the contacts anyone changed since, oldest change first, archived included."""
        ...

    async def newest_invoice_change(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> datetime | None:
        """When a sales invoice was last changed, by Xero's clock; None: none was since then."""
        ...

    async def newest_contact_change(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> datetime | None:
        """When a contact was last changed, by Xero's clock; None: none was since then."""
        ...

    async def invoice_summaries(
        self, tenant: TenantId, since_on: date, before_on: date | None, *, page: int, lane: Lane
    ) -> ListPage[ListedInvoice]:
        """A page of up to 1,000 sales invoices dated in a range, by id, without their lines.

        Raises Refused when the range holds more than Xero lists at all.
        """
        ...

    async def all_contacts(
        self, tenant: TenantId, *, page: int, lane: Lane
    ) -> ListPage[LiveContact]:
        """A page of up to 1,000 of all contacts, by id, archived included."""
        ...

    async def invoices_dated(
        self,
        tenant: TenantId,
        since_on: date | None,
        before_on: date | None,
        *,
        page: int,
        lane: Lane,
    ) -> ListPage[LiveInvoice]:
        """A page of up to 1,000 sales invoices dated in a range, by id, in full; None: open there.

        Raises Refused when the range holds more than Xero lists at all.
        """
        ...

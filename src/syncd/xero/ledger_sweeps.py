"""The sweeping part of the Ledger port: what changed since, page by page, and summaries by date.

Called through `ledger`. Where to read next is the engine's to say (`rules.inbound.change_cursor`):
a page here is one call, with those for the days of its credits, so that a sweep can stop, be killed
and go on between any two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

from syncd.domain.ids import TenantId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.ledger_sweeps import ListedInvoice, ListPage
from syncd.xero import listing, rows, wire_invoices, wire_summaries
from syncd.xero.ledger_part import LedgerPart
from syncd.xero.listing import ROWS_A_PAGE, Dated, Query
from syncd.xero.rows import Kind

CHANGES_A_PAGE = 500
"""Each begins with what the last second of the one before showed, which in a first sync is fifty to
a hundred rows; and what one shows in full is stored in one turn."""
_SALES = f'Type=="{wire_invoices.SALES}"'
_OLDEST_FIRST = {"order": "UpdatedDateUTC ASC"}
_NEWEST_FIRST = {"order": "UpdatedDateUTC DESC"}
_AT_ANY_TIME = datetime.max.replace(tzinfo=UTC)
_R = TypeVar("_R", bound=Dated)


class XeroSweeps(LedgerPart):
    """Reads pages of changes and summaries."""

    async def invoice_changes(
        self,
        tenant: TenantId,
        since: datetime,
        *,
        page: int,
        lane: Lane,
        of_our_app: bool = False,
    ) -> ListPage[LiveInvoice]:
        """A page of the sales invoices anyone changed since, oldest change first, in full."""
        filters = {"where": _SALES, "unitdp": "4", **_OLDEST_FIRST}
        if of_our_app:
            filters["createdByMyApp"] = "true"
        query = _query("/Invoices", filters, page=page, since=since)
        return _not_ahead(await self._invoice_page(tenant, lane, query))

    async def contact_changes(
        self, tenant: TenantId, since: datetime, *, page: int, lane: Lane
    ) -> ListPage[LiveContact]:
        """A page of the contacts anyone changed since, oldest change first, archived included."""
        filters = {"includeArchived": "true", **_OLDEST_FIRST}
        query = _query("/Contacts", filters, page=page, since=since)
        return await self._swept(tenant, query, lane, rows.CONTACTS)

    async def newest_invoice_change(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> datetime | None:
        """When a sales invoice was last changed: one row, without its lines."""
        filters = {"where": _SALES, "summaryOnly": "true", **_NEWEST_FIRST}
        query = _query("/Invoices", filters, page=1, size=1, since=since)
        return _newest(await self._swept(tenant, query, lane, rows.SUMMARIES))

    async def newest_contact_change(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> datetime | None:
        """When a contact was last changed: one row."""
        filters = {"includeArchived": "true", "summaryOnly": "true", **_NEWEST_FIRST}
        query = _query("/Contacts", filters, page=1, size=1, since=since)
        return _newest(await self._swept(tenant, query, lane, rows.CONTACT_SUMMARIES))

    async def invoice_summaries(
        self, tenant: TenantId, since_on: date, before_on: date | None, *, page: int, lane: Lane
    ) -> ListPage[ListedInvoice]:
        """A page of up to 1,000 sales invoices dated in a range, by id, without their lines."""
        condition = wire_summaries.dated(since_on, before_on)
        filters = {"where": condition, "summaryOnly": "true", "order": "InvoiceID ASC"}
        query = _query("/Invoices", filters, page=page, size=ROWS_A_PAGE)
        return await self._page(tenant, lane, rows.LISTED, query)

    async def all_contacts(
        self, tenant: TenantId, *, page: int, lane: Lane
    ) -> ListPage[LiveContact]:
        """A page of all contacts, by id, archived included."""
        filters = {"includeArchived": "true", "order": "ContactID ASC"}
        query = _query("/Contacts", filters, page=page, size=ROWS_A_PAGE)
        return await self._swept(tenant, query, lane, rows.CONTACTS)

    async def invoices_dated(
        self,
        tenant: TenantId,
        since_on: date | None,
        before_on: date | None,
        *,
        page: int,
        lane: Lane,
    ) -> ListPage[LiveInvoice]:
        """A page of sales invoices dated in a range in full: by id, so that a change moves none."""
        condition = wire_summaries.dated(since_on, before_on)
        filters = {"where": condition, "unitdp": "4", "order": "InvoiceID ASC"}
        query = _query("/Invoices", filters, page=page, size=ROWS_A_PAGE)
        return _not_ahead(await self._invoice_page(tenant, lane, query))

    async def _swept(
        self, tenant: TenantId, query: Query, lane: Lane, kind: Kind[_R]
    ) -> ListPage[_R]:
        return _not_ahead(await self._page(tenant, lane, kind, query))


def _not_ahead(page: ListPage[_R]) -> ListPage[_R]:
    return replace(page, rows=tuple(listing.not_ahead(page.rows, page.as_of)))


def _query(
    path: str,
    filters: Mapping[str, str],
    *,
    page: int,
    size: int = CHANGES_A_PAGE,
    since: datetime | None = None,
) -> Query:
    operation = "sweep_invoices" if path == "/Invoices" else "sweep_contacts"
    return Query(
        operation=operation, path=path, filters=filters, page=page, page_size=size, since=since
    )


def _newest(page: ListPage[InvoiceSummary] | ListPage[LiveContact]) -> datetime | None:
    """When its only row was changed; what cannot be read may have changed at any time."""
    if page.unread:
        return _AT_ANY_TIME
    return page.rows[0].updated_at if page.rows else None

"""The sweeping part of the Ledger port: what changed since, page by page, and summaries by date.

Called through `ledger`. Where to read next is the engine's to say (`rules.sweep`): a page here is
one call, so that a sweep can stop, be killed and go on between any two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, TypeVar

import anyio
import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.rules.allowance import Lane
from syncd.ports.ledger_sweeps import ListPage
from syncd.xero import listing, wire, wire_contacts, wire_invoices, wire_summaries
from syncd.xero.client import Call, XeroClient
from syncd.xero.listing import Dated, Query
from syncd.xero.wire import PagingWire

ROWS_A_PAGE = 1000
"""The most Xero gives (facts §3.4)."""
ROWS_A_TURN = 100
"""So many rows are taken apart before others on the loop have their turn."""
_SALES = f'Type=="{wire_invoices.SALES}"'
_OLDEST_FIRST = {"order": "UpdatedDateUTC ASC"}
_NEWEST_FIRST = {"order": "UpdatedDateUTC DESC"}
_R = TypeVar("_R", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    rows: list[Any]
    pagination: PagingWire | None = None
    as_of: datetime | None = None


class XeroSweeps:
    """Reads pages of changes and summaries."""

    def __init__(self, client: XeroClient) -> None:
        self._sweeping = client

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
        found = await self._rows(tenant, query, lane, _invoices)
        return await _page(query, found, lambda row: wire_invoices.to_live(row, is_whole=True))

    async def contact_changes(
        self, tenant: TenantId, since: datetime, *, page: int, lane: Lane
    ) -> ListPage[LiveContact]:
        """A page of the contacts anyone changed since, oldest change first, archived included."""
        filters = {"includeArchived": "true", **_OLDEST_FIRST}
        query = _query("/Contacts", filters, page=page, since=since)
        found = await self._rows(tenant, query, lane, _contacts)
        return await _page(query, found, wire_contacts.to_live)

    async def newest_invoice_change(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> datetime | None:
        """When a sales invoice was last changed: one row, without its lines."""
        filters = {"where": _SALES, "summaryOnly": "true", **_NEWEST_FIRST}
        query = _query("/Invoices", filters, page=1, size=1, since=since)
        found = await self._rows(tenant, query, lane, _summaries)
        return _newest(found)

    async def newest_contact_change(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> datetime | None:
        """When a contact was last changed: one row."""
        filters = {"includeArchived": "true", "summaryOnly": "true", **_NEWEST_FIRST}
        query = _query("/Contacts", filters, page=1, size=1, since=since)
        found = await self._rows(tenant, query, lane, _contacts)
        return _newest(found)

    async def invoice_summaries(
        self, tenant: TenantId, since_on: date, before_on: date | None, *, page: int, lane: Lane
    ) -> ListPage[InvoiceSummary]:
        """A page of up to 1,000 sales invoices dated in a range, by id, without their lines."""
        condition = wire_summaries.dated(since_on, before_on)
        filters = {"where": condition, "summaryOnly": "true", "order": "InvoiceID ASC"}
        query = _query("/Invoices", filters, page=page, size=ROWS_A_PAGE)
        found = await self._rows(tenant, query, lane, _summaries)
        return await _page(query, found, wire_summaries.to_summary)

    async def all_invoices(
        self, tenant: TenantId, *, page: int, lane: Lane
    ) -> ListPage[LiveInvoice]:
        """A page of all sales invoices in full: by id, so that a change moves no row."""
        filters = {"where": _SALES, "unitdp": "4", "order": "InvoiceID ASC"}
        query = _query("/Invoices", filters, page=page, size=ROWS_A_PAGE)
        found = await self._rows(tenant, query, lane, _invoices)
        return await _page(query, found, lambda row: wire_invoices.to_live(row, is_whole=True))

    async def all_contacts(
        self, tenant: TenantId, *, page: int, lane: Lane
    ) -> ListPage[LiveContact]:
        """A page of all contacts, by id, archived included."""
        filters = {"includeArchived": "true", "order": "ContactID ASC"}
        query = _query("/Contacts", filters, page=page, size=ROWS_A_PAGE)
        found = await self._rows(tenant, query, lane, _contacts)
        return await _page(query, found, wire_contacts.to_live)

    async def invoices_dated(
        self, tenant: TenantId, since_on: date, before_on: date | None, *, page: int, lane: Lane
    ) -> ListPage[LiveInvoice]:
        """A page of up to 1,000 sales invoices dated in a range, by id, in full."""
        condition = wire_summaries.dated(since_on, before_on)
        filters = {"where": condition, "unitdp": "4", "order": "InvoiceID ASC"}
        query = _query("/Invoices", filters, page=page, size=ROWS_A_PAGE)
        found = await self._rows(tenant, query, lane, _invoices)
        return await _page(query, found, lambda row: wire_invoices.to_live(row, is_whole=True))

    async def _rows(
        self, tenant: TenantId, query: Query, lane: Lane, read: Callable[[bytes, str], _Rows]
    ) -> _Rows:
        """The answer's rows; 304 says that there are none (facts §3.4)."""
        call = Call(
            operation=query.operation,
            method="GET",
            target=query.target,
            lane=lane,
            modified_since=query.modified_since,
        )
        response = await self._sweeping.request(tenant, call)
        if response.status == HTTPStatus.NOT_MODIFIED or not response.body:
            return _Rows(rows=[])
        return read(response.body, query.operation)


async def _page(query: Query, found: _Rows, to_row: Callable[[Any], _R]) -> ListPage[_R]:
    """The page in our words, some rows at a time."""
    rows: list[_R] = []
    for start in range(0, len(found.rows), ROWS_A_TURN):
        rows += map(to_row, found.rows[start : start + ROWS_A_TURN])
        await anyio.lowlevel.checkpoint()
    paging = found.pagination
    return ListPage(
        rows=tuple(listing.not_ahead(rows, found.as_of)),
        last_at=rows[-1].updated_at if rows else None,
        as_of=found.as_of,
        is_last=listing.is_last(paging, query, len(rows)),
        count=len(rows) if paging is None else max(paging.item_count, len(rows)),
    )


def _query(
    path: str,
    filters: Mapping[str, str],
    *,
    page: int,
    size: int = listing.PAGE_SIZE,
    since: datetime | None = None,
) -> Query:
    operation = "sweep_invoices" if path == "/Invoices" else "sweep_contacts"
    return Query(
        operation=operation, path=path, filters=filters, page=page, page_size=size, since=since
    )


def _newest(found: _Rows) -> datetime | None:
    if not found.rows:
        return None
    return wire.read_instant(found.rows[0].updated_date_utc, "UpdatedDateUTC")


def _decoding(decoder: msgspec.json.Decoder[Any], element: str) -> Callable[[bytes, str], _Rows]:
    def read(body: bytes, operation: str) -> _Rows:
        found = wire.decode(decoder, body, operation)
        rows = getattr(found, element)
        return _Rows(rows=rows, pagination=found.pagination, as_of=found.as_of)

    return read


_invoices = _decoding(wire_invoices.READ, "invoices")
_contacts = _decoding(wire_contacts.READ, "contacts")
_summaries = _decoding(wire_summaries.READ, "invoices")

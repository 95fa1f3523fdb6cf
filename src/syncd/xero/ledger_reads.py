"""The reading half of the Ledger port: what stands in Xero, and what its organisation allows.

Called through `ledger`. Ids go 40 to a call, for more make the address too long; a read always
names a page and `unitdp=4`, else lines or decimals are missing (facts §3.4, §3.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from syncd.domain.ids import TenantId, XeroContactId, XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.explanation import XeroNote
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.clock import Clock
from syncd.ports.ledger_sweeps import ListPage
from syncd.ports.rows import Rows, Unread, plain
from syncd.xero import listing, rows, where, wire_invoices
from syncd.xero.client import XeroClient, XeroRequest
from syncd.xero.listing import Dated, Query
from syncd.xero.rows import Kind
from syncd.xero.wire_history import to_notes
from syncd.xero.wire_settings import SettingsBodies, to_settings

MOST_IDS = 40
_FOUR_PLACES = {"unitdp": "4"}
_ARCHIVED_TOO = {"includeArchived": "true"}
_BY_CHANGE = {"order": "UpdatedDateUTC ASC"}
_SALES = {"where": f'Type=="{wire_invoices.SALES}"'}


_T = TypeVar("_T", bound=Dated)


class XeroReads:
    """Reads invoices, contacts and settings."""

    def __init__(self, client: XeroClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def settings(self, tenant: TenantId, *, lane: Lane) -> OrganisationSettings:
        """Organisation, accounts, tax rates, currencies and tracking, in five calls."""
        read_at = self._clock.now()

        async def body(operation: str, target: str) -> bytes:
            call = XeroRequest(operation=operation, method="GET", target=target, lane=lane)
            return (await self._client.request(tenant, call)).body

        bodies = SettingsBodies(
            organisation=await body("read_organisation", "/Organisation"),
            accounts=await body("read_accounts", "/Accounts"),
            tax_rates=await body("read_tax_rates", "/TaxRates"),
            currencies=await body("read_currencies", "/Currencies"),
            tracking=await body("read_tracking", "/TrackingCategories"),
        )
        return to_settings(bodies, read_at=read_at)

    async def invoices_by_id(
        self, tenant: TenantId, ids: Sequence[XeroInvoiceId], *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """In full; an id that the answer `lacks` is absent in Xero."""
        return await self._invoices(tenant, lane, _by_ids(ids))

    async def invoice_history(
        self, tenant: TenantId, invoice: XeroInvoiceId, *, lane: Lane
    ) -> tuple[XeroNote, ...]:
        """Who did what to one invoice in Xero, oldest first; one call."""
        operation, target = "read_history", f"/Invoices/{invoice}/History"
        call = XeroRequest(operation=operation, method="GET", target=target, lane=lane)
        return to_notes((await self._client.request(tenant, call)).body, operation)

    async def invoices_by_number(
        self, tenant: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """Every sales invoice with one of these numbers, whatever its status, in full.

        A number is compared as people read it: without regard to case and outer blanks.
        """
        distinct = list(dict.fromkeys(number for number in numbers if number.strip()))
        ordinary = [number for number in distinct if where.fits_list(number)]
        awkward = [number for number in distinct if not where.fits_list(number)]
        filters = [{"InvoiceNumbers": some} for some in where.chunks(ordinary, ",")]
        conditions = [where.same("InvoiceNumber", number) for number in awkward]
        filters += [{"where": some} for some in where.chunks(conditions, " OR ")]
        wanted = frozenset(map(plain, distinct))
        found = await self._invoices(tenant, lane, filters)
        sales = (one for one in found if one.type == wire_invoices.SALES)
        return _distinct((one for one in sales if plain(one.number) in wanted), found.unread)

    async def invoices_by_app_since(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """What this app created and anyone modified since, in full, the newest state of each."""
        return await self._invoices_since(tenant, since, {"createdByMyApp": "true"}, lane)

    async def invoices_modified_since(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """Every sales invoice anyone modified since, in full, the newest state of each."""
        return await self._invoices_since(tenant, since, {}, lane)

    async def contacts_by_id(
        self, tenant: TenantId, ids: Sequence[XeroContactId], *, lane: Lane
    ) -> Rows[LiveContact]:
        """In full, archived ones and `merged_to` included."""
        return await self._contacts(tenant, lane, _by_ids(ids))

    async def contacts_by_number(
        self, tenant: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """By ContactNumber (our mark), archived included."""
        return await self._contacts_by(tenant, lane, "ContactNumber", numbers, lambda c: c.number)

    async def contacts_by_account_number(
        self, tenant: TenantId, account_numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """By AccountNumber (the customer's reference), archived included."""
        return await self._contacts_by(
            tenant, lane, "AccountNumber", account_numbers, lambda c: c.account_number
        )

    async def contacts_by_name(
        self, tenant: TenantId, names: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """By name, without regard to case, archived included."""
        return await self._contacts_by(tenant, lane, "Name", names, lambda c: c.name)

    async def _invoices(
        self, tenant: TenantId, lane: Lane, filters: Iterable[Mapping[str, str]]
    ) -> Rows[LiveInvoice]:
        return await self._all(
            tenant,
            lane,
            rows.INVOICES,
            [
                Query(operation="read_invoices", path="/Invoices", filters={**some, **_FOUR_PLACES})
                for some in filters
            ],
        )

    async def _invoices_since(
        self, tenant: TenantId, since: datetime, filters: Mapping[str, str], lane: Lane
    ) -> Rows[LiveInvoice]:
        query = Query(
            operation="read_invoices",
            path="/Invoices",
            filters={**filters, **_SALES, **_FOUR_PLACES, **_BY_CHANGE},
            since=since,
        )
        newest: dict[str, LiveInvoice] = {}
        unread: list[Unread] = []
        async for page in listing.by_change(self._reading(tenant, lane, rows.INVOICES), query):
            newest.update((row.id, row) for row in page.rows)
            unread += page.unread
        sales = (one for one in newest.values() if one.type == wire_invoices.SALES)
        return Rows(sales, dict.fromkeys(unread))

    async def _contacts_by(
        self,
        tenant: TenantId,
        lane: Lane,
        field: str,
        texts: Sequence[str],
        text_of: Callable[[LiveContact], str],
    ) -> Rows[LiveContact]:
        distinct = list(dict.fromkeys(text for text in texts if text.strip()))
        conditions = [where.same(field, text) for text in distinct]
        filters = [{"where": some} for some in where.chunks(conditions, " OR ")]
        wanted = frozenset(map(plain, distinct))
        found = await self._contacts(tenant, lane, filters)
        return _distinct((one for one in found if plain(text_of(one)) in wanted), found.unread)

    async def _contacts(
        self, tenant: TenantId, lane: Lane, filters: Iterable[Mapping[str, str]]
    ) -> Rows[LiveContact]:
        return await self._all(
            tenant,
            lane,
            rows.CONTACTS,
            [
                Query(
                    operation="read_contacts", path="/Contacts", filters={**some, **_ARCHIVED_TOO}
                )
                for some in filters
            ],
        )

    async def _all(
        self, tenant: TenantId, lane: Lane, kind: Kind[_T], queries: Iterable[Query]
    ) -> Rows[_T]:
        """Every row of these lists."""
        found: list[_T] = []
        unread: list[Unread] = []
        for query in queries:
            async for page in listing.every_page(self._reading(tenant, lane, kind), query):
                found += page.rows
                unread += page.unread
        return Rows(found, unread)

    def _reading(self, tenant: TenantId, lane: Lane, kind: Kind[_T]) -> listing.Read[_T]:
        async def read(query: Query) -> ListPage[_T]:
            return await rows.page_of(partial(self._listed, tenant, lane), kind, query)

        return read

    async def _listed(self, tenant: TenantId, lane: Lane, query: Query) -> bytes:
        """The answer's body; empty for 304, which says that nothing is there (facts §3.4)."""
        call = XeroRequest(
            operation=query.operation,
            method="GET",
            target=query.target,
            lane=lane,
            modified_since=query.modified_since,
        )
        response = await self._client.request(tenant, call)
        return b"" if response.status == HTTPStatus.NOT_MODIFIED else response.body


def _by_ids(ids: Sequence[str]) -> list[dict[str, str]]:
    distinct = list(dict.fromkeys(ids))
    return [{"IDs": some} for some in where.chunks(distinct, ",", most_parts=MOST_IDS)]


def _distinct(found: Iterable[_T], unread: Iterable[Unread]) -> Rows[_T]:
    return Rows({one.id: one for one in found}.values(), unread)

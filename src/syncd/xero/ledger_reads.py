"""The reading half of the Ledger port: what stands in Xero, and what its organisation allows.

Called through `ledger`. Ids go 40 to a call, for more make the address too long; a read always
names a page and `unitdp=4`, else lines or decimals are missing (facts §3.4, §3.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Protocol, TypeVar

from syncd.domain.ids import TenantId, XeroContactId, XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.model.story import XeroNote
from syncd.domain.rules.allowance import Lane
from syncd.ports.clock import Clock
from syncd.xero import listing, where, wire, wire_contacts, wire_invoices
from syncd.xero.client import Call, XeroClient
from syncd.xero.listing import Page, Query
from syncd.xero.wire_history import to_notes
from syncd.xero.wire_settings import SettingsBodies, to_settings

MOST_IDS = 40
_FOUR_PLACES = {"unitdp": "4"}
_ARCHIVED_TOO = {"includeArchived": "true"}
_BY_CHANGE = {"order": "UpdatedDateUTC ASC"}
_SALES = {"where": f'Type=="{wire_invoices.SALES}"'}


class _Own(Protocol):
    @property
    def id(self) -> str: ...


_I = TypeVar("_I", bound=str)
_T = TypeVar("_T", bound=_Own)


class XeroReads:
    """Reads invoices, contacts and settings."""

    def __init__(self, client: XeroClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def settings(self, tenant: TenantId, *, lane: Lane) -> OrganisationSettings:
        """Organisation, accounts, tax rates, currencies and tracking, in five calls."""
        read_at = self._clock.now()

        async def body(operation: str, target: str) -> bytes:
            call = Call(operation=operation, method="GET", target=target, lane=lane)
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
    ) -> Mapping[XeroInvoiceId, LiveInvoice]:
        """In full; an id that is not in the answer is absent in Xero."""
        found = await self._invoices(tenant, lane, _by_ids(ids))
        return _by_own_id(ids, found)

    async def invoice_history(
        self, tenant: TenantId, invoice: XeroInvoiceId, *, lane: Lane
    ) -> tuple[XeroNote, ...]:
        """Who did what to one invoice in Xero, oldest first; one call."""
        operation, target = "read_history", f"/Invoices/{invoice}/History"
        call = Call(operation=operation, method="GET", target=target, lane=lane)
        return to_notes((await self._client.request(tenant, call)).body, operation)

    async def invoices_by_number(
        self, tenant: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> tuple[LiveInvoice, ...]:
        """Every sales invoice with one of these numbers, whatever its status, in full.

        A number is compared as people read it: without regard to case and outer blanks.
        """
        distinct = list(dict.fromkeys(number for number in numbers if number.strip()))
        plain = [number for number in distinct if where.fits_list(number)]
        awkward = [number for number in distinct if not where.fits_list(number)]
        filters = [{"InvoiceNumbers": some} for some in where.chunks(plain, ",")]
        conditions = [where.same("InvoiceNumber", number) for number in awkward]
        filters += [{"where": some} for some in where.chunks(conditions, " OR ")]
        wanted = frozenset(_plain(number) for number in distinct)
        found = await self._invoices(tenant, lane, filters)
        sales = (one for one in found if one.type == wire_invoices.SALES)
        return _distinct(one for one in sales if _plain(one.number) in wanted)

    async def invoices_by_app_since(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> tuple[LiveInvoice, ...]:
        """What this app created and anyone modified since, in full, the newest state of each."""
        return await self._invoices_since(tenant, since, {"createdByMyApp": "true"}, lane)

    async def invoices_modified_since(
        self, tenant: TenantId, since: datetime, *, lane: Lane
    ) -> tuple[LiveInvoice, ...]:
        """Every sales invoice anyone modified since, in full, the newest state of each."""
        return await self._invoices_since(tenant, since, {}, lane)

    async def contacts_by_id(
        self, tenant: TenantId, ids: Sequence[XeroContactId], *, lane: Lane
    ) -> Mapping[XeroContactId, LiveContact]:
        """In full, archived ones and `merged_to` included."""
        found = await self._contacts(tenant, lane, _by_ids(ids))
        return _by_own_id(ids, found)

    async def contacts_by_number(
        self, tenant: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> tuple[LiveContact, ...]:
        """By ContactNumber (our mark), archived included."""
        return await self._contacts_by(tenant, lane, "ContactNumber", numbers, lambda c: c.number)

    async def contacts_by_account_number(
        self, tenant: TenantId, account_numbers: Sequence[str], *, lane: Lane
    ) -> tuple[LiveContact, ...]:
        """By AccountNumber (the customer's reference), archived included."""
        return await self._contacts_by(
            tenant, lane, "AccountNumber", account_numbers, lambda c: c.account_number
        )

    async def contacts_by_name(
        self, tenant: TenantId, names: Sequence[str], *, lane: Lane
    ) -> tuple[LiveContact, ...]:
        """By name, without regard to case, archived included."""
        return await self._contacts_by(tenant, lane, "Name", names, lambda c: c.name)

    async def _invoices(
        self, tenant: TenantId, lane: Lane, filters: Iterable[Mapping[str, str]]
    ) -> list[LiveInvoice]:
        found: list[LiveInvoice] = []
        for some in filters:
            query = Query(
                operation="read_invoices", path="/Invoices", filters={**some, **_FOUR_PLACES}
            )
            found += await listing.every_page(self._invoice_page(tenant, lane), query)
        return found

    async def _invoices_since(
        self, tenant: TenantId, since: datetime, filters: Mapping[str, str], lane: Lane
    ) -> tuple[LiveInvoice, ...]:
        query = Query(
            operation="read_invoices",
            path="/Invoices",
            filters={**filters, **_SALES, **_FOUR_PLACES, **_BY_CHANGE},
            since=since,
        )
        newest: dict[str, LiveInvoice] = {}
        async for rows in listing.by_change(self._invoice_page(tenant, lane), query):
            newest.update((row.id, row) for row in rows)
        return tuple(one for one in newest.values() if one.type == wire_invoices.SALES)

    async def _contacts_by(
        self,
        tenant: TenantId,
        lane: Lane,
        field: str,
        texts: Sequence[str],
        text_of: Callable[[LiveContact], str],
    ) -> tuple[LiveContact, ...]:
        distinct = list(dict.fromkeys(text for text in texts if text.strip()))
        conditions = [where.same(field, text) for text in distinct]
        filters = [{"where": some} for some in where.chunks(conditions, " OR ")]
        wanted = frozenset(_plain(text) for text in distinct)
        found = await self._contacts(tenant, lane, filters)
        return _distinct(one for one in found if _plain(text_of(one)) in wanted)

    async def _contacts(
        self, tenant: TenantId, lane: Lane, filters: Iterable[Mapping[str, str]]
    ) -> list[LiveContact]:
        found: list[LiveContact] = []
        for some in filters:
            query = Query(
                operation="read_contacts", path="/Contacts", filters={**some, **_ARCHIVED_TOO}
            )
            found += await listing.every_page(self._contact_page(tenant, lane), query)
        return found

    def _invoice_page(self, tenant: TenantId, lane: Lane) -> listing.Read[LiveInvoice]:
        async def read(query: Query) -> Page[LiveInvoice]:
            body = await self._listed(tenant, lane, query)
            if not body:
                return Page(rows=(), is_last=True)
            found = wire.decode(wire_invoices.READ, body, query.operation)
            rows = [wire_invoices.to_live(one, is_whole=True) for one in found.invoices]
            is_last = listing.is_last(found.pagination, query, len(rows))
            return Page(rows=rows, is_last=is_last, as_of=found.as_of)

        return read

    def _contact_page(self, tenant: TenantId, lane: Lane) -> listing.Read[LiveContact]:
        async def read(query: Query) -> Page[LiveContact]:
            body = await self._listed(tenant, lane, query)
            if not body:
                return Page(rows=(), is_last=True)
            found = wire.decode(wire_contacts.READ, body, query.operation)
            rows = [wire_contacts.to_live(one) for one in found.contacts]
            is_last = listing.is_last(found.pagination, query, len(rows))
            return Page(rows=rows, is_last=is_last, as_of=found.as_of)

        return read

    async def _listed(self, tenant: TenantId, lane: Lane, query: Query) -> bytes:
        """The answer's body; empty for 304, which says that nothing is there (facts §3.4)."""
        call = Call(
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


def _by_own_id(ids: Sequence[_I], found: Iterable[_T]) -> dict[_I, _T]:
    """What was found, under the ids as they were asked for."""
    by_id = {one.id.casefold(): one for one in found}
    return {own: by_id[own.casefold()] for own in ids if own.casefold() in by_id}


def _distinct(found: Iterable[_T]) -> tuple[_T, ...]:
    return tuple({one.id: one for one in found}.values())


def _plain(text: str) -> str:
    return text.strip().casefold()

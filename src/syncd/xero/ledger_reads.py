"""The reading half of the Ledger port: what stands in Xero, and what its organisation allows.

Called through `ledger`. Ids go 40 to a call, for more make the address too long, and numbers, which
are shorter, as many as a page has rows; a read always names a page and `unitdp=4`, else lines or
decimals are missing (facts §3.4, §3.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId, XeroContactId, XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.explanation import XeroNote
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.settings import OrganisationSettings
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.clock import Clock
from syncd.ports.ledger import ContactText
from syncd.ports.rows import Rows, Unread, plain
from syncd.xero import listing, rows, where, wire, wire_invoices
from syncd.xero.client import XeroClient
from syncd.xero.ledger_part import LedgerPart
from syncd.xero.listing import ByChange, Dated, Query, Read
from syncd.xero.wire_history import to_notes
from syncd.xero.wire_settings import READS, to_settings

MOST_IDS = 40
_FOUR_PLACES = {"unitdp": "4"}
_OUR_APPS = {"createdByMyApp": "true"}
_ARCHIVED_TOO = {"includeArchived": "true"}
_LOOKED_UP = {
    ContactText.NUMBER: "ContactNumber",
    ContactText.ACCOUNT_NUMBER: "AccountNumber",
    ContactText.NAME: "Name",
}
_BELIEVED_FOR = timedelta(minutes=30)
"""A row that nobody has touched shows what it showed, but for the changes that move no time."""
_BY_CHANGE = {"order": "UpdatedDateUTC ASC"}
_SALES = {"where": f'Type=="{wire_invoices.SALES}"'}


_T = TypeVar("_T", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Invoices modified since an instant, as far as they were read."""

    since: datetime
    begun_at: datetime
    seek: ByChange[LiveInvoice]
    newest: dict[str, LiveInvoice] = field(default_factory=dict)
    unread: dict[Unread, None] = field(default_factory=dict)

    def serves(self, since: datetime, now: datetime) -> bool:
        """Whether it holds all that is asked for now, and nothing too old to be believed."""
        return self.since <= since and timedelta(0) <= now - self.begun_at < _BELIEVED_FOR


class XeroReads(LedgerPart):
    """Reads invoices, contacts and settings."""

    def __init__(self, client: XeroClient, *, clock: Clock) -> None:
        super().__init__(client, clock=clock)
        self._stopped: dict[tuple[TenantId, bool], _Reading] = {}

    async def settings(self, tenant: TenantId, *, lane: Lane) -> OrganisationSettings:
        """Organisation, accounts, tax rates, currencies and tracking, in five calls."""
        read_at = self._clock.now()
        bodies = {
            name: await self._read(tenant, lane, operation, path)
            for name, (operation, path) in READS.items()
        }
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
        target = f"/Invoices/{invoice}/History"
        return to_notes(await self._read(tenant, lane, "read_history", target))

    async def invoices_by_number(
        self, tenant: TenantId, numbers: Sequence[str], *, lane: Lane
    ) -> Rows[LiveInvoice]:
        """Every sales invoice with one of these numbers, whatever its status, in full.

        A number is compared as people read it: without regard to case and outer blanks.
        """
        distinct = list(dict.fromkeys(number for number in numbers if number.strip()))
        ordinary = [number for number in distinct if where.fits_list(number)]
        awkward = [number for number in distinct if not where.fits_list(number)]
        lists = where.chunks(ordinary, ",", most_parts=listing.PAGE_SIZE)
        filters = [{"InvoiceNumbers": some} for some in lists]
        conditions = [where.same("InvoiceNumber", number) for number in awkward]
        filters += [{"where": some} for some in where.chunks(conditions, " OR ")]
        wanted = frozenset(map(plain, distinct))
        found = await self._invoices(tenant, lane, filters)
        sales = (one for one in found if one.type == wire_invoices.SALES)
        return _distinct((one for one in sales if plain(one.number) in wanted), found.unread)

    async def invoices_since(
        self, tenant: TenantId, since: datetime, *, lane: Lane, of_our_app: bool = False
    ) -> Rows[LiveInvoice]:
        """Every sales invoice anyone modified since, in full, the newest state of each.

        In the largest pages: in a first sync these are thousands, and each page begins with rows of
        the last second of the one before. One that took more calls than were left goes on where it
        stopped, or it would never end.
        """
        reading = self._stopped.pop((tenant, of_our_app), None)
        if reading is None or not reading.serves(since, self._clock.now()):
            reading = self._reading(since, of_our_app=of_our_app)
        read = partial(self._invoice_page, tenant, lane)
        try:
            async for page in reading.seek.pages(read):
                reading.newest.update((row.id, row) for row in page.rows)
                reading.unread.update(dict.fromkeys(page.unread))
        except RemoteError:
            self._stopped[tenant, of_our_app] = reading
            raise
        sales = (one for one in reading.newest.values() if one.type == wire_invoices.SALES)
        return Rows(sales, reading.unread)

    def _reading(self, since: datetime, *, of_our_app: bool) -> _Reading:
        query = Query(
            operation="read_invoices",
            path="/Invoices",
            filters={**(_OUR_APPS if of_our_app else {}), **_SALES, **_FOUR_PLACES, **_BY_CHANGE},
            page_size=listing.ROWS_A_PAGE,
            since=since,
        )
        return _Reading(since=since, begun_at=self._clock.now(), seek=ByChange(query))

    async def contacts_by_id(
        self, tenant: TenantId, ids: Sequence[XeroContactId], *, lane: Lane
    ) -> Rows[LiveContact]:
        """In full, archived ones and `merged_to` included."""
        return await self._contacts(tenant, lane, _by_ids(ids))

    async def contacts_by(
        self, tenant: TenantId, text: ContactText, wanted: Sequence[str], *, lane: Lane
    ) -> Rows[LiveContact]:
        """Contacts with one of these texts, without regard to case, archived included."""
        distinct = list(dict.fromkeys(one for one in wanted if one.strip()))
        conditions = [where.same(_LOOKED_UP[text], one) for one in distinct]
        filters = [{"where": some} for some in where.chunks(conditions, " OR ")]
        known = frozenset(map(plain, distinct))
        found = await self._contacts(tenant, lane, filters)
        return _distinct((one for one in found if plain(getattr(one, text)) in known), found.unread)

    async def _invoices(
        self, tenant: TenantId, lane: Lane, filters: Iterable[Mapping[str, str]]
    ) -> Rows[LiveInvoice]:
        queries = [
            Query(operation="read_invoices", path="/Invoices", filters={**some, **_FOUR_PLACES})
            for some in filters
        ]
        return await _all(partial(self._invoice_page, tenant, lane), queries)

    async def _contacts(
        self, tenant: TenantId, lane: Lane, filters: Iterable[Mapping[str, str]]
    ) -> Rows[LiveContact]:
        queries = [
            Query(operation="read_contacts", path="/Contacts", filters={**some, **_ARCHIVED_TOO})
            for some in filters
        ]
        return await _all(partial(self._page, tenant, lane, rows.CONTACTS), queries)


async def _all(read: Read[_T], queries: Iterable[Query]) -> Rows[_T]:
    """Every row of these lists."""
    found: list[_T] = []
    unread: list[Unread] = []
    for query in queries:
        async for page in listing.every_page(read, query):
            found += page.rows
            unread += page.unread
    return Rows(found, unread)


def _by_ids(ids: Sequence[str]) -> list[dict[str, str]]:
    # What is no GUID stands nowhere; asked for, it makes Xero refuse all the others with it.
    distinct = list(dict.fromkeys(one for one in ids if wire.is_guid(one)))
    return [{"IDs": some} for some in where.chunks(distinct, ",", most_parts=MOST_IDS)]


def _distinct(found: Iterable[_T], unread: Iterable[Unread]) -> Rows[_T]:
    return Rows({one.id: one for one in found}.values(), unread)

"""What the parts of the Ledger port share: the client, and how they read through it.

Inherited by `ledger_reads`, `ledger_writes` and `ledger_sweeps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import TypeVar

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.rules.limits.allowance import Lane
from syncd.ports.clock import Clock
from syncd.ports.ledger_sweeps import ListPage
from syncd.ports.rows import Own
from syncd.xero import rows, where, wire_credits
from syncd.xero.client import XeroClient, XeroRequest
from syncd.xero.listing import Query
from syncd.xero.rows import Kind
from syncd.xero.settled_days import SettledDays

_R = TypeVar("_R", bound=Own)


class LedgerPart:
    """Reads for one tenant at a time, in the lane it is told."""

    def __init__(self, client: XeroClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._settled = SettledDays(clock=clock)
        self._clock_ahead = timedelta(0)

    @property
    def clock_ahead(self) -> timedelta:
        """How far our clock was ahead of Xero's by its latest list; behind: negative."""
        return self._clock_ahead

    async def _read(
        self,
        tenant: TenantId,
        lane: Lane,
        operation: str,
        target: str,
        modified_since: str | None = None,
    ) -> bytes:
        """The answer's body; empty for 304, which says that nothing is there (facts §3.4)."""
        call = XeroRequest(
            operation=operation,
            method="GET",
            target=target,
            lane=lane,
            modified_since=modified_since,
        )
        response = await self._client.request(tenant, call)
        return b"" if response.status == HTTPStatus.NOT_MODIFIED else response.body

    async def _page(
        self, tenant: TenantId, lane: Lane, kind: Kind[_R], query: Query
    ) -> ListPage[_R]:
        """One page of a list, in our words."""

        async def ask(some: Query) -> bytes:
            return await self._read(tenant, lane, some.operation, some.target, some.modified_since)

        page = await rows.page_of(ask, kind, query)
        if page.as_of is not None:
            self._clock_ahead = self._clock.now() - page.as_of
        return page

    async def _invoice_page(
        self, tenant: TenantId, lane: Lane, query: Query
    ) -> ListPage[LiveInvoice]:
        """One page of invoices in full, each credit on them dated when it settled.

        That takes a call more for about twenty credits of a kind that are new or were changed.
        """
        page = await self._page(tenant, lane, rows.INVOICES, query)
        found = await self._days_settled(tenant, lane, page.rows)
        return replace(page, rows=tuple(wire_credits.dated(one, found) for one in page.rows))

    async def _days_settled(
        self, tenant: TenantId, lane: Lane, invoices: Sequence[LiveInvoice]
    ) -> dict[wire_credits.Settled, date]:
        known = self._settled.known(tenant, invoices)
        found: dict[wire_credits.Settled, date] = {}
        for kind in wire_credits.CREDITS:
            own = wire_credits.named(kind, invoices, known)
            conditions = [wire_credits.condition(kind, one) for one in own]
            for some in where.chunks(conditions, " OR "):
                query = Query(
                    operation="read_credits", path=wire_credits.path(kind), filters={"where": some}
                )
                body = await self._read(tenant, lane, query.operation, query.target)
                found |= wire_credits.days(body, kind)
        self._settled.keep(tenant, invoices, found)
        return known | found

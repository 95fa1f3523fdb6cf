"""The Billing port over Pipeline's sync API: the feed, point reads, and results written back.

Called by the engine's intake, contacts and write-back rooms (Pipeline: sync-api.yaml).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, TenantId
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.model.result import RevisedResult
from syncd.pipeline import wire, wire_feed
from syncd.pipeline.client import PipelineClient, PipelineRequest
from syncd.pipeline.results import encode
from syncd.ports.billing import ChangePage, PutAnswer

MOST_RESULTS = 200
"""What one `POST /sync-results` takes."""


class PipelineBilling:
    """Reads Pipeline and writes results back."""

    def __init__(self, client: PipelineClient) -> None:
        self._client = client

    async def changes_since(
        self, tenant: TenantId, cursor: str | None, *, limit: int
    ) -> ChangePage:
        """The next page of the feed. Raises CursorTooOld on 410, TooLong for too long a page.

        An entry asked for alone is read however long it is, up to 64 MiB: what is longer in it than
        the contract allows is cut, so that it is unreadable by name, and the feed goes on.
        """
        query = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
        target = f"/changes?{urlencode(query)}"
        body = await self._client.request(
            tenant,
            PipelineRequest(
                operation="list_changes",
                method="GET",
                target=target,
                is_feed=True,
                is_abridged=limit == 1,
            ),
        )
        return wire_feed.read_page(body)

    async def invoice(self, tenant: TenantId, invoice: PipelineInvoiceId) -> Invoice:
        """A point read. Raises NotFound on a good 404, Garbled for another's."""
        body = await self._point_read(tenant, "invoice", invoice)
        return wire.its_own(wire.read_invoice(body), invoice)

    async def customer(self, tenant: TenantId, customer: PipelineCustomerId) -> Customer:
        """A point read. Raises NotFound on a good 404, Garbled for another's."""
        body = await self._point_read(tenant, "customer", customer)
        return wire.its_own(wire.read_customer(body), customer)

    async def put_results(
        self, tenant: TenantId, results: Sequence[RevisedResult]
    ) -> tuple[PutAnswer | None, ...]:
        """Write up to 200 results; one answer each, in their order, None where it is unreadable.

        Raises Refused with status 413 when they are too many bytes together.
        """
        assert len(results) <= MOST_RESULTS, f"{len(results)} results in one call"
        if not results:
            return ()
        asked = PipelineRequest(
            operation="put_sync_results",
            method="POST",
            target="/sync-results",
            body=b'{"results":[%s]}' % b",".join(map(encode, results)),
        )
        return wire_feed.read_put_answers(await self._client.request(tenant, asked), len(results))

    async def _point_read(self, tenant: TenantId, kind: str, own_id: str) -> bytes:
        return await self._client.request(
            tenant,
            PipelineRequest(
                operation=f"get_{kind}",
                method="GET",
                target=f"/{kind}s/{quote(own_id, safe='')}",
                is_point_read=True,
            ),
        )

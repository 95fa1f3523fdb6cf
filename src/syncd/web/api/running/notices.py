"""What webhooks brought and how they stand, over HTTP.

Called by `api`, which knows the tenants.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from syncd.domain.model.value import like
from syncd.engine.loops.schedule import SWEEPER
from syncd.engine.operator.operations import NOTICES_FROM
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http import listing
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role


class WebhookNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice. `id` and `label` are of the invoice or customer it is about, where one is ours.

    `verdict` says what became of it; null while it has work left.
    """

    seq: int
    source: str
    category: str
    event: str
    happened_at: dt.datetime
    received_at: dt.datetime
    verdict: str | None
    xero_id: str | None
    id: str | None
    label: str | None


class WebhookNotices(msgspec.Struct, frozen=True, kw_only=True):
    """Notices newest first; `next_before` leads to the page after this, null at the end."""

    items: list[WebhookNotice]
    next_before: int | None


class CountGap(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of Xero's running count that did not come, both included, open since `noted_at`."""

    first: int
    last: int
    noted_at: dt.datetime


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A change that a sweep found and no webhook had announced in time."""

    noticed_at: dt.datetime
    xero_id: str
    kind: str | None
    id: str | None
    label: str | None


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of sweep: when it last ended, and whether it is under way."""

    task: str
    ended_at: dt.datetime | None
    working: bool


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """How a tenant's webhooks stand; `gaps` are of the app's one count, for all tenants.

    `next_sweep_at` is when the next sweep of any kind is due.
    """

    last_xero_at: dt.datetime | None
    last_pipeline_at: dt.datetime | None
    feed_read_at: dt.datetime
    gaps: list[CountGap]
    missed: list[Missed]
    sweeps: list[Sweep]
    next_sweep_at: dt.datetime | None


class Noticing(Handlers):
    """What webhooks brought."""

    async def notices(self, request: web.Request) -> WebhookNotices:
        """A page of notices, newest first."""
        tenant, query = self._asked(request), request.query
        before = listing.number_of(query, "before") or NOTICES_FROM
        limit = listing.wanted({"limit": query.get("limit", "")}).limit
        found = await self._operations.notices(
            tenant,
            before=before,
            source=listing.source_of(query),
            outcome=listing.verdict_of(query),
            limit=limit + 1,
        )
        page = found[:limit]
        items = [
            like(
                WebhookNotice,
                one,
                seq=one.id,
                id=one.key,
                verdict=one.outcome,
                xero_id=one.resource_id if one.source == "xero" else None,
            )
            for one in page
        ]
        return WebhookNotices(items=items, next_before=page[-1].id if len(found) > limit else None)

    async def standing(self, request: web.Request) -> Webhooks:
        """How they stand."""
        tenant = self._asked(request)
        found = await self._operations.webhooks(tenant)
        planned = self._operations.planned()
        due = [one.next_run_at for one in planned if one.task == SWEEPER and one.tenant == tenant]
        return Webhooks(
            last_xero_at=found.xero_at,
            last_pipeline_at=found.pipeline_at,
            feed_read_at=found.feed_read_at,
            gaps=[like(CountGap, one) for one in found.gaps],
            missed=[like(Missed, one, id=one.key) for one in found.missed],
            sweeps=[like(Sweep, one, working=one.is_under_way) for one in found.sweeps],
            next_sweep_at=min(due, default=None),
        )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="listWebhooks", method="GET", path=TENANT + "/webhooks", role=Role.OFFICE,
                summary="What webhooks brought, newest first, and what became of each",
                query=("before", "source", "verdict", "limit"), answers=WebhookNotices,
                call=self.notices, refusals=(400, 404),
            ),
            Endpoint(
                name="getWebhooks", method="GET", path=TENANT + "/webhooks/standing",
                role=Role.OFFICE, summary="How webhooks stand: last ones, gaps, misses, sweeps",
                answers=Webhooks, call=self.standing, refusals=(404,),
            ),
        )  # fmt: skip

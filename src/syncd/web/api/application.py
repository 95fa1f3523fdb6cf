"""The operator API under /api/v1, and the two listeners' applications around it.

Every operation is a row of `endpoints`; the handlers translate between HTTP and
`engine.operator.operations`, which knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version

import msgspec
from aiohttp import web

from syncd.domain.model.value import like
from syncd.engine.operator.operations import Operations
from syncd.ports.observer import Observer
from syncd.telemetry.health import Health
from syncd.web.api import shapes, shaping
from syncd.web.api.brakes import BrakeHandlers
from syncd.web.api.contacts import Contacting
from syncd.web.api.handlers import TENANT, TENANTS, Handlers, no_invoice
from syncd.web.api.journal import Audit
from syncd.web.api.mode import Switching
from syncd.web.api.overview import login_links
from syncd.web.api.overview.me import Identity
from syncd.web.api.overview.needs import Needing
from syncd.web.api.plans import Planning
from syncd.web.api.reconcile import Reconciliation
from syncd.web.api.reports import Reports
from syncd.web.api.resolve import Resolution
from syncd.web.api.running import event_stream, replicas, schedule, webhooks
from syncd.web.api.running.event_stream import EventStreams
from syncd.web.api.running.notices import Noticing
from syncd.web.api.running.report_files import KeptFiles
from syncd.web.api.running.served_tenants import Served
from syncd.web.api.running.settings import InForce
from syncd.web.api.running.works import Works
from syncd.web.api.samples import Sampled
from syncd.web.http import bodies, listing, openapi, probes
from syncd.web.http.beside import NOTHING_BESIDE, Beside
from syncd.web.http.endpoint import Endpoint, body_of, larger_bodies, needed_roles
from syncd.web.http.guard import OPERATOR, Operator, Role, guard
from syncd.web.http.problems import ProblemError, problems_as_answers

MOST_BODY_BYTES = 64 * 1024
"""An operator's order is a line of JSON."""
MOST_PUBLIC_BODY_BYTES = 1024 * 1024
"""Xero's and Pipeline's webhooks are far below it."""
PUBLIC_BODY_WITHIN_S = 5.0
"""Xero waits no longer for the answer (facts §6.1)."""


class Api(Handlers):
    """Tenants and invoices."""

    async def tenants(self, _: web.Request) -> shapes.Tenants:
        """Every tenant served; never more than fit one page."""
        found = await self._operations.tenants()
        return shapes.Tenants(items=[shaping.tenant(one) for one in found], next_cursor=None)

    async def tenant(self, request: web.Request) -> shapes.Tenant:
        """One tenant's card."""
        return shaping.tenant(await self._operations.tenant(self._asked(request)))

    async def connect(self, request: web.Request) -> shapes.ConsentUrl:
        """Connect to Xero."""
        offer = await self._operations.consent.start(self._asked(request), _who(request))
        return shapes.ConsentUrl(url=offer.url, expires_at=offer.expires_at)

    async def refresh(self, request: web.Request) -> shapes.Pressed:
        """Refresh Token."""
        tenant = self._asked(request)
        answer = await self._operations.commands.refresh(tenant, _who(request))
        if not answer.is_done:
            raise ProblemError(409, "Not refreshed", answer.message)
        return shaping.pressed(await self._operations.tenant(tenant), answer.message)

    async def disconnect(self, request: web.Request) -> shapes.Pressed:
        """Disconnect."""
        tenant = self._asked(request)
        answer = await self._operations.commands.disconnect(tenant, _who(request))
        if not answer.is_done:
            raise ProblemError(409, "Not disconnected", answer.message)
        return shaping.pressed(await self._operations.tenant(tenant), answer.message)

    async def invoices(self, request: web.Request) -> shapes.Invoices:
        """A page of invoices."""
        tenant = self._asked(request)
        page = await self._operations.invoices(tenant, listing.wanted(request.query))
        return shaping.invoices(page, listing.cursor_of(page))

    async def invoice(self, request: web.Request) -> shapes.InvoiceInFull:
        """One invoice's story."""
        key = request.match_info["invoice"]
        story = await self._operations.invoice(self._asked(request), key)
        if story is None:
            raise no_invoice(key)
        return shaping.invoice_in_full(story)

    async def unlisted(self, request: web.Request) -> shapes.Unlisted:
        """Why a number is in no listing."""
        found = await self._operations.unlisted(self._asked(request), request.match_info["number"])
        return like(shapes.Unlisted, found, elsewhere=[str(one) for one in found.elsewhere])

    async def retry(self, request: web.Request) -> shapes.Invoice:
        """Look at one invoice again now."""
        key = request.match_info["invoice"]
        standing = await self._operations.retry(self._asked(request), key, _who(request))
        if standing is None:
            raise no_invoice(key)
        return shaping.invoice(standing)

    async def retry_by_reason(self, request: web.Request) -> shapes.Released:
        """Look again at everything with one reason."""
        tenant = self._asked(request)
        reason = listing.reason_of((await body_of(request, shapes.RetryWanted)).reason)
        count = await self._operations.retry_by_reason(tenant, reason, _who(request))
        return shapes.Released(released=count)


def endpoints(operations: Operations, *, console_url: str | None = None) -> tuple[Endpoint, ...]:
    """All that the API can do, in reading order."""
    api = Api(operations)
    resources = (
        Served,
        Contacting,
        Needing,
        Switching,
        BrakeHandlers,
        Resolution,
        Reconciliation,
        Planning,
        Reports,
        Works,
        KeptFiles,
        Audit,
        Noticing,
        Identity,
        Sampled,
        InForce,
    )
    orders = [row for resource in resources for row in resource(operations).endpoints()]
    replay = webhooks.endpoints(operations.replay_webhooks)
    planned = (
        *schedule.endpoints(operations.planned),
        *replicas.endpoints(operations),
    )
    links = login_links.endpoints(operations, console_url=console_url)
    return (*_tenant_endpoints(api), *_document_endpoints(api), *orders, *replay, *planned, *links)


def application(
    operations: Operations,
    *,
    operators: Sequence[Operator],
    health: Health,
    exposition: Callable[[], bytes],
    beside: Beside = NOTHING_BESIDE,
) -> web.Application:
    """The operator listener: probes, metrics and the OpenAPI document open, the API guarded.

    `beside` has the pages, which guard themselves: all that is neither of the API nor open.
    """
    table = endpoints(operations, console_url=beside.url)

    @cache
    def document() -> bytes:
        """Made for the first who asks: most daemons are never asked."""
        return msgspec.json.encode(openapi.document(table, version=version("syncd")))

    async def described(_: web.Request) -> web.Response:
        return web.Response(body=document(), content_type="application/json")

    app = web.Application(
        middlewares=[
            *beside.outer,
            problems_as_answers(operations.observe, "api"),
            *beside.inner,
            guard(operators, needed_roles(table), beside.is_page),
            bodies.bounded(most_bytes=MOST_BODY_BYTES, larger=larger_bodies(table)),
        ],
        client_max_size=MOST_BODY_BYTES,
    )
    app.add_routes(probes.routes(health, exposition))
    app.add_routes([web.get("/openapi.json", described)])
    app.add_routes([one.route() for one in table])
    app.add_routes(beside.routes)
    streams = app[event_stream.STREAMS] = EventStreams()
    app.on_shutdown.append(streams.end)
    beside.prepare(app)
    return app


def public_application(routes: Sequence[web.RouteDef], *, observe: Observer) -> web.Application:
    """The public listener: the routes handed in, and nothing else."""
    app = web.Application(
        middlewares=[
            problems_as_answers(observe, "public"),
            bodies.bounded(most_bytes=MOST_PUBLIC_BODY_BYTES, within_s=PUBLIC_BODY_WITHIN_S),
        ],
        client_max_size=MOST_PUBLIC_BODY_BYTES,
    )
    app.add_routes(routes)
    return app


def _tenant_endpoints(api: Api) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            name="listTenants", method="GET", path=TENANTS, role=Role.OFFICE,
            summary="Every tenant with its connection card and its work",
            answers=shapes.Tenants, call=api.tenants,
        ),
        Endpoint(
            name="getTenant", method="GET", path=TENANT, role=Role.OFFICE,
            summary="One tenant's connection card and its work",
            answers=shapes.Tenant, call=api.tenant, refusals=(404,),
        ),
        Endpoint(
            name="connect", method="POST", path=TENANT + "/connect", role=Role.SUPER_USER,
            summary="Connect to Xero: an address to open in a browser",
            answers=shapes.ConsentUrl, call=api.connect, refusals=(404,),
        ),
        Endpoint(
            name="refresh", method="POST", path=TENANT + "/refresh", role=Role.SUPER_USER,
            summary="Refresh Token: renew the connection now",
            answers=shapes.Pressed, call=api.refresh, refusals=(404, 409),
        ),
        Endpoint(
            name="disconnect", method="POST", path=TENANT + "/disconnect", role=Role.SUPER_USER,
            summary="Disconnect: stop all synchronisation; links, queue and history stay",
            answers=shapes.Pressed, call=api.disconnect, refusals=(404, 409),
        ),
    )  # fmt: skip


def _document_endpoints(api: Api) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            name="listInvoices", method="GET", path=TENANT + "/invoices", role=Role.OFFICE,
            summary="Invoices with sync state and reason, by number or newest first",
            query=listing.FILTERS, answers=shapes.Invoices, call=api.invoices, refusals=(400, 404),
        ),
        Endpoint(
            name="getInvoice", method="GET", path=TENANT + "/invoices/{invoice}",
            role=Role.OFFICE, summary="One invoice: its sides, what differs, what happened",
            answers=shapes.InvoiceInFull, call=api.invoice, refusals=(404,),
        ),
        Endpoint(
            name="explainNumber", method="GET", path=TENANT + "/numbers/{number}",
            role=Role.OFFICE, summary="Why no invoice in the listings has this number",
            answers=shapes.Unlisted, call=api.unlisted, refusals=(404,),
        ),
        Endpoint(
            name="retryInvoice", method="POST", path=TENANT + "/invoices/{invoice}/retry",
            role=Role.ADMIN, summary="Look at one invoice again now",
            answers=shapes.Invoice, call=api.retry, refusals=(404,),
        ),
        Endpoint(
            name="retryByReason", method="POST", path=TENANT + "/invoices/retry",
            role=Role.ADMIN, summary="Look again at everything that waits or failed for a reason",
            answers=shapes.Released, call=api.retry_by_reason, body=shapes.RetryWanted,
            refusals=(400, 404),
        ),
    )  # fmt: skip


def _who(request: web.Request) -> str:
    return request[OPERATOR].name

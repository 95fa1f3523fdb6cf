"""The table of pages, and what the operators' listener mounts of them.

A page is a room in `pages` with its rows in `PAGES`, a place in `_ROOMS`, and its templates:
whoever adds one touches nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from syncd.engine.operator.operations import Operations
from syncd.ports.clock import Clock
from syncd.web.api.application import endpoints
from syncd.web.console import render, statics
from syncd.web.console.books import plans, reports
from syncd.web.console.entry import doors
from syncd.web.console.entry.proxies import TrustedProxies
from syncd.web.console.live import LiveStreams, SharedParts
from syncd.web.console.pages import (
    account,
    brake,
    contacts,
    findings,
    invoice,
    invoices,
    journal,
    login,
    overview,
    replicas,
    search,
    settings,
    stream,
    webhooks,
)
from syncd.web.console.pages import help as help_page
from syncd.web.console.stories import Stories
from syncd.web.console.tries import LoginTries
from syncd.web.console.visit import Console, ConsolePage
from syncd.web.http.beside import Beside, is_page
from syncd.web.http.guard import Operator

_ROOMS = (
    *(overview, invoices, invoice, contacts, findings, brake),
    *(plans, reports, webhooks, journal, settings),
    *(replicas, search, account, help_page, login, stream),
)
"""In the menu's order."""


def table() -> tuple[ConsolePage, ...]:
    """Every page and action."""
    return tuple(page for room in _ROOMS for page in room.PAGES)


def beside(
    operations: Operations,
    *,
    operators: Sequence[Operator],
    clock: Clock,
    streams: LiveStreams,
    console_url: str | None = None,
    proxies: TrustedProxies | None = None,
) -> Beside:
    """The console. Its cookie is Secure where `console_url` says that it is reached by TLS.

    `streams` are told of facts by whoever made them; `proxies` may say who somebody is.
    """
    console = Console(
        operations=operations,
        operators=operators,
        roles={one.name: one.role for one in endpoints(operations)},
        clock=clock,
        is_secure=urlsplit(console_url or "").scheme == "https",
        tries=LoginTries(clock),
        stories=Stories(),
        streams=streams,
        parts=SharedParts(streams),
        table=table(),
    )

    async def ended(_: web.Application) -> None:
        streams.end()

    def prepare(app: web.Application) -> None:
        render.prepare(app)
        app.on_shutdown.append(ended)

    return Beside(
        routes=(
            *(_route(page) for page in console.table),
            web.get(statics.PATH, statics.answer),
        ),
        outer=(doors.problems_as_pages(console),),
        inner=(doors.guarded(console, operations.sessions, proxies),),
        prepare=prepare,
        url=console_url,
        is_page=is_page,
    )


def _route(page: ConsolePage) -> web.RouteDef:
    async def called(request: web.Request) -> web.StreamResponse:
        return await page.call(request[doors.VISIT])

    async def shown(request: web.Request) -> web.StreamResponse:
        visit = request[doors.VISIT]
        if "part" not in visit.query or not visit.is_signed_in:
            return await page.call(visit)
        # What a part says follows from these: a template of one asks for no name, and no session.
        key = (request.path_qs, visit.operator.role, str(visit.reading.zone))
        parts = visit.console.parts
        return await parts.of(key, visit.shown_tenant, lambda: page.call(visit))

    if page.method == "GET":
        return web.get(page.path, shown)
    return web.route(page.method, page.path, called)

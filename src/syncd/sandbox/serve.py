"""Both pretend worlds on the network: aiohttp around plain handlers, with all their misbehaviour.

Called by `syncd sandbox`, the demo and the simulation, which hands in sites of its own. Kept lean:
a benchmark drives tens of thousands of invoices through it.
"""

from __future__ import annotations

import gzip
from asyncio import WriteTransport
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from typing import Any, Protocol, cast

import anyio
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from syncd.sandbox import pages_pipeline, pages_xero
from syncd.sandbox.control import PREFIX, Command, Control, World
from syncd.sandbox.http import Request, Response
from syncd.sandbox.killer import Fate, Killer
from syncd.sandbox.pages import Draw, Page
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.sender import Delivery, deliver
from syncd.sandbox.user import User
from syncd.sandbox.xero.ledger.books import Books

SiteFactory = Callable[[web.AppRunner], web.BaseSite]
AUTHORIZE = "/identity/connect/authorize"
_LARGEST_BODY = 64 * 1024 * 1024
_SMALLEST_ZIPPED = 1024
_FLUSH_POLL_S = 0.0005
_CLEAN_UP_S = 5
_LAST_ANSWERS_S = 0.5
_ANSWER_WITHIN = ClientTimeout(total=5)
"""Both senders give a receiver five seconds (facts §6.2)."""


class XeroWorld(World, Protocol):
    """The pretend Xero, as far as the server needs it."""

    identity_url: str
    authorize_url: str
    books: dict[str, Books]

    def bookkeeper(self, command: dict[str, Any]) -> dict[str, Any]:
        """Let the bookkeeper do one thing in the books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where the worlds answer, without a trailing slash."""

    xero_url: str
    pipeline_url: str


class Door:
    """One world behind HTTP: reads, obeys its faults, writes."""

    def __init__(
        self, world: World, control: Control, killer: Killer, on_change: Callable[[], None]
    ) -> None:
        self._world = world
        self._control = control
        self._killer = killer
        self._on_change = on_change

    async def answer(self, http: web.Request) -> web.StreamResponse:
        """Take one request to its end, which may be a broken connection."""
        try:
            body = await http.read()
        except ConnectionError:
            return _broken_off(http)  # half a request: it never reached the world
        request = Request(
            method=http.method,
            path=http.path,
            query=dict(http.query),
            headers={name.lower(): value for name, value in http.headers.items()},
            body=body,
            raw_query=http.rel_url.raw_query_string,
        )
        try:
            return await self._answered(http, request)
        finally:
            if request.method != "GET":
                self._on_change()

    async def _answered(self, http: web.Request, request: Request) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return self._written(request, self._control.handle(request))
        refused = self._world.begin(request)
        if refused is not None:
            return self._written(request, refused)
        try:
            return await self._carried_out(http, request)
        finally:
            self._world.end(request)

    async def _carried_out(self, http: web.Request, request: Request) -> web.StreamResponse:
        fate = self._killer.fate_of(request)
        if self._killer.strike(fate, "read"):
            return _broken_off(http)
        await _wait(fate, "read")
        response = self._world.handle(request)
        if response.drop == "before_commit":
            return _broken_off(http)
        if self._killer.strike(fate, "committed"):
            return _broken_off(http)
        await _wait(fate, "committed")
        if response.delay_s:
            await anyio.sleep(response.delay_s)
        if response.drop == "after_commit":
            return _broken_off(http)
        written = self._written(request, response)
        if response.drop == "truncated":
            return await _truncated(http, written)
        if fate.dies_at == "answered":
            await written.prepare(http)
            await written.write_eof()
            await _flushed(http)
            self._killer.strike(fate, "answered")
        return written

    def _written(self, request: Request, response: Response) -> web.Response:
        headers = {
            "Server": "sandbox",
            "Date": formatdate(self._world.clock.now(), usegmt=True),
            **response.headers,
        }
        body = response.body
        accepts = request.headers.get("accept-encoding", "")
        if len(body) >= _SMALLEST_ZIPPED and "gzip" in accepts:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return web.Response(status=response.status, headers=headers, body=body)


@asynccontextmanager
async def serve_worlds(
    *,
    xero: XeroWorld,
    pipeline: PipelineWorld,
    xero_site: SiteFactory | None = None,
    pipeline_site: SiteFactory | None = None,
    kill: Callable[[int], None] | None = None,
    session: Callable[[], ClientSession] | None = None,
    webhooks_poll_s: float = 0.1,
    on_change: Callable[[], None] | None = None,
) -> AsyncIterator[Served]:
    """Serve both worlds until the block ends; enter and leave it in one task.

    Without a site of the caller's each world takes a free port of 127.0.0.1. `kill` ends a process
    by its id; without it orders to kill are refused. `session` is what webhooks are posted with,
    and every `webhooks_poll_s` seconds the worlds are asked for some. `on_change` is told after
    every request that may have changed a world.
    """

    def door(world: World, command: tuple[str, Command], page: Draw) -> Door:
        killer = Killer(kill)
        control = Control(world, commands=dict([command]), killer=killer, page=page)
        return Door(world, control, killer, on_change or (lambda: None))

    def xero_page() -> Page:
        return pages_xero.page(xero.books, xero.clock)

    def pipeline_page() -> Page:
        return pages_pipeline.page(pipeline.tenants, pipeline.clock)

    xero_door = door(xero, ("bookkeeper", xero.bookkeeper), xero_page)
    pipeline_door = door(pipeline, ("user", User(pipeline)), pipeline_page)
    async with (
        _listening(xero_door, xero_site) as xero_url,
        _listening(pipeline_door, pipeline_site) as pipeline_url,
        (session or ClientSession)() as client,
        _posting((xero, pipeline), partial(_post, client), webhooks_poll_s),
    ):
        xero.identity_url = xero_url
        xero.authorize_url = f"{xero_url}{AUTHORIZE}"
        yield Served(xero_url=xero_url, pipeline_url=pipeline_url)


@asynccontextmanager
async def _posting(
    worlds: Sequence[World], post: Callable[[Delivery], Awaitable[int | None]], poll_s: float
) -> AsyncIterator[None]:
    failed: Exception | None = None
    async with anyio.create_task_group() as group:
        for world in worlds:
            outbox, clock = world.webhooks, world.clock
            group.start_soon(partial(deliver, outbox, clock=clock, post=post, poll_s=poll_s))
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised below, outside the group that would wrap it
            failed = error
        group.cancel_scope.cancel()
    if failed is not None:
        raise failed


@asynccontextmanager
async def _listening(door: Door, site_of: SiteFactory | None) -> AsyncIterator[str]:
    app = web.Application(client_max_size=_LARGEST_BODY)
    app.router.add_route("*", "/{path:.*}", door.answer)
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=_LAST_ANSWERS_S
    )
    await runner.setup()
    try:
        await (site_of or _loopback)(runner).start()
        yield _url(runner)
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(_CLEAN_UP_S):
            await runner.cleanup()


def _loopback(runner: web.AppRunner) -> web.BaseSite:
    return web.TCPSite(runner, "127.0.0.1", 0)


def _url(runner: web.AppRunner) -> str:
    address = runner.addresses[0] if runner.addresses else None
    if not isinstance(address, tuple):
        return "http://localhost"
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"http://{host}:{address[1]}"


async def _post(client: ClientSession, delivery: Delivery) -> int | None:
    try:
        async with client.post(
            delivery.url,
            data=delivery.body,
            headers=delivery.headers,
            allow_redirects=False,
            timeout=_ANSWER_WITHIN,
        ) as answer:
            return answer.status
    except (ClientError, TimeoutError, OSError):
        return None


async def _wait(fate: Fate, moment: str) -> None:
    if fate.waits_at == moment:
        await anyio.sleep(fate.wait_s)


def _broken_off(http: web.Request) -> web.Response:
    if http.transport is not None:
        http.transport.abort()
    return web.Response(status=500)


async def _truncated(http: web.Request, written: web.Response) -> web.StreamResponse:
    body = cast("bytes", written.body)
    half = web.StreamResponse(status=written.status, headers=written.headers)
    half.content_length = len(body)
    await half.prepare(http)
    await half.write(body[: len(body) // 2])
    await _flushed(http)
    return _broken_off(http)


async def _flushed(http: web.Request) -> None:
    """Return once the kernel has taken every byte, or the client is gone."""
    transport = cast("WriteTransport | None", http.transport)
    while transport and not transport.is_closing() and transport.get_write_buffer_size():  # noqa: ASYNC110 - a transport offers no event for it
        await anyio.sleep(_FLUSH_POLL_S)

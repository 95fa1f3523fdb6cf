"""Limits how many connections a listener holds, and closes the most silent when there are more.

aiohttp has a deadline for headers (its keep-alive clock, see `listener`) and ours for bodies
(`bodies`), but no limit on connections: within those seconds thousands of half requests could use
up every descriptor. At the limit the connection that has kept us waiting longest is cut, so that
whoever has something whole to say gets in. What is no HTTP is answered here too, for it meets no
application: aiohttp's own page would quote it and name what serves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncd.web.http.problems import problem

PUBLIC_HEADERS_WITHIN_S = 5.0
"""Nobody who posts here writes headers by hand."""
MOST_CONNECTIONS = 256
"""Behind a proxy a few dozen. Each may hold half a request's headers: MOST_HEADERS of 8 KiB."""
MOST_HEADERS = 64
"""A browser behind a proxy or two sends forty; aiohttp alone would keep a megabyte of them each."""
MOST_OPERATOR_CONNECTIONS = 128
"""A few people, a few probes, a scraper."""
NEUTRAL_HEADERS = {
    "Server": "syncd",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
}
"""Of every answer: nothing of what serves; out of caches and frames."""


MakeInner = Callable[[], web.RequestHandler]
"""aiohttp's own protocol for one connection."""
InFront = Callable[["OpenConnections", MakeInner], asyncio.Protocol]


class OpenConnections:
    """The connections of one listener, longest silent first."""

    def __init__(self, *, most: int = MOST_CONNECTIONS) -> None:
        self._most = most
        self._waiting: dict[asyncio.BaseTransport, None] = {}
        """Connections we owe nothing: no whole request has come since they opened or were answered.
        In the order in which that began."""
        self._working: dict[asyncio.BaseTransport, None] = {}
        self.cut = 0
        """How many were cut so far."""

    def __len__(self) -> int:
        return len(self._waiting) + len(self._working)

    def runner(
        self,
        app: web.Application,
        *,
        on_unreadable: Callable[[], None],
        in_front: InFront | None = None,
        **kwargs: Any,
    ) -> web.AppRunner:
        """A runner of `app` that lets connections in through these doors.

        `on_unreadable` is told of each request that was no HTTP. `in_front` makes what meets a
        connection before aiohttp's own protocol does.
        """
        return _Runner(self, app, on_unreadable, in_front or _GuardedProtocol, **kwargs)

    def middleware(self) -> Middleware:
        """To be the innermost: a request that arrives here has come whole, and is not cut off."""

        @web.middleware
        async def working(request: web.Request, handler: Handler) -> web.StreamResponse:
            transport = request.transport
            if transport is None or transport not in self._waiting:
                return await handler(request)
            self.begun(transport)
            try:
                return await handler(request)
            finally:
                self.ended(transport)

        return working

    def begun(self, transport: asyncio.BaseTransport) -> None:
        """A request has come whole on it."""
        self._waiting.pop(transport, None)
        self._working[transport] = None

    def ended(self, transport: asyncio.BaseTransport) -> None:
        """That request is answered."""
        if self._working.pop(transport, self) is None and not transport.is_closing():
            self._waiting[transport] = None

    def close(self) -> None:
        """Close whatever is still open."""
        for transport in (*self._waiting, *self._working):
            transport.close()

    def opened(self, transport: asyncio.BaseTransport) -> bool:
        """Let one in; False when everybody inside is being served."""
        if len(self) >= self._most:
            longest = next(iter(self._waiting), None)
            if longest is None:
                return False
            self.closed(longest)
            self.cut += 1
            cast("asyncio.Transport", longest).abort()
        self._waiting[transport] = None
        return True

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """One has gone."""
        self._waiting.pop(transport, None)
        self._working.pop(transport, None)


class _GuardedProtocol(asyncio.Protocol):
    """In front of aiohttp's own protocol: passes everything on, but the connections we refuse."""

    def __init__(self, open_connections: OpenConnections, make_inner: MakeInner) -> None:
        self._doors = open_connections
        self._inner = inner = make_inner()
        self._transport: asyncio.BaseTransport | None = None
        self.data_received = inner.data_received  # type: ignore[method-assign]  # on every packet: no hop
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]  # as above
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]  # as above

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._doors.opened(transport):
            cast("asyncio.Transport", transport).abort()
            return
        self._transport = transport
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._doors.closed(self._transport)
            self._inner.connection_lost(exc)

    def eof_received(self) -> None:
        self._inner.eof_received()


class _Handler(web.RequestHandler):
    """aiohttp's protocol, answering what is no HTTP in our words."""

    __slots__ = ("_on_unreadable",)

    def __init__(
        self, on_unreadable: Callable[[], None], server: web.Server, **kwargs: Any
    ) -> None:
        super().__init__(server, **kwargs)
        self._on_unreadable = on_unreadable

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what never reached the application, whose middleware answers the rest."""
        if status != 400:  # noqa: PLR2004  (aiohttp's word for unreadable)
            return super().handle_error(request, status, exc, message)
        self._on_unreadable()
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        answer = problem(400, "Not understood", "This is not a request of HTTP.")
        answer.headers.update(NEUTRAL_HEADERS)
        answer.force_close()
        return answer


class _Runner(web.AppRunner):
    """An AppRunner whose sites meet a door in front of each connection."""

    __slots__ = ("_doors", "_in_front", "_on_unreadable")

    def __init__(
        self,
        open_connections: OpenConnections,
        app: web.Application,
        on_unreadable: Callable[[], None],
        in_front: InFront,
        **kwargs: Any,
    ) -> None:
        super().__init__(app, **kwargs)
        self._doors = open_connections
        self._in_front = in_front
        self._on_unreadable = on_unreadable

    @property
    def server(self) -> web.Server | None:
        """What sites hand to the loop as protocol factory; they use it for nothing else."""
        inner = super().server
        if inner is None:
            return None

        def handler() -> web.RequestHandler:
            loop = asyncio.get_running_loop()
            return _Handler(self._on_unreadable, inner, loop=loop, **self._kwargs)

        def door() -> asyncio.Protocol:
            return self._in_front(self._doors, handler)

        return cast("web.Server", door)

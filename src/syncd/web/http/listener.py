"""A listener as a service: an aiohttp application on a site, drained before it closes.

`bootstrap` hands in the site factory, so the simulation can serve over in-memory transports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
from aiohttp import web
from anyio.abc import TaskStatus

from syncd.domain.errors import ConfigError
from syncd.domain.facts import RequestRefused
from syncd.domain.rules.text.listening import cannot_listen
from syncd.ports.observer import Observer
from syncd.web.http.deadlines import MOST_HEADERS, NEUTRAL_HEADERS, OpenConnections
from syncd.web.http.short_way import ShortWay

SiteFactory = Callable[[web.AppRunner], web.BaseSite]
SHUTDOWN_S = 5.0
HEADERS_WITHIN_S = 30.0
"""From a connection, or the answer before, to the end of a request's headers; then it is cut."""
LINGER_S = 1.0
"""How long the rest of a body nobody wants is let in, so that its sender reads the answer."""


def tcp_site(address: str, key: str = "listen") -> SiteFactory:
    """A site on `HOST:PORT`, as the setting `key` has it; port 0 takes a free one.

    Its start raises ConfigError when the address cannot be bound.
    """
    host, _, port = address.rpartition(":")

    class Site(web.TCPSite):
        async def start(self) -> None:
            try:
                await super().start()
            except (OSError, UnicodeError) as error:
                raise ConfigError((cannot_listen(key, address, error),)) from error

    def site(runner: web.AppRunner) -> web.BaseSite:
        return Site(runner, host.strip("[]"), int(port))

    return site


def socket_site(again: Callable[[], Any]) -> SiteFactory:
    """A site on a socket that listens already; `again` makes a handle that is closed with it."""

    def site(runner: web.AppRunner) -> web.BaseSite:
        return web.SockSite(runner, again())

    return site


async def _neutral(_: web.Request, response: web.StreamResponse) -> None:
    """What a page says of itself stays; aiohttp has named itself by now."""
    response.headers.pop("Server", None)
    for name, value in NEUTRAL_HEADERS.items():
        response.headers.setdefault(name, value)


class Listener:
    """Serves one application until stopped; cuts who takes longer than `headers_within_s`.

    `open_connections` hold its connections. Requests that are no HTTP are told to `observe`, as
    `service`; what `short_way` does not take of the others is the application's.
    """

    def __init__(
        self,
        name: str,
        app: web.Application,
        site: SiteFactory,
        *,
        service: str,
        observe: Observer,
        open_connections: OpenConnections,
        headers_within_s: float = HEADERS_WITHIN_S,
        short_way: ShortWay | None = None,
    ) -> None:
        self.name = name
        self._unreadable = RequestRefused(service=service, status=400)
        self._observe = observe
        self._doors = open_connections
        self._headers_within_s = headers_within_s
        self._short_way = short_way
        self._app = app
        self._site = site
        self._stopping = anyio.Event()
        self.port: int | None = None
        """The bound TCP port, once started."""
        self.address = ""
        """HOST:PORT, once it is bound; empty for what is none."""

    def stop(self) -> None:
        """Answer what is under way, then close."""
        self._stopping.set()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve. Raises ConfigError when the address cannot be bound."""
        self._app.on_response_prepare.append(_neutral)
        self._app.middlewares.append(self._doors.middleware())  # the innermost
        way, within_s = self._short_way, self._headers_within_s
        runner = self._doors.runner(
            self._app,
            on_unreadable=lambda: self._observe(self._unreadable),
            in_front=None if way is None else way.in_front(within_s=within_s),
            handle_signals=False,
            access_log=None,
            shutdown_timeout=SHUTDOWN_S,
            # What a stranger has packed is never unpacked, not even to be thrown away.
            auto_decompress=False,
            lingering_time=LINGER_S,
            max_headers=MOST_HEADERS,
            # aiohttp 3.14 starts this clock with the connection and does not wind it for a part
            # of a request, so it is a deadline for headers too.
            keepalive_timeout=within_s,
        )
        await runner.setup()
        try:
            await self._site(runner).start()
            addresses = runner.addresses
            if addresses and isinstance(addresses[0], tuple):
                host, self.port = addresses[0][:2]
                self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
            task_status.started()
            await self._until_stopped()
        finally:
            # anyio cancels again at every await, so an unshielded cleanup would do nothing.
            with anyio.CancelScope(shield=True):
                await runner.cleanup()
            self._doors.close()

    async def _until_stopped(self) -> None:
        if self._short_way is None:
            await self._stopping.wait()
            return
        async with anyio.create_task_group() as group:
            group.start_soon(self._short_way.run)
            await self._stopping.wait()
            self._short_way.stop()

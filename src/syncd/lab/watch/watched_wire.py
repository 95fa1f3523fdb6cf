"""What one incarnation of the daemon has on the wire, seen from its own side of the transport.

Xero's door cannot tell when a client has given up on an answer: a cut connection looks the same as
a slow one. So "two at once" is judged here, where a request begins and ends for its sender.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import anyio

from syncd.ports.transport import HttpRequest, HttpResponse, Transport

_WAIT = (429, 503)
_BY_BEARER, _TOKENS = ("api", "connections"), "connect"
"""How the paths begin of what a bearer names whose it is: Pipeline, and Xero's connections; and of
calls for tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A request before its first byte, and what its sender knows.

    `under_way` are those on the wire already; for `too_early_s` more the other side has asked not
    to be called (0: it may be).
    """

    request: HttpRequest
    under_way: tuple[HttpRequest, ...]
    too_early_s: float = 0.0


class Departing(Protocol):
    """Told of each request that leaves."""

    def __call__(self, departure: Departure, /) -> None:
        """Look at it."""
        ...


class Wire:
    """Everything one process has under way and was told; it dies with the process."""

    def __init__(self, departing: Departing) -> None:
        self._departing = departing
        self._under_way: dict[int, HttpRequest] = {}
        self._until_s: dict[tuple[str, str, str], float] = {}
        self._number = 0

    def watched(self, transport: Transport) -> WatchedTransport:
        """The same transport, with a witness."""
        return WatchedTransport(transport, self)

    def begin(self, request: HttpRequest) -> int:
        """A request is about to leave."""
        self._departing(
            Departure(
                request=request,
                under_way=tuple(self._under_way.values()),
                too_early_s=max(0.0, self._until_s.get(_whose(request), 0.0) - _now_s()),
            )
        )
        self._number += 1
        self._under_way[self._number] = request
        return self._number

    def answered(self, request: HttpRequest, response: HttpResponse) -> None:
        """An answer came; with Retry-After it asks this tenant to wait."""
        told = response.headers.get("retry-after", "")
        if response.status in _WAIT and told.isdecimal():
            self._until_s[_whose(request)] = _now_s() + int(told)

    def end(self, number: int) -> None:
        """Its sender has an answer, or waits for none any more."""
        self._under_way.pop(number, None)


class WatchedTransport:
    """Carries requests by another transport and tells the wire."""

    def __init__(self, transport: Transport, wire: Wire) -> None:
        self._transport = transport
        self._wire = wire

    async def send(self, request: HttpRequest) -> HttpResponse:
        """As the transport behind it."""
        number = self._wire.begin(request)
        try:
            response = await self._transport.send(request)
            self._wire.answered(request, response)
            return response
        finally:
            self._wire.end(number)


def _now_s() -> float:
    return anyio.current_time()


def _whose(request: HttpRequest) -> tuple[str, str, str]:
    """Who is asked and for whom: what one service tells one tenant binds no other.

    Both pretend worlds stand on one host, so a service is told by how its paths begin; and whose
    a call is that names no tenant, by its bearer, or by the token that it presents for others.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    parts = urlsplit(request.url)
    service = parts.path.split("/")[1]
    whose = headers.get("authorization" if service in _BY_BEARER else "xero-tenant-id", "")
    if service == _TOKENS:
        whose = (request.body or b"").decode()
    return parts.netloc, service, whose

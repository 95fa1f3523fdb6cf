"""What one incarnation of the daemon has on the wire, seen from its own side of the transport.

Xero's door cannot tell when a client has given up on an answer: a cut connection looks the same as
a slow one. So "two at once" is judged here, where a request begins and ends for its sender.
"""

from __future__ import annotations

from collections.abc import Callable

from syncd.ports.transport import HttpRequest, HttpResponse, Transport

Departing = Callable[[HttpRequest, tuple[HttpRequest, ...]], None]
"""Told of each request before its first byte, with all that are on the wire already."""


class Wire:
    """Everything one process has under way; it dies with the process."""

    def __init__(self, departing: Departing) -> None:
        self._departing = departing
        self._under_way: dict[int, HttpRequest] = {}
        self._number = 0

    def watched(self, transport: Transport) -> WatchedTransport:
        """The same transport, with a witness."""
        return WatchedTransport(transport, self)

    def begin(self, request: HttpRequest) -> int:
        """A request is about to leave."""
        self._departing(request, tuple(self._under_way.values()))
        self._number += 1
        self._under_way[self._number] = request
        return self._number

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
            return await self._transport.send(request)
        finally:
            self._wire.end(number)

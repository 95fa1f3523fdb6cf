"""The audit trail as it grows, over one open answer: server-sent events.

Called by `api.journal` for whoever asks with `Accept: text/event-stream`. Each entry is an event
with its number as id, so that a client that comes back goes on where it was. Streams are few, have
a sign of life, and end when the daemon drains.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import msgspec
from aiohttp import web
from aiohttp_sse import sse_response

from syncd.domain.model.value import Value
from syncd.web.http import listing
from syncd.web.http.endpoint import encode
from syncd.web.http.guard import IS_STILL_PERMITTED
from syncd.web.http.problems import ProblemError

MOST_STREAMS = 16
MOST_AT_ONCE = 200
LOOK_EVERY_S = 1.0
"""How soon an entry is told after it was written: two reads by number."""
BEAT_S = 10
"""A comment this often, where there is nothing to tell."""
_EVENT_STREAM = "text/event-stream"


class NewEntries(Value, frozen=True, kw_only=True):
    """What is new, each with its number, and the number to go on from."""

    items: tuple[tuple[int, msgspec.Struct], ...]
    last: int


class EventStreams:
    """The open streams of one listener."""

    def __init__(self) -> None:
        self._scopes: set[anyio.CancelScope] = set()

    def open(self) -> anyio.CancelScope:
        """A scope for one more. Raises a 503 problem when there are too many."""
        if len(self._scopes) >= MOST_STREAMS:
            detail = f"{MOST_STREAMS} streams are open already. Close one, or poll with since."
            raise ProblemError(503, "Too many streams", detail, headers={"Retry-After": "60"})
        scope = anyio.CancelScope()
        self._scopes.add(scope)
        return scope

    def close(self, scope: anyio.CancelScope) -> None:
        """It has ended."""
        self._scopes.discard(scope)

    async def end(self, _: web.Application) -> None:
        """End them all: the daemon drains."""
        for scope in self._scopes:
            scope.cancel()


STREAMS = web.AppKey("event_streams", EventStreams)


def is_asked_for(request: web.Request) -> bool:
    """Whether the caller wants a stream."""
    return _EVENT_STREAM in request.headers.get("Accept", "")


async def send(
    request: web.Request,
    after: Callable[[int | None], Awaitable[NewEntries]],
    *,
    is_served: Callable[[], bool],
) -> web.StreamResponse:
    """Tell what is new until the caller or the daemon leaves, or the caller may ask no more.

    Begins after the caller's `Last-Event-ID`, else after `since`, else with what comes next.
    `after` answers what is new after a number, None for the newest. Raises a 400 or 503 problem.
    """
    place, may_ask = _place(request), request[IS_STILL_PERMITTED]
    streams = request.app[STREAMS]
    scope = streams.open()
    answer: web.StreamResponse = web.Response()
    try:
        told = await after(place)
        with suppress(ConnectionError):  # the caller has gone
            async with sse_response(request, ping_interval=BEAT_S) as stream:
                answer = stream
                with scope:
                    while stream.is_connected() and is_served() and may_ask():
                        for number, one in told.items:
                            await stream.send(encode(one).decode(), event="entry", id=str(number))
                        if not told.items:
                            await anyio.sleep(LOOK_EVERY_S)
                        told = await after(told.last)
    finally:
        streams.close(scope)
    return answer


def _place(request: web.Request) -> int | None:
    last = request.headers.get("Last-Event-ID", "") or request.query.get("since", "")
    return listing.number_of({"since": last}, "since") if last else None

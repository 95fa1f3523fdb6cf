"""Bodies have a size limit and a deadline: aiohttp's server gives them neither by itself.

Used by both listeners. A body is read whole before its handler runs; the handler finds it cached.
It comes as it is: unpacking what somebody unknown has packed is work without a bound, and a
webhook's signature belongs to the bytes as they were sent. So a coded body is refused unread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import anyio
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncd.web.http.problems import problem

WITHIN_S = 10.0
"""A body that takes longer is a sick client, or none."""
MOST_HELD_BYTES = 32 * 1024 * 1024
"""Of bodies not yet whole, on one listener. One alone may be larger, where its route takes that."""
_PLAIN = ("", "identity")


class Held:
    """Bodies on their way in, together at most so large: the one begun first goes for a new one.

    Whoever has something whole to say has said it at once; who waits with half a body, on hundreds
    of connections, would fill the memory instead.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bodies: dict[anyio.CancelScope, int] = {}

    @contextmanager
    def body(self, scope: anyio.CancelScope, size: int) -> Iterator[None]:
        """Count one of that size, whose `scope` is cancelled when it must make room."""
        self._bodies[scope] = size
        while sum(self._bodies.values()) > self._most_bytes and len(self._bodies) > 1:
            first = next(iter(self._bodies))
            del self._bodies[first]
            first.cancel()
        try:
            yield
        finally:
            self._bodies.pop(scope, None)


def bounded(
    *,
    most_bytes: int,
    within_s: float = WITHIN_S,
    larger: Mapping[str, int] | None = None,
    held: Held | None = None,
) -> Middleware:
    """A middleware: 415 for a coded body, 413 above `most_bytes`, 408 if slower than `within_s`.

    `larger` has the routes, by their path as it was registered, that take more. `held` bounds all
    of them together: 408 also for one that had to make room. A sender who leaves in the middle is
    no mistake of ours.
    """
    exceptions = dict(larger or {})
    together = held or Held(MOST_HELD_BYTES)

    @web.middleware
    async def bounding(request: web.Request, handler: Handler) -> web.StreamResponse:
        leads_nowhere = request.match_info.http_exception is not None
        if leads_nowhere or not request.body_exists:
            return await handler(request)
        resource = request.match_info.route.resource
        most = exceptions.get(resource.canonical if resource is not None else "", most_bytes)
        if most > most_bytes:
            request = request.clone(client_max_size=most)
        refusal = _refused_unread(request, most)
        if refusal is None:
            refusal = await _refused_reading(request, most, within_s, together)
        return await handler(request) if refusal is None else refusal

    return bounding


def _refused_unread(request: web.Request, most_bytes: int) -> web.Response | None:
    """The answer to a body whose headers tell enough."""
    if request.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN:
        headers = {"Accept-Encoding": "identity"}
        detail = "A body is taken as it is, without Content-Encoding."
        return _closing(problem(415, "Coded body", detail, headers=headers))
    return _too_large(most_bytes) if (request.content_length or 0) > most_bytes else None


async def _refused_reading(
    request: web.Request, most_bytes: int, within_s: float, held: Held
) -> web.Response | None:
    """Read the body into the request; an answer where that cannot be done."""
    try:
        if request.content.is_eof():
            await request.read()  # it came with its headers: nothing to wait for
        else:
            size = request.content_length or most_bytes
            with anyio.move_on_after(within_s) as scope, held.body(scope, size):
                await request.read()
            if scope.cancelled_caught:
                return _too_slow(within_s)
    except web.HTTPRequestEntityTooLarge:
        return _too_large(most_bytes)
    except web.RequestPayloadError:
        return _closing(problem(400, "Half a body", "The body does not end as it should."))
    except (ConnectionError, RuntimeError):
        # aiohttp says RuntimeError when the sender left before anybody began to read.
        if request.transport is not None:
            raise
        return _closing(problem(400, "Half a body", "The sender left before its end."))
    return None


def _too_slow(within_s: float) -> web.Response:
    detail = f"The body did not arrive within {within_s:g} seconds, or others needed the room."
    return _closing(problem(408, "Too slow", detail))


def _too_large(most_bytes: int) -> web.Response:
    return _closing(problem(413, "Too large", f"A body has at most {most_bytes} bytes here."))


def _closing(answer: web.Response) -> web.Response:
    """The rest of the body is not wanted, so the connection cannot be used again."""
    answer.force_close()
    return answer

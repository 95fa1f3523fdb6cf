"""The stream of signals: `/live`, one a tab."""

from __future__ import annotations

from aiohttp import web
from aiohttp_sse import sse_response

from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http.problems import ProblemError

_NEVER_S = 86_400.0
"""The library's own pings are comments, which a page does not see; the beats are events."""


async def listen(visit: Visit) -> web.StreamResponse:
    """GET /live?t=TENANT: `moved` and `beat`, until the tab or the daemon leaves."""
    streams = visit.console.streams
    own = streams.join(visit.shown_tenant)
    if own is None:
        detail = "Too many pages are open. Close some; this one works, it is only not live."
        raise ProblemError(503, "Too many pages", detail, headers={"Retry-After": "60"})
    try:
        async with sse_response(visit.request, ping_interval=_NEVER_S) as stream:
            came_back = "Last-Event-ID" in visit.request.headers
            # With a number: who comes back says it, and reads again what moved meanwhile.
            begun = str(streams.moved(own.tenant))
            await stream.send("", event="moved" if came_back else "beat", id=begun)
            async for has_moved in streams.beats(own):
                if has_moved:
                    await stream.send("", event="moved", id=str(streams.moved(own.tenant)))
                else:
                    await stream.send("", event="beat")
    except (ConnectionError, RuntimeError):
        pass  # the tab has gone
    finally:
        streams.leave(own)
    return stream


PAGES = (ConsolePage(path="/live", call=listen, operation="listTenants"),)

"""A link that signs the caller in at the console, once: a row of the API's table.

Whoever holds a token may make one for themselves, so that nobody types a token into a browser.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from syncd.engine.operator.operations import Operations
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import OPERATOR, Role


class LoginLink(msgspec.Struct, frozen=True, kw_only=True):
    """Where the console signs the caller in, in a browser; good once."""

    url: str
    expires_at: dt.datetime


def endpoints(operations: Operations, *, console_url: str | None) -> tuple[Endpoint, ...]:
    """The row. The link begins with `console_url`, else with the address that was called."""

    async def link(request: web.Request) -> LoginLink:
        operator = request[OPERATOR]
        offer = await operations.sessions.offer(operator.name, operator.token_mark)
        base = console_url or f"{request.scheme}://{request.host}"
        return LoginLink(url=f"{base}/login/{offer.ticket}", expires_at=offer.expires_at)

    return (
        Endpoint(
            name="makeLoginLink", method="POST", path="/api/v1/login-links", role=Role.OFFICE,
            summary="A link that signs you in at the console, once, within ten minutes",
            answers=LoginLink, call=link,
        ),
    )  # fmt: skip

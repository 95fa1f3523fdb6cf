"""The two public pages of consent: the way to Xero, and the way back.

Mounted on the public listener beside the webhooks. They change nothing by themselves: the engine
takes the ticket and the state, each once. A cookie binds the browser that set out to the one that
comes back; the only address ever redirected to is the one configured for Xero.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from syncd.domain.errors import SyncdError
from syncd.domain.ids import TenantId
from syncd.engine.connection.consent import CALLBACK_PATH, CONNECT_PATH, TICKET_LIFE_S, ConsentFlow
from syncd.engine.connection.consent_outcome import Connected, ConsentOpened, NotConnected
from syncd.engine.connection.consent_words import ConsentProblem, Words
from syncd.web.public.plain_page import HEADERS, WayBack, page

SECURE_COOKIE = "__Host-syncd-state"
"""A browser takes such a name only with Secure, Path=/ and no Domain (RFC 6265bis)."""
PLAIN_COOKIE = "syncd-state"
"""For a public_url without TLS: development on a loopback address."""

_BUSY = Words(
    title="This could not be done just now",
    text="The daemon could not write down what happened, so nothing was changed.",
    next_step="Press Connect to Xero again in a minute; if it persists, ask your administrator.",
)
_STATUSES = {
    ConsentProblem.IDENTITY_UNREACHABLE: HTTPStatus.BAD_GATEWAY,
    ConsentProblem.APP_REFUSED: HTTPStatus.BAD_GATEWAY,
    ConsentProblem.OUR_MISTAKE: HTTPStatus.BAD_GATEWAY,
    ConsentProblem.ORGANISATION_TAKEN: HTTPStatus.CONFLICT,
    ConsentProblem.WRONG_ORGANISATION: HTTPStatus.CONFLICT,
}


def _nowhere(_: TenantId | None) -> WayBack | None:
    return None


class ConsentPages:
    """Serves both pages. `public_url` decides how the cookie is set, `back` where pages lead on."""

    def __init__(
        self,
        flow: ConsentFlow,
        *,
        public_url: str,
        back: Callable[[TenantId | None], WayBack | None] = _nowhere,
    ) -> None:
        self._flow = flow
        self._back = back
        self._is_secure = urlsplit(public_url).scheme == "https"
        self._cookie = SECURE_COOKIE if self._is_secure else PLAIN_COOKIE

    def routes(self) -> list[web.RouteDef]:
        """Both routes, GET only. Following the link takes nothing, so a preview may."""
        return [
            web.get(CONNECT_PATH, self.connect, allow_head=False),
            web.get(CALLBACK_PATH, self.callback, allow_head=False),
        ]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """GET /connect/xero?ticket=…: on to Xero, or a page that says the link is spent."""
        try:
            opened = await self._flow.open(_query(request).get("ticket", ""))
        except SyncdError:
            return page(_BUSY, status=HTTPStatus.SERVICE_UNAVAILABLE)
        match opened:
            case NotConnected():
                return page(opened.words, status=HTTPStatus.GONE)
            case ConsentOpened():
                answer = web.Response(
                    status=HTTPStatus.FOUND, headers={**HEADERS, "Location": opened.url}
                )
                answer.set_cookie(
                    self._cookie,
                    opened.cookie,
                    max_age=int(TICKET_LIFE_S),
                    path="/",
                    secure=self._is_secure,
                    httponly=True,
                    samesite="Lax",
                )
                return answer

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """GET /oauth/xero/callback: what became of it, in the product's words."""
        try:
            outcome = await self._flow.finish(_query(request), request.cookies.get(self._cookie))
        except SyncdError:
            return page(_BUSY, status=HTTPStatus.SERVICE_UNAVAILABLE)
        match outcome:
            case Connected():
                answer = page(
                    outcome.words,
                    status=HTTPStatus.OK,
                    notice=outcome.notice,
                    links=(self._back(outcome.tenant),),
                    is_connected=True,
                )
                answer.del_cookie(self._cookie, path="/", secure=self._is_secure, httponly=True)
                return answer
            case NotConnected():
                status = _STATUSES.get(outcome.problem, HTTPStatus.BAD_REQUEST)
                return page(outcome.words, status=status, links=self._ways_on(outcome))

    def _ways_on(self, outcome: NotConnected) -> tuple[WayBack | None, ...]:
        """Once more to Xero, where the person came back from it; and back."""
        again = outcome.again
        once_more = None if again is None else WayBack(url=again.url, words="Try again")
        return once_more, self._back(outcome.tenant)


def _query(request: web.Request) -> dict[str, str]:
    """The first value of each parameter. aiohttp bounds the line to 8,190 bytes."""
    return {name: request.query.getall(name)[0] for name in request.query}

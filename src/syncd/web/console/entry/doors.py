"""Who gets to a page: origin, session, role; and problems as pages for whoever asked for a page.

Two middlewares of the operators' listener. What is open to all is named here, everything else asks
for a session; so a page that forgot to say who may see it is seen by whoever is signed in only.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from syncd.engine.operator.sessions import SessionService
from syncd.web.console import statics
from syncd.web.console.entry import origin
from syncd.web.console.entry.proxies import TrustedProxies, operator_by
from syncd.web.console.visit import Console, Visit
from syncd.web.http.beside import is_page, place_of
from syncd.web.http.guard import Operator, not_permitted
from syncd.web.http.problems import Problem, ProblemError

SECURE_COOKIE = "__Host-syncd"
"""A browser takes such a name only with Secure, Path=/ and no Domain (RFC 6265bis)."""
PLAIN_COOKIE = "syncd-console"
"""For a console reached without TLS: on this machine, or by choice."""
LOGIN = "/login"
OPEN = (LOGIN, LOGIN + "/{ticket}", statics.PATH)
VISIT = web.RequestKey("visit", Visit)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PROBLEM = msgspec.json.Decoder(Problem)
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def cookie_name(*, is_secure: bool) -> str:
    """The session's cookie."""
    return SECURE_COOKIE if is_secure else PLAIN_COOKIE


def guarded(
    console: Console, sessions: SessionService, proxies: TrustedProxies | None = None
) -> Middleware:
    """A middleware: pages for who is signed in and may; a sentence for everybody else.

    Whoever one of `proxies` vouches for is signed in by that, at every request anew.
    """
    roles = {
        (page.method, page.path): console.roles[page.operation]
        for page in console.table
        if page.operation
    }
    cookie = cookie_name(is_secure=console.is_secure)

    @web.middleware
    async def guarding(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_page(request):
            return await handler(request)
        if request.method in _WRITES and not origin.is_own(request.headers):
            raise ProblemError(
                403,
                "From another page",
                "This was sent from a page of somebody else, so nothing was changed. Open the page "
                "here and press again.",
            )
        place = place_of(request)
        if place in OPEN:
            request[VISIT] = Visit(console, request)
            return await handler(request)
        visit = await _visit(request)
        if visit is None:
            return _to_login(request)
        request[VISIT] = visit
        method = "GET" if request.method == "HEAD" else request.method
        role = roles.get((method, place))
        if role is not None and visit.operator.role < role:
            raise not_permitted(role)
        return await handler(request)

    async def _visit(request: web.Request) -> Visit | None:
        vouched = None if proxies is None else operator_by(console, proxies, request)
        if vouched is not None:
            return Visit(console, request, vouched)
        session = await sessions.find(request.cookies.get(cookie, ""))
        if session is None:
            return None
        operator = operator_of(console, session.operator, session.token_mark)
        return None if operator is None else Visit(console, request, operator, session.digest)

    return guarding


def operator_of(console: Console, name: str, token_mark: str) -> Operator | None:
    """As configured now; None when they are gone, or have another token."""
    named = (one for one in console.operators if one.name == name)
    return next((one for one in named if one.token_mark == token_mark), None)


def _to_login(request: web.Request) -> web.Response:
    if request.method not in ("GET", "HEAD"):
        raise ProblemError(
            401,
            "Not signed in",
            "You are not signed in, or no longer, so nothing was changed. Sign in and press again.",
        )
    if request.headers.get("HX-Request"):
        # A part of a page that stands: the whole page is to go, not the part.
        return web.Response(status=401, headers={"HX-Redirect": LOGIN})
    on = quote(request.path_qs, safe="/")
    target = LOGIN if request.path == "/" else f"{LOGIN}?next={on}"
    return web.Response(status=303, headers={"Location": target})


def problems_as_pages(console: Console) -> Middleware:
    """A middleware, the outermost: a problem is a page for whoever asked for one."""

    @web.middleware
    async def showing(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if not is_page(request):
            return answer
        if isinstance(answer, web.Response) and answer.content_type == "application/problem+json":
            answer = _as_page(console, request, answer)
        if answer.content_type == "text/html":
            # A report that prints stands by itself, with a stricter policy of its own.
            answer.headers.setdefault("Content-Security-Policy", CSP)
        return answer

    return showing


def _as_page(console: Console, request: web.Request, answer: web.Response) -> web.Response:
    body = answer.body
    assert isinstance(body, bytes), "a problem is made whole"
    said = _PROBLEM.decode(body)
    visit = request.get(VISIT) or Visit(console, request)
    page = visit.page("error.html", status=said.status, problem=said)
    for name in ("Retry-After", "Allow"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page

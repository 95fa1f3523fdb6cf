"""Signing in with an operator's token, or with a link that is good once; and signing out.

The token is compared as the API compares it. A link is used up by the button on its page, not by
opening it, so that a preview spends nothing. Refused tries are counted as the API's are.
"""

from __future__ import annotations

from aiohttp import web

from syncd.engine.operator import sessions
from syncd.web.console.entry import doors, origin
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http.guard import Operator, operator_with

TRIED_TOO_OFTEN = "Too many tries to sign in. Wait a minute, then try again."
_WRONG = "No operator has this token. Nothing else was checked."
_SPENT = (
    "This link is no longer good: each signs in once, within ten minutes. Make another, or sign in "
    "with your token."
)


async def ask(visit: Visit) -> web.StreamResponse:
    """GET /login: where the token goes."""
    return _form(visit, onward=origin.local_path(visit.query.get("next", "/")))


async def sign_in(visit: Visit) -> web.StreamResponse:
    """POST /login: by token."""
    form = await visit.form()
    onward = origin.local_path(form.get("next", "/"))
    if not _may_try(visit):
        return _form(visit, onward=onward, status=429, alert=TRIED_TOO_OFTEN)
    operator = operator_with(visit.console.operators, form.get("token", ""))
    if operator is None:
        return _form(visit, onward=onward, status=401, alert=_WRONG)
    return await _begin(visit, operator, onward)


async def ask_link(visit: Visit) -> web.StreamResponse:
    """GET /login/{ticket}: a button."""
    return visit.page("login_link.html")


async def sign_in_by_link(visit: Visit) -> web.StreamResponse:
    """POST /login/{ticket}: by link."""
    if not _may_try(visit):
        return _form(visit, onward="/", status=429, alert=TRIED_TOO_OFTEN)
    taken = await visit.operations.sessions.take(visit.request.match_info["ticket"])
    operator = (
        None
        if taken is None
        else doors.operator_of(visit.console, taken.operator, taken.token_mark)
    )
    if operator is None:
        return _form(visit, onward="/", status=410, alert=_SPENT)
    return await _begin(visit, operator, "/")


async def sign_out(visit: Visit) -> web.StreamResponse:
    """POST /logout."""
    await visit.operations.sessions.end(visit.session)
    answer = visit.see(doors.LOGIN)
    is_secure = visit.console.is_secure
    answer.del_cookie(
        doors.cookie_name(is_secure=is_secure), path="/", secure=is_secure, httponly=True
    )
    return answer


def _may_try(visit: Visit) -> bool:
    return visit.console.tries.may_try(visit.request.remote or "")


async def _begin(visit: Visit, operator: Operator, onward: str) -> web.Response:
    token = await visit.operations.sessions.begin(operator.name, operator.token_mark)
    answer = visit.see(onward)
    is_secure = visit.console.is_secure
    answer.set_cookie(
        doors.cookie_name(is_secure=is_secure),
        token,
        max_age=int(sessions.LONGEST.total_seconds()),
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _form(visit: Visit, *, onward: str, status: int = 200, alert: str = "") -> web.Response:
    return visit.page("login.html", status=status, onward=onward, alert=alert)


PAGES = (
    ConsolePage(path=doors.LOGIN, call=ask),
    ConsolePage(path=doors.LOGIN, call=sign_in, method="POST"),
    ConsolePage(path=doors.LOGIN + "/{ticket}", call=ask_link),
    ConsolePage(path=doors.LOGIN + "/{ticket}", call=sign_in_by_link, method="POST"),
    ConsolePage(path="/logout", call=sign_out, method="POST"),
)

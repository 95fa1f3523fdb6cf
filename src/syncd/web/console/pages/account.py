"""What a person chooses for their own eyes, and who is signed in: `/account`.

Theme, zone and shortcuts are kept by the browser. One's own sessions can be ended; those of others
by a Super User.
"""

from __future__ import annotations

from aiohttp import web

from syncd.web.console import amounts
from syncd.web.console.visit import PREFERENCES, THEMES, Choices, ConsolePage, Visit
from syncd.web.http.guard import Role
from syncd.web.http.problems import ProblemError

_A_YEAR_S = 365 * 86_400
PATH = "/account"


async def show(visit: Visit) -> web.StreamResponse:
    """GET /account."""
    return await _page(visit)


async def choose(visit: Visit) -> web.StreamResponse:
    """POST /account: theme, zone and shortcuts."""
    form = await visit.form()
    theme, zone = form.get("theme", ""), form.get("zone", "").strip()
    if theme and theme not in THEMES:
        alert = f"Theme: expected light, dark or the system's, got {theme!r}."
        return await _page(visit, status=400, alert=alert)
    if zone and amounts.zone_of(zone) is None:
        alert = f"Time zone: expected a name such as Pacific/Auckland, got {zone[:60]!r}."
        return await _page(visit, status=400, alert=alert)
    chosen = Choices(theme=theme, zone=zone, has_keys=form.get("keys") == "on")
    answer = visit.see(PATH)
    answer.set_cookie(
        PREFERENCES,
        chosen.text(),
        max_age=_A_YEAR_S,
        path="/",
        secure=visit.console.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


async def end(visit: Visit) -> web.StreamResponse:
    """POST /account/sessions: end one."""
    wanted = (await visit.form()).get("session", "")
    listed = await visit.operations.sessions.listing()
    found = next((one for one in listed if one.digest == wanted), None)
    is_theirs = found is not None and found.operator == visit.who
    if found is not None and not is_theirs and visit.operator.role < Role.SUPER_USER:
        detail = "Ending somebody else's session needs the role Super User."
        raise ProblemError(403, "Not permitted", detail)
    if found is not None:
        await visit.operations.sessions.end(found.digest)
    return visit.see(PATH)


async def _page(visit: Visit, *, status: int = 200, alert: str = "") -> web.Response:
    listed = await visit.operations.sessions.listing()
    is_super = visit.operator.role >= Role.SUPER_USER
    shown = [one for one in listed if is_super or one.operator == visit.who]
    return visit.page("account.html", status=status, sessions=shown, themes=THEMES, alert=alert)


PAGES = (
    ConsolePage(path=PATH, call=show),
    ConsolePage(path=PATH, call=choose, method="POST"),
    ConsolePage(path=PATH + "/sessions", call=end, method="POST"),
)

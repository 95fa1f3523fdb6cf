"""The overview: each tenant's verdict and card, and the buttons of its connection.

What cannot be taken back, or writes to Xero, asks first on a page of its own. A refusal draws the
page again with its reason.
"""

from __future__ import annotations

from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.operator.needs import Need
from syncd.engine.operator.statuses import TenantStatus
from syncd.web.console import figures, openings, verdicts, ways, words
from syncd.web.console.openings import Opening
from syncd.web.console.verdicts import Needs, Press, Told
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http.problems import ProblemError

CARD = "/t/{t}"
_MOST_NEEDS = 25
_REPLICAS = Press(label="See all replicas", href="/replicas", operation="listReplicas")
DONE = {
    "refreshed": "The token was refreshed.",
    "disconnected": "Disconnected. Nothing is synchronised; links, queue and history stay.",
    "paused": "Paused. Nothing is written to Xero from now on; reading goes on.",
    "resumed": "Resumed. What waited goes on.",
    "live": "The tenant is live: changes are written to Xero from now on.",
    "observe": "The tenant observes: nothing is written to Xero from now on.",
}
"""What is said after a button, by the word in the address, while it is so: an address is kept, and
somebody else may have pressed another button since."""


async def everything(visit: Visit) -> web.StreamResponse:
    """GET /: the one tenant's card, or a row for each."""
    served = visit.operations.served
    if len(served) == 1 and visit.query.get("part") != "overview":
        return await _card(visit, await visit.operations.tenant(served[0]))
    found = await visit.operations.tenants()
    rows = [(one, (await _told(visit, one))[0]) for one in found]
    order = list(type(rows[0][1].kind)) if rows else []
    rows.sort(key=lambda row: (order.index(row[1].kind), row[0].tenant))
    return visit.page("overview.html", parts=("overview",), rows=rows, site=_site(visit))


async def card(visit: Visit) -> web.StreamResponse:
    """GET /t/{t}: one tenant's card."""
    return await _card(visit, await visit.operations.tenant(visit.tenant))


async def ask_connect(visit: Visit) -> web.StreamResponse:
    """GET …/connect: what connecting asks for."""
    return await _connect(visit)


async def connect(visit: Visit) -> web.StreamResponse:
    """POST …/connect: the page again, with the link to Xero.

    No redirect: a browser would block one that leaves the site, and a link good once has no place
    in an address. Sent twice it makes another link, and the first stays good.
    """
    offer = await visit.operations.consent.start(visit.tenant, visit.who)
    return await _connect(visit, link=offer.url)


async def ask_disconnect(visit: Visit) -> web.StreamResponse:
    """GET …/disconnect: what follows from it."""
    return await _question(visit, "disconnect.html")


async def disconnect(visit: Visit) -> web.StreamResponse:
    """POST …/disconnect."""
    answer = await visit.operations.commands.disconnect(visit.tenant, visit.who)
    if not answer.is_done:
        return await _question(visit, "disconnect.html", status=409, alert=answer.message)
    return _done(visit, "disconnected")


async def refresh(visit: Visit) -> web.StreamResponse:
    """POST …/refresh: Refresh Token."""
    answer = await visit.operations.commands.refresh(visit.tenant, visit.who)
    return _done(visit, "refreshed") if answer.is_done else await _again(visit, answer.message)


async def pause(visit: Visit) -> web.StreamResponse:
    """POST …/pause."""
    done = await visit.operations.switches.pause(visit.tenant, visit.who)
    return _done(visit, "paused") if done.is_done else await _again(visit, done.message)


async def resume(visit: Visit) -> web.StreamResponse:
    """POST …/resume."""
    done = await visit.operations.switches.resume(visit.tenant, visit.who)
    return _done(visit, "resumed") if done.is_done else await _again(visit, done.message)


async def ask_mode(visit: Visit) -> web.StreamResponse:
    """GET …/mode: what follows from the other one."""
    return await _mode(visit)


async def switch_mode(visit: Visit) -> web.StreamResponse:
    """POST …/mode."""
    wanted = (await visit.form()).get("mode", "")
    mode = verdicts.mode_of(wanted)
    if mode is None:
        raise ProblemError(400, "Not understood", "mode: expected observe or live.")
    done = await visit.operations.switches.mode(visit.tenant, mode, visit.who)
    if not done.is_done:
        return await _mode(visit, status=409, alert=done.message)
    return _done(visit, mode.value)


async def _told(visit: Visit, status: TenantStatus) -> tuple[Told, list[Need]]:
    """The sentence of a tenant, and what needs a person. What holds all says so in the sentence."""
    found = await visit.operations.needs(TenantId(status.tenant))
    causes = [one for one in found if one.cause is not None or one.example_id is not None]
    needs = Needs(causes=len(causes), invoices=sum(one.invoices for one in causes))
    return verdicts.of(status, needs), causes


async def _again(visit: Visit, alert: str) -> web.Response:
    status = await visit.operations.tenant(visit.tenant)
    return await _card(visit, status, answer=409, alert=alert)


async def _card(
    visit: Visit, status: TenantStatus, *, answer: int = 200, alert: str = ""
) -> web.Response:
    told, needs = await _told(visit, status)
    day = await visit.operations.samples.of(TenantId(status.tenant))
    return visit.page(
        "card.html",
        status=answer,
        parts=("card",),
        site=_site(visit),
        at=status,
        told=told,
        states=words.STATES,
        needs=[(one, ways.of_need(status.tenant, one)) for one in needs[:_MOST_NEEDS]],
        more=max(0, len(needs) - _MOST_NEEDS),
        queue=figures.queue(day, clears_in_s=status.clears_in_s),
        delay=figures.delay(day),
        left=figures.left(day),
        calls=figures.calls(day),
        read=figures.read(day),
        alert=alert,
        pressed=pressed if (pressed := visit.query.get("done", "")) in _that_hold(status) else "",
        words_of_pressed=DONE,
    )


def _that_hold(at: TenantStatus) -> set[str]:
    """Of what may have been pressed, what is so now."""
    mode = "live" if at.mode is Mode.LIVE else "observe"
    connection = {
        ConnectionState.CONNECTED: "refreshed",
        ConnectionState.NOT_CONNECTED: "disconnected",
        ConnectionState.TOKEN_EXPIRED: "",
    }[at.card.status]
    return {mode, connection, "paused" if at.is_paused else "resumed"} - {""}


def _site(visit: Visit) -> Opening | None:
    """The replicas, where one is missing."""
    found = visit.operations.replicas()
    told = openings.of_replicas(found, _REPLICAS) if found else None
    return None if told is None or told.press is None else told


async def _connect(visit: Visit, *, link: str = "") -> web.Response:
    status = await visit.operations.tenant(visit.tenant)
    return visit.page("connect.html", at=status, link=link)


async def _question(
    visit: Visit, template: str, *, status: int = 200, alert: str = ""
) -> web.Response:
    found = await visit.operations.tenant(visit.tenant)
    return visit.page(template, status=status, at=found, alert=alert)


async def _mode(visit: Visit, *, status: int = 200, alert: str = "") -> web.Response:
    found = await visit.operations.tenant(visit.tenant)
    other = Mode.LIVE if found.mode is Mode.OBSERVE else Mode.OBSERVE
    return visit.page(
        "mode.html",
        status=status,
        at=found,
        other=other,
        waiting=verdicts.would_write(found),
        alert=alert,
    )


def _done(visit: Visit, word: str) -> web.Response:
    return visit.see(f"{visit.place()}?done={word}")


PAGES = (
    ConsolePage(path="/", call=everything, operation="listTenants", menu="Overview", key="o"),
    ConsolePage(path=CARD, call=card, operation="getTenant"),
    ConsolePage(path=CARD + "/connect", call=ask_connect, operation="connect"),
    ConsolePage(path=CARD + "/connect", call=connect, operation="connect", method="POST"),
    ConsolePage(path=CARD + "/disconnect", call=ask_disconnect, operation="disconnect"),
    ConsolePage(path=CARD + "/disconnect", call=disconnect, operation="disconnect", method="POST"),
    ConsolePage(path=CARD + "/refresh", call=refresh, operation="refresh", method="POST"),
    ConsolePage(path=CARD + "/pause", call=pause, operation="pauseTenant", method="POST"),
    ConsolePage(path=CARD + "/resume", call=resume, operation="resumeTenant", method="POST"),
    ConsolePage(path=CARD + "/mode", call=ask_mode, operation="switchMode"),
    ConsolePage(path=CARD + "/mode", call=switch_mode, operation="switchMode", method="POST"),
)

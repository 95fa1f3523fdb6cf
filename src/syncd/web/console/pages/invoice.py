"""One invoice: how it stands, what to press, what differs, what happened, what comes next.

Whoever moved a field in Xero is known from Xero's History alone: that part follows by itself where
calls are left, else by a link that says it costs one.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.domain.model.explanation import Mover
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.rules.decide.resolve import Take
from syncd.domain.rules.journal import actions, explanation
from syncd.domain.rules.queue.outcome import BARE, TRIED
from syncd.domain.rules.tenant import troubles
from syncd.engine.operator.explain import Explained
from syncd.engine.operator.resolve import HasMoved, NotResolved, Order
from syncd.engine.operator.statuses import InvoiceDetails
from syncd.web.console import fields, words
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http.problems import ProblemError

PATH = "/t/{t}/invoices/{id}"
LEAST_CALLS_LEFT = 10
"""With fewer left of the minute nothing is asked of Xero that nobody pressed for."""
DONE = {
    "pipeline": "Pipeline’s side was taken. Xero is written when its turn comes.",
    "xero": "Xero’s side was taken. Nothing is written; the difference stays listed.",
    "retry": "It is looked at again now.",
}
_MOVED = "It has moved since you looked. Nothing was changed; below is how it is now."
_STEPS = {
    StepKind.CREATE: "A create",
    StepKind.UPDATE: "A change",
}


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/invoices/{id}."""
    return await _page(visit)


async def story(visit: Visit) -> web.StreamResponse:
    """GET …/story: with Xero's History; one call. The part alone where a page asks for it."""
    told = await visit.operations.explanations.explain(visit.tenant, _key(visit))
    if told is None:
        raise _no_invoice(visit)
    visit.console.stories.keep(_story_key(visit), told, visit.reading.now)
    if visit.request.headers.get("HX-Request"):
        details = await _details(visit)
        return visit.page("parts/story.html", is_part=True, **_told(visit, details, told))
    return await _page(visit, told=told)


async def resolve(visit: Visit) -> web.StreamResponse:
    """POST …/resolve: take one side of what was seen."""
    form = await visit.form()
    take = next((one for one in Take if one.value == form.get("take")), None)
    if take is None:
        raise ProblemError(400, "Not understood", "take: expected pipeline or xero.")
    await _details(visit)
    order = Order(take=take, seen=form.get("seen", ""), who=visit.who)
    answer = await visit.operations.resolutions.resolve(visit.tenant, _key(visit), order)
    if isinstance(answer, HasMoved):
        return await _page(visit, status=409, alert=_MOVED)
    if isinstance(answer, NotResolved):
        said = words.without_commands(answer.text)
        return await _page(visit, status=503 if answer.is_unread else 409, alert=said)
    return visit.see(f"{_here(visit)}?done={take.value}")


async def retry(visit: Visit) -> web.StreamResponse:
    """POST …/retry: look at it again now."""
    if await visit.operations.retry(visit.tenant, _key(visit), visit.who) is None:
        raise _no_invoice(visit)
    return visit.see(f"{_here(visit)}?done=retry")


async def _page(
    visit: Visit, *, status: int = 200, alert: str = "", told: Explained | None = None
) -> web.Response:
    details = await _details(visit)
    row, result = details.status, details.result
    found = result.differences if result is not None else ()
    offered = {one.label for one in actions.of_invoice(row.state, row.reason)}
    told = told or visit.console.stories.fresh(_story_key(visit), visit.reading.now)
    return visit.page(
        "invoice.html",
        status=status,
        parts=("invoice",),
        at=details,
        row=row.row,
        one=row,
        look=words.state(row.state, row.reason),
        sentence=sentence(details),
        takes=actions.TAKE_PIPELINE.label in offered and bool(details.seen),
        effects=fields.effects(
            found,
            details.sides.desired,
            is_withdrawn=row.row.is_withdrawn,
            gone_as=(row.row.xero_label or row.row.label)
            if row.reason is Reason.GONE_IN_XERO
            else None,
        ),
        differences=fields.differences(found, details.sides.desired),
        result=result,
        pipeline_url=visit.operations.pipeline_url(visit.tenant, row.row.key),
        here=_here(visit),
        alert=alert,
        done=DONE.get(visit.query.get("done", ""), ""),
        may_retry=row.state in _LOOKED_AT,
        is_part=False,
        **_told(visit, details, told),
    )


_LOOKED_AT = (
    PublicState.WAITING, PublicState.OUT_OF_SYNC, PublicState.FAILED, PublicState.SYNCED,
)  # fmt: skip


def _told(visit: Visit, details: InvoiceDetails, told: Explained | None) -> dict[str, Any]:
    """What the story part shows; `asks` is how Xero is asked for names, where it is not yet."""
    may_call = details.status.row.xero_id is not None
    is_apart = details.status.state is PublicState.OUT_OF_SYNC
    by_itself = is_apart and visit.operations.calls_left(visit.tenant) > LEAST_CALLS_LEFT
    asks = "itself" if by_itself else "pressed"
    return {
        "history": details.history,
        "told": told,
        "fields": fields,
        "invoice_key": _key(visit),
        "trail": details.sides.trail,
        "desired": details.sides.desired,
        "movers": _movers(told) if is_apart else (),
        "story_href": f"{_here(visit)}/story",
        "asks": "" if told is not None or not may_call else asks,
    }


def _movers(told: Explained | None) -> list[Mover]:
    """Who moved what, where somebody is known."""
    found = () if told is None else told.story.movers
    return [one for one in found if one.pipeline_by or one.xero_by]


def sentence(details: InvoiceDetails) -> str:
    """How the invoice stands, and who acts."""
    one = details.status
    row = one.row
    why = words.in_words(words.plain(one.why))
    match one.state:
        case PublicState.SYNCED:
            kept = details.result is not None and bool(details.result.differences)
            but = ", but for what was kept by decision" if kept else ""
            return f"Equal in both books{but}{_as_of(details)}."
        case PublicState.PENDING:
            return why or "Queued; it goes by itself when its turn comes."
        case PublicState.UNCERTAIN:
            step = details.sides.open_step
            sent = _STEPS.get(step, "A write") if step is not None else "A write"
            return (
                f"{sent} was sent and its answer was lost. syncd looks until it knows. Nothing to "
                "do, and nothing else is sent."
            )
        case PublicState.OUT_OF_SYNC:
            moved = words.moved(row.cause)
            if row.is_withdrawn:
                moved = f"Deleted in Pipeline, and {moved[:1].lower()}{moved[1:]}"
            return f"{moved}. Nothing is written until both sides agree or you take one."
        case PublicState.VOIDED:
            return why or "Voided in Xero, and deleted in Pipeline."
        case PublicState.WAITING | PublicState.FAILED:
            return _with_remedy(why, one.reason)


def _as_of(details: InvoiceDetails) -> str:
    """What an agreement holds as of, where a side cannot be read now."""
    if details.stopped is not None and troubles.stops_calls((details.stopped,)) is not None:
        return ", as Xero was last read"
    return ", as Pipeline was last read" if details.is_unheard else ""


def _with_remedy(why: str, reason: Reason | None) -> str:
    """Why it waits, or failed; Xero's own words with what a person can do about them."""
    if reason is None:
        return why or "It waits."
    if why.startswith(BARE) and TRIED not in why:
        return f"{why.rstrip('. ')}. {explanation.remedy(reason)}"
    return why or f"{words.reason(reason)}."


def _key(visit: Visit) -> str:
    return visit.request.match_info["id"]


def _here(visit: Visit) -> str:
    return visit.place("invoices", _key(visit))


def _story_key(visit: Visit) -> tuple[TenantId, str]:
    return (visit.tenant, _key(visit))


async def _details(visit: Visit) -> InvoiceDetails:
    found = await visit.operations.invoice(visit.tenant, _key(visit))
    if found is None:
        raise _no_invoice(visit)
    return found


def _no_invoice(visit: Visit) -> ProblemError:
    detail = f"No invoice {_key(visit)!r} of {visit.tenant} is in scope."
    return ProblemError(404, "No such invoice", detail)


PAGES = (
    ConsolePage(path=PATH, call=show, operation="getInvoice"),
    ConsolePage(path=PATH + "/story", call=story, operation="explainInvoice"),
    ConsolePage(path=PATH + "/resolve", call=resolve, operation="resolveInvoice", method="POST"),
    ConsolePage(path=PATH + "/retry", call=retry, operation="retryInvoice", method="POST"),
)

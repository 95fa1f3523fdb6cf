"""Slow work as a page shows it: under way with its figures, refused, or cut short.

What has ended well is not shown here: its result is. Called by the pages on which it is ordered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant import connection
from syncd.engine.long_work.runner import OtherUnderWay, Work
from syncd.web.console import words
from syncd.web.console.openings import Opening
from syncd.web.console.visit import Visit
from syncd.web.console.words import MOVING, PERSON, Look
from syncd.web.http import listing
from syncd.web.http.problems import ProblemError

_DOING = {
    WorkKind.PLAN: "Planning.",
    WorkKind.APPLY: "Applying.",
    WorkKind.REPORT: "Under way.",
    WorkKind.CHECK: "The chain is checked.",
    WorkKind.REPLAY: "Under way.",
}
_NOT_DONE = {
    WorkKind.PLAN: "No plan was made.",
    WorkKind.APPLY: "Not applied to its end.",
    WorkKind.REPORT: "Nothing was read.",
    WorkKind.CHECK: "The chain was not checked to its end.",
    WorkKind.REPLAY: "Not worked through to its end.",
}
_CUT_SHORT = "The daemon ended before it; nothing is half done. Press again."


class ShownJob(Value, frozen=True, kw_only=True):
    """A job: its sentence, and its figures while it runs. `total` None: nobody knows yet."""

    opening: Opening
    is_running: bool
    began_at: datetime
    asked_by: str
    done: int = 0
    total: int | None = None
    calls: int = 0


async def newest(visit: Visit, kind: WorkKind) -> Work | None:
    """The job of the address (`?job=`), else the one of that kind that was ordered last.

    Raises a 404 problem for one that is not known, or is of another kind.
    """
    works = visit.operations.orders.works
    if "job" not in visit.query:
        found = await works.recent(visit.tenant)
        return next((one for one in found if one.row.kind is kind), None)
    number = listing.number_of(visit.query, "job")
    work = await works.get(visit.tenant, number)
    if work is None or work.row.kind is not kind:
        raise ProblemError(404, "No such job", "It is not known here; the newest ones are kept.")
    return work


def result_of(visit: Visit, work: Work | None) -> str:
    """The name of what a job of the address has made; nothing while it has not."""
    if work is None or "job" not in visit.query or work.row.state is not WorkState.DONE:
        return ""
    return work.row.result or ""


def onward(visit: Visit, path: str) -> web.Response:
    """On to the result: from a part of a page that stands, the whole page goes."""
    if visit.request.headers.get("HX-Request"):
        return web.Response(headers={"HX-Redirect": path})
    return visit.see(path)


def shown(work: Work | None) -> ShownJob | None:
    """What is to be shown of a job; None when there is nothing to say of it any more."""
    if work is None or work.row.state is WorkState.DONE:
        return None
    row, progress = work.row, work.progress
    if progress is not None:
        look = Look(word=_DOING[row.kind], tone=MOVING, icon="clock")
        text = progress.text or "It begins in a moment."
        return ShownJob(
            opening=Opening(look=look, text=text),
            is_running=True,
            began_at=row.began_at,
            asked_by=row.asked_by,
            done=progress.done,
            total=progress.total,
            calls=progress.calls,
        )
    is_cut = row.state is not WorkState.FAILED
    look = Look(word=_NOT_DONE[row.kind], tone=PERSON, icon="alert")
    text = _CUT_SHORT if is_cut else words.plain(row.text)
    return ShownJob(
        opening=Opening(look=look, text=text),
        is_running=False,
        began_at=row.began_at,
        asked_by=row.asked_by,
    )


async def listed(
    visit: Visit,
    kind: WorkKind,
    name: str,
    opening: Opening,
    *,
    status: int = 200,
    alert: str = "",
    **context: Any,
) -> web.Response:
    """What jobs of a kind made, on the page `name`; or on to what the one it names has made."""
    work = await newest(visit, kind)
    made = result_of(visit, work)
    if made:
        return onward(visit, visit.place(name, made))
    job = shown(work)
    return visit.page(
        f"{name}.html",
        status=status,
        parts=(name,),
        opening=job.opening if job is not None and job.is_running else opening,
        job=job,
        here=visit.here,
        alert=alert,
        **context,
    )


def at_hand(visit: Visit, work: Work | None) -> ShownJob | None:
    """What is to be shown of a job where its page is about more: that it runs, or how it ended.

    One that ended is shown at its own address alone.
    """
    is_asked_for = "job" in visit.query or (work is not None and work.progress is not None)
    return shown(work) if is_asked_for else None


async def ordered(
    visit: Visit, order: Callable[[], Awaitable[Work]], *, needs_xero: bool = True
) -> Work | str:
    """What was ordered, or why it was not: the gate is shut, or another one is under way."""
    closed_by = visit.operations.reports.closed_by(visit.tenant) if needs_xero else None
    if closed_by is not None:
        return words.without_commands(connection.to_open(closed_by))
    try:
        return await order()
    except OtherUnderWay as error:
        return error.text

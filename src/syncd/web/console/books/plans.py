"""Plans: made as jobs, kept by their hash, read item by item, applied after a question.

A plan asks Xero, so it is made beside the request; what is shown of one comes from the store. Its
figures are its hash, so that who applies it applies what they read.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from syncd.domain.model.long_work import KeptFile, WorkKind
from syncd.domain.model.planned import PlanAction, PlanScope
from syncd.domain.model.settings import Mode
from syncd.engine.long_work.plan_standing import PlanStanding
from syncd.engine.long_work.runner import Work
from syncd.engine.plans.outcomes import PlanOutcome
from syncd.web.console import words
from syncd.web.console.books import jobs, plan_rows
from syncd.web.console.books.plan_rows import PlanFilter
from syncd.web.console.openings import Opening
from syncd.web.console.verdicts import Press
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.console.words import GOOD, OFF, PERSON, Look
from syncd.web.http import listing
from syncd.web.http.problems import ProblemError

PATH = "/t/{t}/plans"
ONE = PATH + "/{hash}"
PAGE = 50


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/plans: those that are kept, and the one that is being made."""
    return await _list(visit)


async def make(visit: Visit) -> web.StreamResponse:
    """POST …/plans: everything that would be written now, made beside the request."""
    typed = await visit.form()
    scope = PlanScope(
        remap=typed.get("remap") == "1", retry_failed=typed.get("retry_failed") == "1"
    )
    order = partial(visit.operations.orders.plan, visit.tenant, scope, visit.who)
    work = await jobs.ordered(visit, order)
    if isinstance(work, str):
        return await _list(visit, status=409, alert=work)
    return visit.see(f"{visit.place('plans')}?{urlencode({'job': work.row.id})}")


async def one(visit: Visit) -> web.StreamResponse:
    """GET …/plans/{hash}: one plan, its items filtered and paged."""
    return await _page(visit)


async def ask_apply(visit: Visit) -> web.StreamResponse:
    """GET …/plans/{hash}/apply: what follows from it, in its figures."""
    return await _question(visit, await _standing(visit))


async def apply(visit: Visit) -> web.StreamResponse:
    """POST …/plans/{hash}/apply: exactly what was shown, as a job."""
    standing = await _standing(visit)
    plan = standing.plan
    order = partial(visit.operations.orders.apply, visit.tenant, plan, visit.who)
    work = await jobs.ordered(visit, order)
    if isinstance(work, str):
        return await _question(visit, standing, status=409, alert=work)
    return visit.see(visit.place("plans", plan.hash))


async def file(visit: Visit) -> web.StreamResponse:
    """GET …/plans/{hash}.json: the plan's file, as `syncd apply` takes it."""
    standing = await _standing(visit)
    name = f"plan-{plan_rows.short(standing.plan.hash)}.json"
    return web.Response(
        body=msgspec.json.encode(standing.plan),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _list(visit: Visit, *, status: int = 200, alert: str = "") -> web.Response:
    kept = await visit.operations.orders.plans(visit.tenant)
    return await jobs.listed(
        visit,
        WorkKind.PLAN,
        "plans",
        _opening(visit, kept),
        status=status,
        alert=alert,
        kept=kept,
        short=plan_rows.short,
    )


def _opening(visit: Visit, kept: tuple[KeptFile, ...]) -> Opening:
    if not kept:
        look = Look(word="No plan is kept.", tone=OFF, icon="minus")
        text = "A plan shows everything that would be written, with its amounts; it writes nothing."
        return Opening(look=look, text=text)
    newest = kept[0]
    press = Press(
        label="See the newest plan",
        href=visit.place("plans", newest.name),
        operation="getPlan",
    )
    if newest.applied_at is not None:
        look = Look(word="The newest plan is applied.", tone=GOOD, icon="check")
        return Opening(look=look, text="What came since is in the next one.", press=press)
    look = Look(word="The newest plan is not applied.", tone=PERSON, icon="bars")
    return Opening(look=look, text="Read it, then apply it or let it be.", press=press)


async def _standing(visit: Visit) -> PlanStanding:
    name = visit.request.match_info["hash"]
    found = await visit.operations.orders.plan_standing(visit.tenant, name)
    if found is None:
        detail = "No such plan is kept for this tenant; the newest ten are. Make a new one."
        raise ProblemError(404, "No such plan", detail)
    return found


async def _page(visit: Visit) -> web.Response:
    standing = await _standing(visit)
    plan = standing.plan
    status = await visit.operations.tenant(visit.tenant)
    work = await jobs.newest(visit, WorkKind.APPLY)
    job = jobs.shown(work if _is_of(work, plan.hash) else None)
    wanted = _wanted(visit)
    ended = plan_rows.by_item(standing.outcomes)
    found = [item for item in plan.items if wanted.fits(item, ended.get((item.kind, item.key)))]
    begin = listing.number_of(visit.query, "from")
    opening = plan_rows.opening(standing, visit.tenant, status.card.organisation_id)
    narrowed = {name: visit.query[name] for name in _FILTERS if name in visit.query}
    sums = plan_rows.sums(plan.totals, visit.place("plans", plan.hash))
    return visit.page(
        "plan.html",
        parts=("plan",),
        standing=standing,
        plan=plan,
        short=plan_rows.short(plan.hash),
        opening=job.opening if job is not None and job.is_running else opening,
        job=job,
        sums=[one for one in sums if one.acts],
        others=[one for one in sums if not one.acts],
        wanted=wanted,
        actions=[one.action for one in sums],
        has_refused=any(one.outcome is PlanOutcome.REFUSED for one in standing.outcomes or ()),
        rows=plan_rows.rows(standing, found[begin : begin + PAGE]),
        found=len(found),
        begin=begin,
        newer="?" + urlencode(narrowed) + "#items" if begin else None,
        older=_further(narrowed, begin + PAGE) if begin + PAGE < len(found) else None,
        here=visit.here,
    )


_FILTERS = ("action", "outcome", "q")


def _further(narrowed: dict[str, str], begin: int) -> str:
    return "?" + urlencode({**narrowed, "from": begin}) + "#items"


def _wanted(visit: Visit) -> PlanFilter:
    return PlanFilter(
        action=listing.word_of(PlanAction, visit.query, "action"),
        outcome=listing.word_of(PlanOutcome, visit.query, "outcome"),
        text=visit.query.get("q", ""),
    )


def _is_of(work: Work | None, name: str) -> bool:
    return work is not None and work.row.result == name


async def _question(
    visit: Visit, standing: PlanStanding, *, status: int = 200, alert: str = ""
) -> web.Response:
    plan = standing.plan
    mode: Mode = (await visit.operations.tenant(visit.tenant)).mode
    sums = plan_rows.sums(plan.totals, visit.place("plans", plan.hash))
    return visit.page(
        "plan_apply.html",
        status=status,
        plan=plan,
        short=plan_rows.short(plan.hash),
        promises=plan_rows.promises(sums),
        moved=plan_rows.named(standing.moved),
        is_applied=standing.outcomes is not None,
        made_at=standing.file.made_at,
        goes_live=plan_rows.goes_live(standing, mode),
        not_done=words.counted(
            sum(each.count for each in sums if each.action in _UNDONE), "item", "items"
        ),
        alert=alert,
    )


_UNDONE = (PlanAction.AMBIGUOUS, PlanAction.HOLD)

PAGES = (
    ConsolePage(path=PATH, call=show, operation="listPlans", menu="Plan", key="p"),
    ConsolePage(path=PATH, call=make, operation="startPlan", method="POST"),
    ConsolePage(path=ONE + ".json", call=file, operation="getPlan"),
    ConsolePage(path=ONE, call=one, operation="getPlan"),
    ConsolePage(path=ONE + "/apply", call=ask_apply, operation="startApply"),
    ConsolePage(path=ONE + "/apply", call=apply, operation="startApply", method="POST"),
)

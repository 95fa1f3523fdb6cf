"""What a brake halted, why, and its release: bound to what the person saw."""

from __future__ import annotations

from decimal import Decimal

from aiohttp import web

from syncd.domain.model.brake import REMOVES, BrakeStep
from syncd.engine.operator.release_brake import BrakeStatus
from syncd.web.console import amounts, openings, words
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing

PATH = "/t/{t}/brake"
PAGE = 50
_CHANGED = "The list has changed since you looked, so nothing was released. See what it is now."


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/brake."""
    return _page(visit, await _halted(visit))


async def ask_release(visit: Visit) -> web.StreamResponse:
    """GET …/brake/release: what follows from it, in its figures."""
    return _question(visit, await _halted(visit))


async def release(visit: Visit) -> web.StreamResponse:
    """POST …/brake/release: exactly what was seen passes."""
    seen = (await visit.form()).get("seen", "")
    done = await visit.operations.brakes.release(visit.tenant, seen, visit.who)
    if done.is_done:
        return visit.see(visit.place("brake") + f"?released={done.released}")
    return _question(visit, await _halted(visit), status=409, alert=_CHANGED)


async def _halted(visit: Visit) -> BrakeStatus | None:
    return await visit.operations.brakes.of(visit.tenant)


def would(brake: BrakeStatus) -> str:
    """What would be done, step by step: `2 voided (−230.00 NZD in Xero), 1 deleted`."""
    parts = []
    for step in BrakeStep:
        found = [one for one in brake.totals if one.step is step]
        if found:
            money = ", ".join(
                moved(step, each.amount, each.currency) for each in found if each.has_money
            )
            count = amounts.count(sum(one.count for one in found))
            of_money = f" ({money} in Xero)" if money else ""
            parts.append(f"{count} {words.brake_step(step)}{of_money}")
    return ", ".join(parts)


def moved(step: BrakeStep, amount: Decimal, currency: str) -> str:
    """By how much totals in Xero change: `−115.00 NZD`; an update goes up or down, `±25.00 NZD`."""
    if not amount:
        return amounts.amount(amount, currency)
    if step in REMOVES:
        return amounts.amount(-amount, currency)
    return f"±{amounts.amount(amount, currency)}"


def _page(visit: Visit, brake: BrakeStatus | None) -> web.Response:
    begin = listing.number_of(visit.query, "from")
    documents = () if brake is None else brake.documents
    end = begin + PAGE
    return visit.page(
        "brake.html",
        parts=("brake",),
        brake=brake,
        would="" if brake is None else would(brake),
        opening=openings.of_brake(brake),
        documents=documents[begin:end],
        moved=moved,
        has_updates=any(one.step is BrakeStep.UPDATE and one.amount for one in documents),
        begin=begin,
        older=f"?from={end}" if end < len(documents) else None,
        newer="?" if begin else None,
        released=listing.number_of(visit.query, "released"),
    )


def _question(
    visit: Visit, brake: BrakeStatus | None, *, status: int = 200, alert: str = ""
) -> web.Response:
    if brake is None:
        alert = alert and "Nothing is halted any more, so there is nothing to release."
    return visit.page(
        "brake_release.html",
        status=status,
        brake=brake,
        would="" if brake is None else would(brake),
        opening=openings.of_brake(brake),
        alert=alert,
    )


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listBrakes"),
    ConsolePage(path=PATH + "/release", call=ask_release, operation="releaseBrake"),
    ConsolePage(path=PATH + "/release", call=release, operation="releaseBrake", method="POST"),
)

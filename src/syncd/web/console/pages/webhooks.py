"""Whether Xero announces in time: what came, what was missed, and working through it once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from aiohttp import web

from syncd.domain.model.inbox import Category, NoticeOutcome, Source
from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.domain.model.sample import Sample, SampleSeries
from syncd.domain.model.value import Value
from syncd.domain.rules.samples import series
from syncd.domain.rules.tenant import troubles
from syncd.engine.loops.schedule import SWEEPER
from syncd.engine.operator.operations import NOTICES_FROM
from syncd.web.console import figures, openings, words
from syncd.web.console.books import jobs
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing

PATH = "/t/{t}/webhooks"
PAGE = 50
_BACK = timedelta(hours=1)
"""What a replay offers at first."""
_MINUTES = "%Y-%m-%dT%H:%M"


class Door(Value, frozen=True, kw_only=True):
    """What came from one side."""

    source: str
    kept: int
    repeated: int
    refused: int


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/webhooks."""
    return await _page(visit)


async def replay(visit: Visit) -> web.StreamResponse:
    """POST …/webhooks/replay: what came since then, once more."""
    typed = (await visit.form()).get("since", "").strip()
    since = instant_of(typed, visit)
    if since is None:
        alert = f"Since: expected a day and a time such as {_offered(visit)}, got {typed[:40]!r}."
        return await _page(visit, status=400, alert=alert, since=typed)
    order = partial(visit.operations.long_orders.replay, visit.tenant, since, visit.who)
    work = await jobs.ordered(visit, order, needs_xero=False)
    if isinstance(work, str):
        return await _page(visit, status=409, alert=work, since=typed)
    return visit.see(visit.place("webhooks") + f"?job={work.row.id}")


def instant_of(typed: str, visit: Visit) -> datetime | None:
    """A day and a time as the reader's zone has them; None for what is none."""
    try:
        local = datetime.fromisoformat(typed)
        zoned = local if local.tzinfo else local.replace(tzinfo=visit.reading.zone)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def doors_of(day: Sample | None) -> tuple[Door, Door]:
    """What came in a day from each side."""
    of = day or Sample(period=0, seen_s=0)
    return (
        Door(
            source="Xero",
            kept=of.xero_kept,
            repeated=of.xero_repeated,
            refused=of.xero_refused,
        ),
        Door(
            source="Pipeline",
            kept=of.pipeline_kept,
            repeated=of.pipeline_repeated,
            refused=of.pipeline_refused,
        ),
    )


async def _page(
    visit: Visit, *, status: int = 200, alert: str = "", since: str = ""
) -> web.Response:
    day: SampleSeries = await visit.operations.samples.of(visit.tenant)
    whole = series.merged(point for point in day.points if point is not None)
    unseen = troubles.hides_changes((await visit.operations.tenant(visit.tenant)).troubles)
    work = await jobs.newest(visit, WorkKind.REPLAY)
    job = jobs.at_hand(visit, work)
    has_job = "job" in visit.query
    has_ended = has_job and work is not None and work.row.state is WorkState.DONE
    source, verdict = listing.source_of(visit.query), listing.verdict_of(visit.query)
    before = listing.number_of(visit.query, "before")
    found = await visit.operations.notices(
        visit.tenant,
        before=before or NOTICES_FROM,
        source=source,
        outcome=verdict,
        limit=PAGE + 1,
    )
    kept = {"source": source or "", "verdict": verdict or ""}
    narrowed = {name: str(value) for name, value in kept.items() if value}
    last = {"before": str(found[PAGE - 1].id)} if len(found) > PAGE else None
    return visit.page(
        "webhooks.html",
        status=status,
        parts=("webhooks",),
        opening=job.opening if job and job.is_running else openings.of_webhooks(whole, unseen),
        doors=doors_of(whole),
        figure=figures.webhooks(day),
        standing=await visit.operations.webhooks(visit.tenant),
        next_sweep_at=_next_sweep(visit),
        rows=[(one, leads_to(visit, one.key, one.category)) for one in found[:PAGE]],
        source=source,
        sources=list(Source),
        verdict_word=verdict,
        verdicts=["new", *NoticeOutcome],
        newer="?" + urlencode(narrowed) if before else None,
        older=None if last is None else "?" + urlencode({**narrowed, **last}),
        since=since or _offered(visit),
        job=job,
        here=visit.place("webhooks") + (f"?job={work.row.id}" if work and has_job else "?"),
        replayed=words.plain(work.row.text) if work is not None and has_ended else "",
        alert=alert,
    )


def leads_to(visit: Visit, key: str | None, category: str) -> str | None:
    """The page of the invoice or customer a notice is about; None where it is none of ours."""
    if key is None:
        return None
    return visit.place("contacts" if category == Category.CONTACT else "invoices", key)


def _next_sweep(visit: Visit) -> datetime | None:
    due = (
        run.next_run_at
        for run in visit.operations.planned()
        if run.task == SWEEPER and run.tenant == visit.tenant
    )
    return min(due, default=None)


def _offered(visit: Visit) -> str:
    return (visit.reading.now - _BACK).astimezone(visit.reading.zone).strftime(_MINUTES)


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listWebhooks", menu="Webhooks", key="w"),
    ConsolePage(path=PATH + "/replay", call=replay, operation="startReplay", method="POST"),
)

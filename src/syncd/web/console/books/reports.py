"""Control totals: read as a job, kept by their digest, shown, printed, and noted as reviewed.

Both books are read beside the request; what is shown is what was kept, so that a page, its CSV and
its print bear one digest.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from syncd.domain.model.control_totals import Dimension
from syncd.domain.model.long_work import KeptFile, WorkKind
from syncd.web.api import reports as api_reports
from syncd.web.api.running import report_files
from syncd.web.console.books import jobs, report_rows
from syncd.web.console.openings import Opening
from syncd.web.console.verdicts import Press
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.console.words import GOOD, OFF, STOP, Look
from syncd.web.http import listing
from syncd.web.http.problems import ProblemError
from syncd.web.report import words as report_words
from syncd.web.report.shapes import ControlReport

PATH = "/t/{t}/reports"
ONE = PATH + "/{digest}"
PAGE = 50
_REPORT = msgspec.json.Decoder(ControlReport)


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/reports: those that are kept, and the one that is being read."""
    return await _list(visit)


async def read(visit: Visit) -> web.StreamResponse:
    """POST …/reports: Read both books now, beside the request."""
    form = report_files.form
    order = partial(visit.operations.orders.report, visit.tenant, form, visit.who)
    work = await jobs.ordered(visit, order)
    if isinstance(work, str):
        return await _list(visit, status=409, alert=work)
    return visit.see(f"{visit.place('reports')}?{urlencode({'job': work.row.id})}")


async def one(visit: Visit) -> web.StreamResponse:
    """GET …/reports/{digest}: one report, its exceptions filtered and paged."""
    name = visit.request.match_info["digest"]
    report = await _found(visit)
    kept = await visit.operations.orders.reports(visit.tenant)
    file = next((each for each in kept if each.name == name), None)
    if file is None:
        raise _no_report()
    wanted, month, currency = (visit.query.get(key, "") for key in ("cause", "month", "currency"))
    by = listing.word_of(Dimension, visit.query, "by")
    every = [*report.suspects, *report.exceptions]
    found = [each for each in every if report_rows.is_wanted(each, wanted, month, currency)]
    groups = [each for each in report.groups if each.dimension == by]
    begin = listing.number_of(visit.query, "from")
    end = begin + PAGE
    narrowed = {
        key: visit.query[key] for key in ("cause", "month", "currency", "by") if key in visit.query
    }
    length = len(groups) if by is not None else len(found)
    return visit.page(
        "report.html",
        report=report,
        file=file,
        opening=report_rows.opening(report, visit.tenant, is_reviewed=file.reviewed_by is not None),
        totals=report_rows.groups(report.totals),
        unexplained=report_rows.groups(report.unexplained),
        causes=report_rows.causes(report, visit.tenant),
        dimensions=report_rows.dimensions(report),
        by=by,
        groups=report_rows.groups(groups[begin:end], visit.place("reports", name)),
        without_amount=report_rows.without_amount(report),
        of_month=f"{month} {currency}".strip(),
        wanted=wanted,
        wanted_words=report_words.cause_of(found[0]) if wanted and found else "",
        found=len(found),
        begin=begin,
        rows=report_rows.exceptions(found[begin:end], visit.tenant),
        money=report_rows.money(report, visit.tenant)[:PAGE],
        older=_further(narrowed, end) if end < length else None,
        newer="?" + urlencode(narrowed) + "#exceptions" if begin else None,
    )


async def csv(visit: Visit) -> web.StreamResponse:
    """GET …/reports/{digest}.csv: the same, as a table."""
    return api_reports.drawn(await _found(visit), "csv")


async def printed(visit: Visit) -> web.StreamResponse:
    """GET …/reports/{digest}.html: the same, as a page that stands by itself and prints."""
    return api_reports.drawn(await _found(visit), "html")


async def review(visit: Visit) -> web.StreamResponse:
    """POST …/reports/{digest}/review: note it as reviewed, in the journal too."""
    name = visit.request.match_info["digest"]
    if not await visit.operations.orders.review(visit.tenant, name, visit.who):
        raise _no_report()
    return visit.see(visit.place("reports", name))


async def _list(visit: Visit, *, status: int = 200, alert: str = "") -> web.Response:
    kept = await visit.operations.orders.reports(visit.tenant)
    return await jobs.listed(
        visit,
        WorkKind.REPORT,
        "reports",
        _opening(visit, kept),
        status=status,
        alert=alert,
        kept=kept[:PAGE],
        look_of=look_of,
    )


def look_of(file: KeptFile) -> Look:
    """Whether a kept report ties out."""
    if file.ties_out:
        return Look(word="ties out", tone=GOOD, icon="check")
    return Look(word="does not tie out", tone=STOP, icon="cross")


def _opening(visit: Visit, kept: tuple[KeptFile, ...]) -> Opening:
    if not kept:
        look = Look(word="No report is kept.", tone=OFF, icon="minus")
        text = "A report reads both books whole and adds them up: Pipeline = Xero + exceptions."
        return Opening(look=look, text=text)
    newest = kept[0]
    press = Press(
        label="See the newest report",
        href=visit.place("reports", newest.name),
        operation="getReport",
    )
    if newest.ties_out:
        look = Look(word="Both books tied out to the cent.", tone=GOOD, icon="check")
        text = "" if newest.reviewed_by else "Nobody has noted that as reviewed yet."
        return Opening(look=look, text=text, press=press)
    look = Look(word="The books did not tie out.", tone=STOP, icon="cross")
    return Opening(look=look, text="The report names what differs without a cause.", press=press)


async def _found(visit: Visit) -> ControlReport:
    name = visit.request.match_info["digest"]
    found = await visit.operations.orders.kept_report(visit.tenant, name)
    if found is None:
        raise _no_report()
    return _REPORT.decode(found)


def _no_report() -> ProblemError:
    detail = "No such report is kept for this tenant. Read both books again for a new one."
    return ProblemError(404, "No such report", detail)


def _further(narrowed: dict[str, str], begin: int) -> str:
    return "?" + urlencode({**narrowed, "from": begin}) + "#exceptions"


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listReports", menu="Report", key="r"),
    ConsolePage(path=PATH, call=read, operation="startReport", method="POST"),
    ConsolePage(path=ONE + ".csv", call=csv, operation="getReport"),
    ConsolePage(path=ONE + ".html", call=printed, operation="getReport"),
    ConsolePage(path=ONE, call=one, operation="getReport"),
    ConsolePage(path=ONE + "/review", call=review, operation="reviewReport", method="POST"),
)

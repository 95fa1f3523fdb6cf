"""Plans and reports that are kept, over HTTP: by hash and by digest, whole as they were made.

Called by `api`, which knows the tenants. A report is kept as the JSON its digest is over, so every
form of it is drawn from what was kept.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from syncd.domain.model.planned import Plan
from syncd.domain.model.value import like
from syncd.engine.long_work.orders import ReportFile
from syncd.engine.reports.control_totals import Report
from syncd.web.api import reports
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError
from syncd.web.report import shapes
from syncd.web.report.shapes import ControlReport

_REPORT = msgspec.json.Decoder(ControlReport)


class KeptPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that is kept; `applied_at` null: it was not carried out to its end."""

    hash: str
    made_at: dt.datetime
    made_by: str
    applied_at: dt.datetime | None


class KeptPlans(msgspec.Struct, frozen=True, kw_only=True):
    """The newest plans, newest first."""

    items: list[KeptPlan]
    next_cursor: str | None


class KeptReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that is kept; `reviewed_by` null: nobody has noted it as reviewed."""

    digest: str
    made_at: dt.datetime
    made_by: str
    ties_out: bool | None
    reviewed_at: dt.datetime | None
    reviewed_by: str | None


class KeptReports(msgspec.Struct, frozen=True, kw_only=True):
    """The newest reports, newest first."""

    items: list[KeptReport]
    next_cursor: str | None


def form(found: Report) -> ReportFile:
    """A report in the form that is kept."""
    shape = shapes.shape(found)
    return ReportFile(digest=shape.digest, body=msgspec.json.encode(shape), ties_out=shape.ties_out)


class KeptFiles(Handlers):
    """What is kept of orders."""

    async def plans(self, request: web.Request) -> KeptPlans:
        """The plans that are kept."""
        found = await self._operations.orders.plans(self._asked(request))
        return KeptPlans(
            items=[like(KeptPlan, one, hash=one.name) for one in found], next_cursor=None
        )

    async def plan(self, request: web.Request) -> Plan:
        """One plan, whole."""
        name = request.match_info["hash"]
        found = await self._operations.orders.kept_plan(self._asked(request), name)
        if found is None:
            raise ProblemError(404, "No such plan", f"No plan {name!r} is kept for this tenant.")
        return found

    async def reports(self, request: web.Request) -> KeptReports:
        """The reports that are kept."""
        found = await self._operations.orders.reports(self._asked(request))
        return KeptReports(
            items=[like(KeptReport, one, digest=one.name) for one in found], next_cursor=None
        )

    async def report(self, request: web.Request) -> ControlReport | web.Response:
        """One report, in its forms."""
        name, tenant = request.match_info["digest"], self._asked(request)
        wanted = reports.form_of(request)
        found = await self._operations.orders.kept_report(tenant, name)
        if found is None:
            raise _no_report(name)
        shape = _REPORT.decode(found)
        return shape if wanted == "json" else reports.drawn(shape, wanted)

    async def review(self, request: web.Request) -> KeptReport:
        """Note one as reviewed."""
        name, tenant = request.match_info["digest"], self._asked(request)
        if not await self._operations.orders.review(tenant, name, request[OPERATOR].name):
            raise _no_report(name)
        found = await self._operations.orders.reports(tenant)
        (one,) = [each for each in found if each.name == name]
        return like(KeptReport, one, digest=one.name)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        one_plan, one_report = TENANT + "/plans/{hash}", TENANT + "/reports/{digest}"
        return (
            Endpoint(
                name="listPlans", method="GET", path=TENANT + "/plans", role=Role.OFFICE,
                summary="The plans that are kept, newest first",
                answers=KeptPlans, call=self.plans, refusals=(404,),
            ),
            Endpoint(
                name="getPlan", method="GET", path=one_plan, role=Role.OFFICE,
                summary="A kept plan by its hash, whole as it was made",
                answers=Plan, call=self.plan, refusals=(404,),
            ),
            Endpoint(
                name="listReports", method="GET", path=TENANT + "/reports", role=Role.OFFICE,
                summary="The reports that are kept, newest first",
                answers=KeptReports, call=self.reports, refusals=(404,),
            ),
            Endpoint(
                name="getReport", method="GET", path=one_report, role=Role.OFFICE,
                summary="A kept report by its digest, as it was read",
                query=("format",), answers=ControlReport, also=reports.KINDS, call=self.report,
                refusals=(400, 404),
            ),
            Endpoint(
                name="reviewReport", method="POST", path=one_report + "/review", role=Role.ADMIN,
                summary="Note a report as reviewed: who, when, this digest",
                answers=KeptReport, call=self.review, refusals=(404,),
            ),
        )  # fmt: skip


def _no_report(name: str) -> ProblemError:
    detail = f"No report {name!r} is kept for this tenant; the hundred newest are."
    return ProblemError(404, "No such report", detail)

"""Slow work over HTTP: ordered with 202, looked at until it has ended, its result kept by name.

Called by `api`, which knows the tenants. Whoever ordered may go away: the work goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable

import msgspec
from aiohttp import web

from syncd.domain.model.planned import PlanScope
from syncd.engine.long_work.runner import OtherUnderWay, Work
from syncd.web.api import shapes, shaping
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.api.running import report_files, webhooks
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

JOBS = TENANT + "/jobs"


class ApplyWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hash of a plan that is kept."""

    hash: str


class JobProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a job has come. `total` null: nobody knows yet. `calls` are those to Xero so far."""

    text: str
    done: int
    total: int | None
    calls: int
    waits_for: shapes.WaitsFor | None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One order.

    `kind`: plan, apply, report, check, replay; `state`: running, done, failed, interrupted.
    `result` is what came of it: the hash of the plan, the digest of the report, the journal's head
    (or `fault:` and the number of the first entry that does not fit), how many events; `text` says
    how it ended. An interrupted one was cut short by the daemon's end, and nothing of it is half
    done.
    """

    id: str
    kind: str
    state: str
    asked_by: str
    began_at: dt.datetime
    ended_at: dt.datetime | None
    progress: JobProgress | None
    result: str | None
    text: str


class Jobs(msgspec.Struct, frozen=True, kw_only=True):
    """The newest jobs, newest first; never more than fit one page."""

    items: list[Job]
    next_cursor: str | None


class Works(Handlers):
    """Slow work, ordered and looked at."""

    async def plan(self, request: web.Request) -> Job:
        """Order a plan."""
        tenant, who = self._asked(request), request[OPERATOR].name
        wanted = await body_of(request, shapes.PlanWanted)
        scope = PlanScope(remap=wanted.remap, retry_failed=wanted.retry_failed)
        return await self._begun(request, self._operations.orders.plan(tenant, scope, who))

    async def apply(self, request: web.Request) -> Job:
        """Order that a kept plan be applied."""
        tenant, who = self._asked(request), request[OPERATOR].name
        wanted = await body_of(request, ApplyWanted)
        plan = await self._operations.orders.kept_plan(tenant, wanted.hash)
        if plan is None:
            detail = f"No plan {wanted.hash!r} is kept for this tenant; make a new one."
            raise ProblemError(404, "No such plan", detail)
        return await self._begun(request, self._operations.orders.apply(tenant, plan, who))

    async def report(self, request: web.Request) -> Job:
        """Order a report."""
        tenant, who = self._asked(request), request[OPERATOR].name
        order = self._operations.orders.report(tenant, report_files.form, who)
        return await self._begun(request, order)

    async def check(self, request: web.Request) -> Job:
        """Order a check of the chain."""
        tenant, who = self._asked(request), request[OPERATOR].name
        order = self._operations.long_orders.check_chain(tenant, who)
        return await self._begun(request, order)

    async def replay(self, request: web.Request) -> Job:
        """Order a replay of webhooks."""
        tenant, who = self._asked(request), request[OPERATOR].name
        since = webhooks.in_utc((await body_of(request, webhooks.ReplayWanted)).since)
        order = self._operations.long_orders.replay(tenant, since, who)
        return await self._begun(request, order)

    async def job(self, request: web.Request) -> Job:
        """One job."""
        number = request.match_info["job"]
        found = None
        if number.isascii() and number.isdigit() and len(number) <= len("1" * 18):
            found = await self._operations.orders.works.get(self._asked(request), int(number))
        if found is None:
            detail = f"No job {number!r} is known of this tenant; the fifty newest are kept."
            raise ProblemError(404, "No such job", detail)
        return await self._shape(request, found)

    async def jobs(self, request: web.Request) -> Jobs:
        """The newest jobs."""
        found = await self._operations.orders.works.recent(self._asked(request))
        return Jobs(items=[await self._shape(request, one) for one in found], next_cursor=None)

    async def _begun(self, request: web.Request, order: Awaitable[Work]) -> Job:
        try:
            work = await order
        except OtherUnderWay as error:
            raise ProblemError(409, "Not begun", error.text) from None
        return await self._shape(request, work)

    async def _shape(self, request: web.Request, of: Work) -> Job:
        row, progress = of.row, None
        if of.progress is not None:
            waits = await self._operations.waits_for(self._asked(request))
            progress = JobProgress(
                text=of.progress.text,
                done=of.progress.done,
                total=of.progress.total,
                calls=of.progress.calls,
                waits_for=shaping.waits_for(waits),
            )
        return Job(
            id=str(row.id),
            kind=row.kind,
            state=row.state,
            asked_by=row.asked_by,
            began_at=row.began_at,
            ended_at=row.ended_at,
            progress=progress,
            result=row.result,
            text=row.text,
        )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="startPlan", method="POST", path=JOBS + "/plan", role=Role.ADMIN,
                summary="Make a plan beside the request; it is kept by its hash",
                body=shapes.PlanWanted, answers=Job, call=self.plan, refusals=(400, 404, 409),
                status=202,
            ),
            Endpoint(
                name="startApply", method="POST", path=JOBS + "/apply", role=Role.SUPER_USER,
                summary="Apply a kept plan by its hash, to its end",
                body=ApplyWanted, answers=Job, call=self.apply, refusals=(400, 404, 409),
                status=202,
            ),
            Endpoint(
                name="startReport", method="POST", path=JOBS + "/report", role=Role.ADMIN,
                summary="Read both books beside the request; the report is kept by its digest",
                answers=Job, call=self.report, refusals=(404,), status=202,
            ),
            Endpoint(
                name="startCheck", method="POST", path=JOBS + "/check", role=Role.ADMIN,
                summary="Check the journal's chain to its end, beside the request",
                answers=Job, call=self.check, refusals=(404,), status=202,
            ),
            Endpoint(
                name="startReplay", method="POST", path=JOBS + "/replay", role=Role.SUPER_USER,
                summary="Work through what Xero announced of a tenant once more, to its end",
                body=webhooks.ReplayWanted, answers=Job, call=self.replay, refusals=(400, 404, 409),
                status=202,
            ),
            Endpoint(
                name="listJobs", method="GET", path=JOBS, role=Role.OFFICE,
                summary="What was ordered last, with how far it has come",
                answers=Jobs, call=self.jobs, refusals=(404,),
            ),
            Endpoint(
                name="getJob", method="GET", path=JOBS + "/{job}", role=Role.OFFICE,
                summary="One job: how far it has come, or what came of it",
                answers=Job, call=self.job, refusals=(404,),
            ),
        )  # fmt: skip

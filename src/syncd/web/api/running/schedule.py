"""What the daemon has planned: every task with its next run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import msgspec
from aiohttp import web

from syncd.domain.model.planned_run import PlannedRun
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role

PATH = "/api/v1/schedule"
Planned = Callable[[], Sequence[PlannedRun]]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A task's next run, and whether it backs off; `tenant` null: it is one for all of them."""

    task: str
    tenant: str | None
    next_run_at: dt.datetime
    working: bool
    failures: int


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is planned; never more than fit one page."""

    items: list[Run]
    next_cursor: str | None


def endpoints(planned: Planned) -> tuple[Endpoint, ...]:
    """The row of the API's table."""

    async def runs(_: web.Request) -> Runs:
        items = [
            Run(
                task=one.task,
                tenant=one.tenant,
                next_run_at=one.next_run_at,
                working=one.is_working,
                failures=one.failures,
            )
            for one in planned()
        ]
        return Runs(items=items, next_cursor=None)

    return (
        Endpoint(
            name="listRuns",
            method="GET",
            path=PATH,
            role=Role.OFFICE,
            summary="Every task of the daemon with its next run",
            answers=Runs,
            call=runs,
        ),
    )

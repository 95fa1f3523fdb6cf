"""A tenant's past figures, five minutes or an hour a step."""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from syncd.domain.model.sample import DELAY_BOUNDS_S, SampleSeries
from syncd.domain.model.sample import Sample as Counted
from syncd.domain.model.value import like
from syncd.domain.rules.samples.delays import within_s
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http import listing
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role

_HALF, _MOST = 0.5, 0.95


class Delays(msgspec.Struct, frozen=True, kw_only=True):
    """How long things took: `counts` by bucket, whose bounds are `delay_bounds_s`.

    `median_s` and `p95_s` say within how many seconds half of them and 95 % were done: a bucket's
    bound, null where there were none.
    """

    counts: list[int]
    median_s: int | None
    p95_s: int | None


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One step, from `at`: what stood at its end, what was counted in it.

    `seen_s` is for how many seconds of it the daemon was there to count. What stands is null where
    nobody looked. `xero_…` and `pipeline_…` are webhooks at the door, for all tenants together.
    """

    at: dt.datetime
    seen_s: int
    queued: int | None
    most_queued: int | None
    waiting: int | None
    out_of_sync: int | None
    failed: int | None
    findings: int | None
    day_left: int | None
    write_calls: int
    read_calls: int
    sweep_calls: int
    bytes_read: int
    events: int
    missed: int
    xero_kept: int
    xero_repeated: int
    xero_refused: int
    pipeline_kept: int
    pipeline_repeated: int
    pipeline_refused: int
    push: Delays
    webhook: Delays


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of `step_s` seconds, oldest first; those in which nobody counted are left out."""

    begins_at: dt.datetime
    ends_at: dt.datetime
    step_s: int
    delay_bounds_s: list[int]
    items: list[Sample]
    next_cursor: str | None


class Sampled(Handlers):
    """What was sampled of a tenant."""

    async def samples(self, request: web.Request) -> Samples:
        """The last hours of a tenant."""
        tenant, hours = self._asked(request), listing.hours_of(request.query)
        return shaped(await self._operations.samples.of(tenant, hours=hours))

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The row of the API's table."""
        return (
            Endpoint(
                name="listSamples", method="GET", path=TENANT + "/samples", role=Role.OFFICE,
                summary="The tenant's figures of the last hours, step by step", query=("hours",),
                answers=Samples, call=self.samples, refusals=(400, 404),
            ),
        )  # fmt: skip


def shaped(series: SampleSeries) -> Samples:
    """A series as JSON says it."""
    return Samples(
        begins_at=series.begins_at,
        ends_at=series.ends_at,
        step_s=series.step_s,
        delay_bounds_s=list(DELAY_BOUNDS_S),
        items=[
            _sample(series.at(place), point)
            for place, point in enumerate(series.points)
            if point is not None
        ],
        next_cursor=None,
    )


def _sample(at: dt.datetime, of: Counted) -> Sample:
    return like(Sample, of, at=at, push=_delays(of.push_delays), webhook=_delays(of.webhook_delays))


def _delays(counts: tuple[int, ...]) -> Delays:
    return Delays(
        counts=list(counts), median_s=within_s(counts, _HALF), p95_s=within_s(counts, _MOST)
    )

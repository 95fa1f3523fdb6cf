"""Replays webhooks: what Xero has announced is processed once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

PATH = "/api/v1/webhooks/replay"
Replay = Callable[[datetime, str], Awaitable[int]]
"""Replays what came since then, at somebody's word; how many events."""


class ReplayWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Since when, with a time zone."""

    since: datetime


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How many events are processed once more."""

    replayed: int


def in_utc(since: datetime) -> datetime:
    """In UTC; without a zone it is the daemon's. Raises a 400 problem where the calendar ends."""
    try:
        return since.astimezone(UTC)
    except (OverflowError, ValueError):
        detail = (
            "since: expected an instant from the year 2 to 9998, got one at the calendar's end."
        )
        raise ProblemError(400, "Not understood", detail) from None


def endpoints(replay: Replay) -> tuple[Endpoint, ...]:
    """The rows of the API's table."""

    async def replayed(request: web.Request) -> Replayed:
        wanted = await body_of(request, ReplayWanted)
        since = in_utc(wanted.since)
        return Replayed(replayed=await replay(since, request[OPERATOR].name))

    return (
        Endpoint(
            name="replayWebhooks",
            method="POST",
            path=PATH,
            role=Role.SUPER_USER,
            summary="Work through Xero's events that came since an instant once more",
            answers=Replayed,
            call=replayed,
            body=ReplayWanted,
            refusals=(400,),
        ),
    )

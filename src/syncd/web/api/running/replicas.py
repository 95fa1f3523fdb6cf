"""Which replicas there are, and which of them works."""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from syncd.domain.model.value import like
from syncd.engine.operator.operations import Operations
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role

PATH = "/api/v1/replicas"


class ReplicaShape(msgspec.Struct, frozen=True, kw_only=True):
    """A daemon of those that share the store; `seen_at` is when it last said that it is there.

    `state` is `works`, `stands_by` or `gone`; `since` and `lease_until` are of the one that works.
    `is_name_shared`: another process says that it has this name, too.
    """

    name: str
    url: str
    public_url: str
    version: str
    works: bool
    state: str
    seen_at: dt.datetime
    since: dt.datetime | None
    lease_until: dt.datetime | None
    is_name_shared: bool


class Replicas(msgspec.Struct, frozen=True, kw_only=True):
    """Every replica; never more than fit one page, and none where a daemon has its store alone."""

    items: list[ReplicaShape]
    next_cursor: str | None


def endpoints(operations: Operations) -> tuple[Endpoint, ...]:
    """The row of the API's table."""

    async def replicas(_: web.Request) -> Replicas:
        items = [like(ReplicaShape, one) for one in operations.replicas()]
        return Replicas(items=items, next_cursor=None)

    return (
        Endpoint(
            name="listReplicas",
            method="GET",
            path=PATH,
            role=Role.OFFICE,
            summary="Every replica of the site, and which of them works",
            answers=Replicas,
            call=replicas,
        ),
    )

"""The replicas of the site: which one works, since when, and which has not been heard of.

Where a daemon has its store to itself there are none, and nothing leads here.
"""

from __future__ import annotations

from aiohttp import web

from syncd.web.console import openings
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http.problems import ProblemError


async def show(visit: Visit) -> web.StreamResponse:
    """GET /replicas."""
    found = visit.operations.replicas()
    if not found:
        detail = "One daemon has this store to itself: there are no replicas."
        raise ProblemError(404, "No replicas", detail)
    return visit.page("replicas.html", opening=openings.of_replicas(found), replicas=found)


PAGES = (ConsolePage(path="/replicas", call=show, operation="listReplicas"),)

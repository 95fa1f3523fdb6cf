"""Every state, reason, finding, role and shortcut in words: `/help`."""

from __future__ import annotations

from aiohttp import web

from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import Reason
from syncd.web.console import words
from syncd.web.console.visit import ConsolePage, Visit


async def show(visit: Visit) -> web.StreamResponse:
    """GET /help."""
    return visit.page(
        "help.html", states=words.STATES, reasons=list(Reason), findings=list(FindingKind)
    )


PAGES = (ConsolePage(path="/help", call=show),)

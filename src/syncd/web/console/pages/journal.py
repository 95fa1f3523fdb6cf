"""The journal, newest first: what was written, by whom; followed as it grows, its chain checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from syncd.domain.model.long_work import WorkKind
from syncd.domain.model.value import Value, like
from syncd.engine.core import journal_entries
from syncd.engine.core.journal_audit import ABOUT, JournalPage
from syncd.web.console import openings, words
from syncd.web.console.books import jobs
from syncd.web.console.pages import search
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing

PATH = "/t/{t}/journal"
PAGE = 50
_PLACES = {journal_entries.INVOICE: "invoices", journal_entries.CUSTOMER: "contacts"}
"""Where the objects of entries have a page."""
_FILTERS = ("type", "object", "who")
_LONGEST = 255


class Row(Value, frozen=True, kw_only=True):
    """One entry as it is shown: what it is about, by name, and where that has a page."""

    seq: int
    at: datetime
    object_type: str
    record_type: str
    who: str
    label: str
    href: str | None
    text: str
    detail: str


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/journal."""
    return await _page(visit)


async def check(visit: Visit) -> web.StreamResponse:
    """POST …/journal/check: the whole chain, beside the request."""
    work = await visit.operations.long_orders.check_chain(visit.tenant, visit.who)
    return visit.see(f"{visit.place('journal')}?job={work.row.id}")


async def _page(visit: Visit) -> web.Response:
    before = listing.number_of(visit.query, "before")
    is_followed = "follow" in visit.query and not before
    filters = {name: visit.query[name] for name in _FILTERS if name in visit.query}
    wanted = visit.operations.audit.wanted(
        object_type=filters.get("type"),
        object_key=await _object(visit, filters.get("object", "")),
        who=filters.get("who"),
    )
    found = await visit.operations.audit.newest(
        visit.tenant, wanted, before=before or None, limit=PAGE
    )
    head = await visit.operations.audit.head()
    work = await jobs.newest(visit, WorkKind.CHECK)
    job = jobs.at_hand(visit, work)
    opening = openings.of_journal(head.entries, work)
    return visit.page(
        "journal.html",
        parts=("journal",),
        opening=job.opening if job and job.is_running else opening,
        job=job,
        checked=None if work is None else work.row,
        rows=_rows(visit, found),
        filters=filters,
        types=ABOUT,
        follow=_asked(filters, follow="1"),
        still=_asked(filters),
        head=f"{head.entries}:{head.digest.hex()}",
        older=_asked(filters, before=str(found.last)) if found.last > 1 else None,
        newer=_asked(filters) if before else None,
        before=before,
        is_followed=is_followed,
    )


async def _object(visit: Visit, sought: str) -> str:
    """The id of what was asked for: an invoice by its number too, the rest by id alone."""
    if not sought or len(sought) > _LONGEST:
        return sought
    return await search.exact(visit, visit.tenant, sought) or sought


def _asked(filters: Mapping[str, str], **more: str) -> str:
    """The query of this journal, as it is narrowed."""
    return "?" + urlencode({**filters, **more})


def _rows(visit: Visit, page: JournalPage) -> list[Row]:
    found = []
    for seq, entry in page.items:
        place = _PLACES.get(entry.object_type)
        label = page.labels.get(entry.object_key, "")
        found.append(
            like(
                Row,
                entry,
                seq=seq,
                label=label,
                href=visit.place(place, entry.object_key) if place and label else None,
                text=words.in_words(words.plain(entry.description)),
                detail=laid_out(entry.detail),
            )
        )
    return found


def laid_out(detail: bytes | None) -> str:
    """An entry's detail, to be read; empty where it has none."""
    return "" if detail is None else msgspec.json.format(detail, indent=2).decode()


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listEvents", menu="Journal", key="j"),
    ConsolePage(path=PATH + "/check", call=check, operation="startCheck", method="POST"),
)

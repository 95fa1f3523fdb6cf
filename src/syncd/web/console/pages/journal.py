"""The journal, newest first: what was written, by whom; followed as it grows, its chain checked."""

from __future__ import annotations

from datetime import datetime

import msgspec
from aiohttp import web

from syncd.domain.model.value import Value, like
from syncd.engine.operator.journal_audit import ChainCheck, JournalPage
from syncd.web.console import fields, openings, words
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing

PATH = "/t/{t}/journal"
PAGE = 50
A_CHECK = 20_000
"""Entries checked at one press: about half a second."""
_PLACES = {"Invoice": "invoices", "Customer": "contacts"}
"""Where the objects of entries have a page."""


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
    """POST …/journal/check: a part of the chain; the page says how far, and offers the rest."""
    after = listing.number_of(await visit.form(), "after")
    checked = await visit.operations.audit.verify(after=after, noted=None, most=A_CHECK)
    return await _page(visit, checked=checked)


async def _page(visit: Visit, *, checked: ChainCheck | None = None) -> web.Response:
    before = listing.number_of(visit.query, "before")
    is_followed = "follow" in visit.query and not before
    found = await visit.operations.audit.before(visit.tenant, before or None, limit=PAGE)
    head = await visit.operations.audit.head()
    return visit.page(
        "journal.html",
        parts=("journal",),
        opening=openings.of_journal(head.entries, checked),
        rows=_rows(visit, found),
        head=f"{head.entries}:{head.digest.hex()}",
        older=f"?before={found.last}" if found.last > 1 else None,
        newer="?" if before else None,
        before=before,
        is_followed=is_followed,
        go_on=None if checked is None or checked.is_complete else checked.entries,
    )


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
                text=fields.in_words(words.plain(entry.description)),
                detail=laid_out(entry.detail),
            )
        )
    return found


def laid_out(detail: bytes | None) -> str:
    """An entry's detail, to be read; empty where it has none."""
    return "" if detail is None else msgspec.json.format(detail, indent=2).decode()


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listEvents", menu="Journal", key="j"),
    ConsolePage(path=PATH + "/check", call=check, operation="verifyJournal", method="POST"),
)

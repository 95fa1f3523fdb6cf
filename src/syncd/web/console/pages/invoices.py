"""The invoices of a tenant: filters, causes, rows; and looking again at all of one reason."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.value import Value
from syncd.domain.rules.queue import hold_cause
from syncd.engine.operator.pages import ListQuery, Page, Sort
from syncd.engine.operator.unlisted_numbers import Unlisted
from syncd.web.console import ways, words
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing

PATH = "/t/{t}/invoices"
PAGE_SIZE = 50
_MOST_CAUSES = 6
_LONGEST_COUNT = 9
_WITHOUT_CAUSES = (PublicState.SYNCED, PublicState.PENDING, PublicState.VOIDED)


class Cause(Value, frozen=True, kw_only=True):
    """Some of the list wait for this: how many, and where it is mended."""

    invoices: int
    text: str
    href: str
    way: ways.Way
    to_set: str | None


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/invoices."""
    return await _page(visit)


async def retry(visit: Visit) -> web.StreamResponse:
    """POST …/invoices/retry: look again at everything with one reason."""
    reason = listing.reason_of((await visit.form()).get("reason", ""))
    count = await visit.operations.retry_by_reason(visit.tenant, reason, visit.who)
    return visit.see(ways.listing(visit.tenant, reason=reason, looked=str(count)))


async def _page(visit: Visit) -> web.Response:
    query = dict(visit.query)
    is_beginning = bool(query.get("q")) and query.get("within") != "1"
    query.setdefault("sort", Sort.NUMBER if query.get("q") else Sort.CHANGED)
    if is_beginning:
        query["sort"] = Sort.NUMBER
    asked = listing.wanted({**query, "limit": str(PAGE_SIZE)})
    wanted = replace(asked, is_beginning=is_beginning)
    page = await visit.operations.invoices(visit.tenant, wanted)
    cursor = listing.cursor_of(page)
    return visit.page(
        "invoices.html",
        parts=("invoices",),
        rows=page.items,
        wanted=wanted,
        states=words.STATES,
        reasons=list(Reason),
        causes=await _causes(visit, wanted),
        held=_held(page),
        of_the_tenant=hold_cause.OF_THE_TENANT,
        here=_link(visit, query),
        older=None if cursor is None else _link(visit, query, cursor=cursor),
        newest=_link(visit, query, cursor="") if query.get("cursor") else None,
        by_change=None if is_beginning else _link(visit, query, sort=Sort.CHANGED, cursor=""),
        by_number=_link(visit, query, sort=Sort.NUMBER, cursor=""),
        within=_link(visit, query, within="1", cursor="") if is_beginning else None,
        looked=_whole(query.get("looked", "")),
        unlisted=await _unlisted(visit, wanted, page),
    )


async def _causes(visit: Visit, wanted: ListQuery) -> list[Cause]:
    """What the list waits for, the largest first; one alone once it is chosen."""
    if wanted.text or wanted.state in _WITHOUT_CAUSES:
        return []
    found = [
        one
        for one in await visit.operations.needs(visit.tenant)
        if one.invoices
        and wanted.state in (None, one.state)
        and wanted.reason in (None, one.reason)
        and wanted.cause in (None, None if one.cause is None else one.cause.text)
    ]
    return [
        Cause(
            invoices=one.invoices,
            text=words.without_commands(one.text),
            href=ways.listing(
                visit.tenant,
                state=one.state,
                reason=one.reason,
                cause=None if one.cause is None else one.cause.text,
            ),
            way=ways.of_need(visit.tenant, one),
            to_set=one.to_set if wanted.cause else None,
        )
        for one in found[:_MOST_CAUSES]
    ]


def _held(page: Page) -> str:
    """Why everything waits, where it does."""
    for one in page.items:
        if one.reason in hold_cause.OF_THE_TENANT:
            return words.without_commands(one.why)
    return ""


async def _unlisted(visit: Visit, wanted: ListQuery, page: Page) -> Unlisted | None:
    """Why a number is in no list; None where something was found, or nothing looked for."""
    if page.items or not wanted.text or wanted.state or wanted.reason or wanted.cause:
        return None
    in_xero = not wanted.is_beginning
    return await visit.operations.unlisted(visit.tenant, wanted.text, in_xero=in_xero)


def _link(visit: Visit, query: dict[str, str], **changes: str) -> str:
    names = ("state", "reason", "cause", "q", "within", "sort", "cursor")
    asked = {**query, **changes}
    kept = {name: asked[name] for name in names if asked.get(name)}
    return f"{visit.place('invoices')}?{urlencode(kept)}"


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT else None


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listInvoices", menu="Invoices", key="i"),
    ConsolePage(path=PATH + "/retry", call=retry, operation="retryByReason", method="POST"),
)

"""Findings: what a look at both books showed that people should know of, and reconciling now.

Reads the store alone; only Reconcile asks Xero. A round goes on by itself: its ticket stands in the
address, so that the page may be left and found again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from syncd.domain.model.finding import OF_CUSTOMERS, Finding, FindingKind
from syncd.domain.rules.tenant import connection, troubles
from syncd.engine.samples.history import A_WEEK
from syncd.web.console import amounts, figures, openings, words
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing
from syncd.web.http.problems import ProblemError

PATH = "/t/{t}/findings"
PAGE = 50
_OF_EITHER = (FindingKind.UNREADABLE_IN_PIPELINE, FindingKind.RESULT_REFUSED)
"""About an invoice or a customer: which of them, the id alone says."""
_TO_DO = {
    FindingKind.DIFFERING: "Compare",
    FindingKind.MISSING: "Compare",
    FindingKind.UNLINKED_CONTACT: "Link or create",
    FindingKind.CONTACTS_MERGED: "Link or create",
    FindingKind.MISSED_WEBHOOK: "Webhooks",
}


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/findings: what is open, or with `?closed=1` what went lately."""
    if listing.number_of(visit.query, "closed"):
        return await _closed(visit)
    return await _page(visit)


async def reconcile(visit: Visit) -> web.StreamResponse:
    """POST …/reconcile: a round, of what moved lately or of every invoice."""
    service = visit.operations.reconciliation
    closed_by = service.closed_by(visit.tenant)
    if closed_by is not None:
        alert = words.without_commands(connection.to_open(closed_by))
        return await _page(visit, status=409, alert=alert)
    is_full = (await visit.form()).get("full") == "1"
    ticket = await service.order(visit.tenant, visit.who, is_full=is_full)
    return visit.see(f"{visit.place('findings')}?{urlencode({'ticket': ticket})}")


def _leads_to(visit: Visit, one: Finding, invoices: Collection[str]) -> tuple[str, str] | None:
    """Where to go for it, and what the link says; None where there is no page of it.

    `invoices`: of what may be either, those that are invoices.
    """
    to_do = _TO_DO.get(one.kind, "Show")
    if one.kind is FindingKind.MISSED_WEBHOOK:
        return visit.place("webhooks"), to_do
    if one.pipeline_id is None:
        return None
    is_customer = one.kind in OF_CUSTOMERS or (
        one.kind in _OF_EITHER and one.pipeline_id not in invoices
    )
    return visit.place("contacts" if is_customer else "invoices", one.pipeline_id), to_do


def said(one: Finding) -> str:
    """What was found, without what to type and without ids behind names; fields in words."""
    return words.in_words(words.plain(one.text)) or words.finding(one.kind).word


async def _page(visit: Visit, *, status: int = 200, alert: str = "") -> web.Response:
    asked = listing.wanted({"cursor": visit.query.get("cursor", "")})
    kind = listing.kind_of(visit.query)
    is_running = await _is_running(visit)
    found = await visit.operations.reconciliation.findings(
        visit.tenant, kind=kind, after=asked.after, limit=PAGE
    )
    unseen = troubles.hides_changes((await visit.operations.tenant(visit.tenant)).troubles)
    cursor = listing.cursor_of(found)
    narrowed = {} if kind is None else {"kind": str(kind)}
    older = None if cursor is None else "?" + urlencode({**narrowed, "cursor": cursor})
    return visit.page(
        "findings.html",
        status=status,
        parts=("findings",),
        opening=openings.of_findings(
            found.items,
            has_more=cursor is not None or "cursor" in visit.query,
            is_running=is_running,
            is_narrowed=kind is not None,
            unseen=unseen,
        ),
        rows=await _rows(visit, found.items),
        kind=kind,
        kinds=list(FindingKind),
        older=older,
        is_running=is_running,
        here=visit.here if status == HTTPStatus.OK else visit.place("findings"),
        figure=figures.findings(await visit.operations.samples.of(visit.tenant, hours=A_WEEK)),
        alert=alert,
    )


async def _rows(
    visit: Visit, found: Sequence[Finding]
) -> list[tuple[Finding, str, tuple[str, str] | None]]:
    unread = [
        one.pipeline_id for one in found if one.kind in _OF_EITHER and one.pipeline_id is not None
    ]
    invoices = await visit.operations.reconciliation.invoices_among(visit.tenant, unread)
    return [(one, said(one), _leads_to(visit, one, invoices)) for one in found]


async def _closed(visit: Visit) -> web.Response:
    kind = listing.kind_of(visit.query)
    gone = await visit.operations.reconciliation.closed(visit.tenant, kind=kind, limit=PAGE)
    return visit.page(
        "findings_closed.html",
        rows=await _rows(visit, gone.items),
        lasting=amounts.lasting,
    )


async def _is_running(visit: Visit) -> bool:
    ticket = visit.query.get("ticket", "")
    if not ticket:
        return False
    try:
        return not await visit.operations.reconciliation.is_complete(visit.tenant, ticket)
    except ValueError:
        detail = "ticket: expected that of a round which was ordered here, got something else."
        raise ProblemError(400, "Not understood", detail) from None


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listFindings", menu="Findings", key="f"),
    ConsolePage(path="/t/{t}/reconcile", call=reconcile, operation="reconcile", method="POST"),
)

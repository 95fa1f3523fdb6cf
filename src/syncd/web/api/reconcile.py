"""Findings and reconcile rounds over HTTP: two rows of the API's table.

Called by `api`, which knows the tenants. A round that takes longer than a request may is asked for
again with its ticket, until it is complete.
"""

from __future__ import annotations

from aiohttp import web

from syncd.domain.model.finding import OF_CUSTOMERS, OF_INVOICES, Finding
from syncd.domain.model.value import like
from syncd.domain.rules.journal import actions as rules
from syncd.domain.rules.tenant import connection
from syncd.engine.sweeps.findings import FindingPage
from syncd.web.api import shapes, shaping
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.api.overview import actions
from syncd.web.http import listing
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError


class Reconciliation(Handlers):
    """Findings and rounds."""

    async def findings(self, request: web.Request) -> shapes.Findings:
        """A page of open findings."""
        asked = listing.wanted(request.query)
        if listing.number_of(request.query, "closed"):
            gone = await self._operations.reconciliation.closed(
                self._asked(request), kind=listing.kind_of(request.query), limit=asked.limit
            )
            return shapes.Findings(items=_items(gone), next_cursor=None)
        page = await self._operations.reconciliation.findings(
            self._asked(request),
            kind=listing.kind_of(request.query),
            after=asked.after,
            limit=asked.limit,
        )
        return shapes.Findings(items=_items(page), next_cursor=listing.cursor_of(page))

    async def reconcile(self, request: web.Request) -> shapes.Reconciled:
        """A round now, or what has come of one."""
        tenant = self._asked(request)
        wanted = await body_of(request, shapes.ReconcileWanted)
        reconciling = self._operations.reconciliation
        closed_by = reconciling.closed_by(tenant)
        if closed_by is not None:
            raise ProblemError(409, "Not reconciled", connection.to_open(closed_by))
        ticket = wanted.ticket
        if ticket is None:
            who = request[OPERATOR].name
            ticket = await reconciling.order(tenant, who, is_full=wanted.full)
        try:
            outcome = await reconciling.outcome(tenant, ticket)
        except ValueError:
            detail = "ticket: expected the ticket of an earlier answer, got something else."
            raise ProblemError(400, "Not understood", detail) from None
        waits = None if outcome.is_complete else await self._operations.waits_for(tenant)
        return shapes.Reconciled(
            complete=outcome.is_complete,
            ticket=outcome.ticket,
            waits_for=shaping.waits_for(waits),
            refused=outcome.refused,
            items=_items(outcome.findings),
            next_cursor=listing.cursor_of(outcome.findings),
        )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="listFindings", method="GET", path=TENANT + "/findings",
                role=Role.OFFICE, summary="Open findings by kind, with their age",
                query=("kind", "closed", "cursor", "limit"), answers=shapes.Findings,
                call=self.findings, refusals=(400, 404),
            ),
            Endpoint(
                name="reconcile", method="POST", path=TENANT + "/reconcile",
                role=Role.ADMIN, summary="A reconcile round now; answers with what it found",
                body=shapes.ReconcileWanted, answers=shapes.Reconciled, call=self.reconcile,
                refusals=(400, 404, 409),
            ),
        )  # fmt: skip


def _items(page: FindingPage) -> list[shapes.Finding]:
    return [_shape(one) for one in page.items]


def _shape(one: Finding) -> shapes.Finding:
    found = actions.shapes_of(rules.of_finding(one.kind))
    about = "invoice" if one.kind in OF_INVOICES else None
    about = "customer" if one.kind in OF_CUSTOMERS else about
    return like(shapes.Finding, one, id=one.key, object_type=about, actions=found)

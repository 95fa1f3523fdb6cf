"""The decision for one side of an invoice over HTTP: a row of the API's table.

Called by `api`, which knows the tenants. What has moved since the person looked is answered with
409, the differences as they are now and the `seen` to decide on them.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from syncd.domain.rules.decide.resolve import Take
from syncd.engine.operator.resolve import HasMoved, NotResolved, Order
from syncd.web.api import shapes, shaping
from syncd.web.api.handlers import TENANT, Handlers, no_invoice
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError


class ResolveWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The side to take, and the `seen` of what the person looked at."""

    take: Take
    seen: str


class Resolution(Handlers):
    """The decision for one side."""

    async def resolve(self, request: web.Request) -> shapes.InvoiceInFull:
        """Take one side of what the person saw."""
        tenant, key = self._asked(request), request.match_info["invoice"]
        wanted = await body_of(request, ResolveWanted)
        if await self._operations.invoice(tenant, key) is None:
            raise no_invoice(key)
        order = Order(take=wanted.take, seen=wanted.seen, who=request[OPERATOR].name)
        answer = await self._operations.resolutions.resolve(tenant, key, order)
        if isinstance(answer, HasMoved):
            raise ProblemError(
                409,
                "It has moved",
                "It is not as you saw it any more; nothing was changed. Look at the differences "
                "as they are now, and decide again with this seen.",
                differences=shaping.differences(answer.differences),
                seen=answer.seen,
            )
        if isinstance(answer, NotResolved):
            raise ProblemError(503 if answer.is_unread else 409, "Not resolved", answer.text)
        story = await self._operations.invoice(tenant, key)
        if story is None:
            raise no_invoice(key)
        return shaping.invoice_in_full(story)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="resolveInvoice", method="POST",
                path=TENANT + "/invoices/{invoice}/resolve", role=Role.ADMIN,
                summary="Take Pipeline's or Xero's side of what was seen",
                body=ResolveWanted, answers=shapes.InvoiceInFull, call=self.resolve,
                refusals=(400, 404, 409, 503),
            ),
        )  # fmt: skip

"""Plans over HTTP: made whole, applied by sending them back.

Called by `api`, which knows the tenants. A plan is its own proof: it carries the hash over all it
says, and both sides are read again before anything of it is done.
"""

from __future__ import annotations

from aiohttp import web

from syncd.domain.model.planned import Plan, PlanScope
from syncd.domain.model.value import like
from syncd.engine.plans.service import ApplyAnswer, NotPlanned
from syncd.web.api import shapes
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

MOST_PLAN_BYTES = 64 * 1024 * 1024
"""A hundred thousand documents."""
_TICKET = "ticket"


class Planning(Handlers):
    """Plans, made and applied."""

    async def plan(self, request: web.Request) -> Plan:
        """Everything that would be written now."""
        tenant = self._asked(request)
        wanted = await body_of(request, shapes.PlanWanted)
        scope = PlanScope(remap=wanted.remap, retry_failed=wanted.retry_failed)
        try:
            return await self._operations.plans.make(tenant, scope)
        except NotPlanned as error:
            raise _problem("Not planned", error) from None

    async def apply(self, request: web.Request) -> shapes.PlanApplied:
        """Exactly that plan, or some of it."""
        tenant = self._asked(request)
        plan = await body_of(request, Plan)
        ticket, who = request.query.get(_TICKET, ""), request[OPERATOR].name
        try:
            applied = await self._operations.plans.apply(tenant, plan, ticket, who)
        except NotPlanned as error:
            raise _problem("Not applied", error) from None
        except ValueError:
            detail = "ticket: expected the ticket of an earlier answer, got something else."
            raise ProblemError(400, "Not understood", detail) from None
        mode = (await self._operations.tenant(tenant)).mode
        return _shape(plan, applied, mode)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="plan", method="POST", path=TENANT + "/plan", role=Role.ADMIN,
                summary="Everything that would be written, with money totals; writes nothing",
                body=shapes.PlanWanted, answers=Plan, call=self.plan, refusals=(400, 404, 409, 503),
            ),
            Endpoint(
                name="apply", method="POST", path=TENANT + "/apply", role=Role.SUPER_USER,
                summary="Writes exactly that plan; refuses what has moved since it was made",
                query=(_TICKET,), body=Plan, answers=shapes.PlanApplied, call=self.apply,
                refusals=(400, 404, 409, 503), most_body_bytes=MOST_PLAN_BYTES,
            ),
        )  # fmt: skip


def _problem(title: str, error: NotPlanned) -> ProblemError:
    return ProblemError(503 if error.is_unread else 409, title, str(error))


def _shape(plan: Plan, applied: ApplyAnswer, mode: str) -> shapes.PlanApplied:
    return shapes.PlanApplied(
        complete=applied.is_complete,
        ticket=applied.progress.ticket,
        hash=plan.hash,
        mode=mode,
        applied=applied.progress.applied,
        already_applied=applied.progress.already,
        refused=applied.progress.refused,
        withheld=applied.withheld,
        items=[like(shapes.AppliedItem, each) for each in applied.items],
    )

"""Halted brakes over HTTP: the list, and the release of one.

Called by `api`, which knows the tenants.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.domain.model.value import like
from syncd.engine.operator.operations import Operations
from syncd.engine.operator.release_brake import SAMPLE, BrakeStatus
from syncd.web.api import brake_shapes as shapes
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

_BRAKES = "/api/v1/brakes"


class Brakes:
    """The handlers. `asked` finds the tenant of a request, or raises a problem."""

    def __init__(self, operations: Operations, asked: Callable[[web.Request], TenantId]) -> None:
        self._operations = operations
        self._asked = asked

    async def listed(self, _: web.Request) -> shapes.Brakes:
        """Every halted tenant; never more than fit one page."""
        found = await self._operations.brakes.halted()
        return shapes.Brakes(items=[_shape(one) for one in found], next_cursor=None)

    async def release(self, request: web.Request) -> shapes.BrakeReleased:
        """Let exactly what was seen pass."""
        tenant = self._asked(request)
        seen = (await body_of(request, shapes.ReleaseWanted)).seen
        done = await self._operations.brakes.release(tenant, seen, request[OPERATOR].name)
        if not done.is_done:
            raise ProblemError(409, "Not released", done.message)
        return shapes.BrakeReleased(released=done.released, message=done.message)

    def endpoints(self, tenant_path: str) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="listBrakes", method="GET", path=_BRAKES, role=Role.OFFICE,
                summary="Halted brakes: why, and what they would have done",
                answers=shapes.Brakes, call=self.listed,
            ),
            Endpoint(
                name="releaseBrake", method="POST", path=tenant_path + "/brakes/release",
                role=Role.SUPER_USER, summary="Release a brake: exactly what was seen passes",
                body=shapes.ReleaseWanted, answers=shapes.BrakeReleased, call=self.release,
                refusals=(400, 404, 409),
            ),
        )  # fmt: skip


def _shape(one: BrakeStatus) -> shapes.Brake:
    return like(
        shapes.Brake,
        one,
        kind=one.halt.kind,
        text=one.halt.text,
        documents=len(one.documents),
        sample=[
            shapes.BrakedDocument(
                id=each.key,
                number=each.label,
                step=each.step,
                xero_invoice_id=each.xero_id,
                amount=each.amount,
                currency=each.currency,
            )
            for each in one.documents[:SAMPLE]
        ],
    )

"""Halted brakes over HTTP: the list, and the release of one.

Called by `api`, which knows the tenants.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
from aiohttp import web

from syncd.domain.model.value import like
from syncd.engine.operator.release_brake import SAMPLE, BrakeStatus
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

_BRAKES = "/api/v1/brakes"


class BrakedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice that a brake holds. `step`: `update`, `void`, `delete`, or `absent` in Xero.

    `amount` is by how much its total in Xero would change.
    """

    id: str
    number: str
    step: str
    xero_invoice_id: str
    amount: Decimal
    currency: str


class Brake(msgspec.Struct, frozen=True, kw_only=True):
    """A halted tenant. `documents` would have been changed; `waiting` are all invoices held."""

    tenant: str
    kind: str
    text: str
    halted_at: dt.datetime
    would: str
    waiting: int
    documents: int
    sample: list[BrakedDocument]
    seen: str


class Brakes(msgspec.Struct, frozen=True, kw_only=True):
    """Every halted tenant."""

    items: list[Brake]
    next_cursor: str | None


class ReleaseWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A release; `seen` from the list."""

    seen: str


class BrakeReleased(msgspec.Struct, frozen=True, kw_only=True):
    """What was let pass."""

    released: int
    message: str


class BrakeHandlers(Handlers):
    """Halted brakes."""

    async def listed(self, _: web.Request) -> Brakes:
        """Every halted tenant; never more than fit one page."""
        found = await self._operations.brakes.halted()
        return Brakes(items=[_shape(one) for one in found], next_cursor=None)

    async def release(self, request: web.Request) -> BrakeReleased:
        """Let exactly what was seen pass."""
        tenant = self._asked(request)
        seen = (await body_of(request, ReleaseWanted)).seen
        done = await self._operations.brakes.release(tenant, seen, request[OPERATOR].name)
        if not done.is_done:
            raise ProblemError(409, "Not released", done.message)
        return BrakeReleased(released=done.released, message=done.message)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="listBrakes", method="GET", path=_BRAKES, role=Role.OFFICE,
                summary="Halted brakes: why, and what they would have done",
                answers=Brakes, call=self.listed,
            ),
            Endpoint(
                name="releaseBrake", method="POST", path=TENANT + "/brakes/release",
                role=Role.SUPER_USER, summary="Release a brake: exactly what was seen passes",
                body=ReleaseWanted, answers=BrakeReleased, call=self.release,
                refusals=(400, 404, 409),
            ),
        )  # fmt: skip


def _shape(one: BrakeStatus) -> Brake:
    return like(
        Brake,
        one,
        kind=one.halt.kind,
        text=one.halt.text,
        documents=len(one.documents),
        sample=[
            BrakedDocument(
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

"""Halted brakes over HTTP: the list, and the release of one.

Called by `api`, which knows the tenants.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
from aiohttp import web

from syncd.domain.model.brake import Braked
from syncd.domain.model.value import like
from syncd.engine.operator.release_brake import SAMPLE, BrakeStatus
from syncd.store import views
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http import listing
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


class HaltLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much may change within `window_s` seconds without a person's word.

    `voids` counts documents; `money` holds for each currency by itself, null for no limit.
    """

    voids: int
    window_s: float
    money: Decimal | None


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
    """The first of the documents; all of them stand under `…/brakes/documents`."""
    seen: str
    limits: HaltLimits


class BrakedDocuments(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what a tenant's brake holds, by number; `seen` changes with any of it.

    `seen` is null where the tenant is not halted.
    """

    items: list[BrakedDocument]
    next_cursor: str | None
    seen: str | None


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

    async def documents(self, request: web.Request) -> BrakedDocuments:
        """All that a tenant's brake holds."""
        tenant, wanted = self._asked(request), listing.wanted(request.query)
        found = await self._operations.brakes.of(tenant)
        if found is None:
            return BrakedDocuments(items=[], next_cursor=None, seen=None)
        held = sorted(found.documents, key=_place)
        left = [one for one in held if _place(one) > wanted.after or wanted.after == views.START]
        page, has_more = left[: wanted.limit], len(left) > wanted.limit
        return BrakedDocuments(
            items=[_document(one) for one in page],
            next_cursor=listing.cursor_at(_place(page[-1])) if has_more else None,
            seen=found.seen,
        )

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
                name="listBraked", method="GET", path=TENANT + "/brakes/documents",
                role=Role.OFFICE, summary="All that a tenant's brake holds, by number",
                query=("cursor", "limit"), answers=BrakedDocuments, call=self.documents,
                refusals=(400, 404),
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
        sample=[_document(each) for each in one.documents[:SAMPLE]],
        limits=like(HaltLimits, one.limits),
    )


def _document(one: Braked) -> BrakedDocument:
    return like(BrakedDocument, one, id=one.key, number=one.label, xero_invoice_id=one.xero_id)


def _place(one: Braked) -> tuple[str, str]:
    return (one.label, one.key)

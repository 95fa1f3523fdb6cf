"""The tenants themselves over HTTP: one more, or one less, without a restart.

Called by `web.api.application`; what may be given is judged by `engine.core.tenant_keeping`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from syncd.domain.ids import TenantId
from syncd.engine.core.tenant_keeping import TenantOrder, TenantRefusal
from syncd.web.api import shapes, shaping
from syncd.web.api.handlers import TENANT, TENANTS, Handlers
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

_ANSWERS = {
    TenantRefusal.NOT_UNDERSTOOD: (400, "Not understood"),
    TenantRefusal.NOT_POSSIBLE: (409, "Not done"),
    TenantRefusal.NOT_NOW: (503, "Try again later"),
}


class CostCodeWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a cost code leads."""

    account: str
    tax: str | UnsetType = UNSET


class TenantWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant to serve: its name, and the keys of a tenant's section in the configuration.

    `pipeline_url`, `pipeline_key` and `invoice_url` are needed. It observes unless `mode` is
    `live`, and is switched like any other from then on.
    """

    id: str
    pipeline_url: str | UnsetType = UNSET
    pipeline_key: str | UnsetType = UNSET
    pipeline_webhook_secret: str | UnsetType = UNSET
    invoice_url: str | UnsetType = UNSET
    mode: str | UnsetType = UNSET
    start_date: dt.date | UnsetType = UNSET
    approved_as: str | UnsetType = UNSET
    create_contacts: str | UnsetType = UNSET
    xero_edits: str | UnsetType = UNSET
    totals_tolerance: Decimal | UnsetType = UNSET
    due_days: int | UnsetType = UNSET
    brake_money: Decimal | UnsetType = UNSET
    cost_codes: dict[str, CostCodeWanted] | UnsetType = UNSET
    tax_types: dict[str, str] | UnsetType = UNSET


class TenantRemoved(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant that is served no more."""

    id: str
    message: str


class Served(Handlers):
    """The tenants this daemon serves."""

    async def add(self, request: web.Request) -> shapes.Pressed:
        """Serve one more."""
        given = msgspec.to_builtins(await body_of(request, TenantWanted))
        name = given.pop("id")
        done = await self._operations.keeping.add(name, given, request[OPERATOR].name)
        message = _message(done)
        return shaping.pressed(await self._operations.tenant(TenantId(name)), message)

    async def remove(self, request: web.Request) -> TenantRemoved:
        """Serve one less."""
        tenant = self._asked(request)
        done = await self._operations.keeping.remove(tenant, request[OPERATOR].name)
        return TenantRemoved(id=tenant, message=_message(done))

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="addTenant", method="POST", path=TENANTS, role=Role.SUPER_USER,
                summary="Serve one more tenant, without a restart; its secrets are sealed",
                body=TenantWanted, answers=shapes.Pressed, call=self.add, status=201,
                refusals=(400, 409, 503),
            ),
            Endpoint(
                name="removeTenant", method="DELETE", path=TENANT, role=Role.SUPER_USER,
                summary="Serve one tenant less: disconnected; links, history, journal stay",
                answers=TenantRemoved, call=self.remove, refusals=(404, 409, 503),
            ),
        )  # fmt: skip


def _message(done: TenantOrder) -> str:
    if done.refusal is not None:
        status, title = _ANSWERS[done.refusal]
        raise ProblemError(status, title, done.message)
    return done.message

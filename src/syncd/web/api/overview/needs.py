"""What a person must do over HTTP, one row a cause.

Called by `api`, which knows the tenants.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from syncd.engine.operator.needs import Need
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.api.overview import actions
from syncd.web.api.overview.actions import PossibleAction
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import Role


class NeedCause(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way: `kind`, its `name` for people, and `filter` for the listings.

    `kind`: customer, cost_code, account, tax_rate, tax_type, currency, lock_date, tracking or
    moved_by. `id` is Pipeline's of a customer, else the name as it is stored.
    """

    kind: str
    name: str
    id: str
    filter: str


class NeedExample(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest: an invoice's number, a customer's name or what a finding is about; its words."""

    id: str
    label: str
    text: str


class NeedShape(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with all that waits for it. `reason_code` null: out of sync, or a finding.

    `state` is null where a `finding` says it: so many `findings` of that kind are open.
    `oldest_at`: since when the first of them waits. `to_set`: the lines of the configuration that
    would mend it, to be completed; null where none would.
    """

    state: str | None
    reason_code: str | None
    finding: str | None
    findings: int
    cause: NeedCause | None
    text: str
    invoices: int
    customers: int
    oldest_at: dt.datetime | None
    example: NeedExample | None
    to_set: str | None
    actions: list[PossibleAction]


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What a person must do, what is worst and largest first; never more than fit one page."""

    items: list[NeedShape]
    next_cursor: str | None


class Needing(Handlers):
    """What needs a person."""

    async def needs(self, request: web.Request) -> Needs:
        """By cause."""
        found = await self._operations.needs(self._asked(request))
        return Needs(items=[_shape(one) for one in found], next_cursor=None)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The row of the table."""
        return (
            Endpoint(
                name="listNeeds", method="GET", path=TENANT + "/needs", role=Role.OFFICE,
                summary="What a person must do, by cause: how many wait for it, and since when",
                answers=Needs, call=self.needs, refusals=(404,),
            ),
        )  # fmt: skip


def _shape(one: Need) -> NeedShape:
    cause, example = None, None
    if one.cause is not None:
        cause = NeedCause(
            kind=one.cause.kind, name=one.cause_name, id=one.cause.name, filter=one.cause.text
        )
    if one.example_id is not None:
        label = one.example_label or one.example_id
        example = NeedExample(id=one.example_id, label=label, text=one.example_text)
    return NeedShape(
        state=one.state,
        reason_code=one.reason,
        finding=one.finding,
        findings=one.findings,
        cause=cause,
        text=one.text,
        invoices=one.invoices,
        customers=one.customers,
        oldest_at=one.oldest_at,
        example=example,
        to_set=one.to_set,
        actions=actions.shapes_of(one.actions),
    )

"""Plans over HTTP: who may, how large they may be, and what is answered when one is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import msgspec
import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.planned import Plan, PlanScope
from syncd.domain.model.value import like
from syncd.engine.plans.outcomes import ItemOutcome, PlanOutcome
from syncd.engine.plans.service import ApplyAnswer, NotPlanned, PlanService, Progress
from syncd.web.api.shapes import AppliedItem
from tests.domain.test_planned import ITEM, PLAN
from tests.web.support.serving import Served, operators

PATH = "/api/v1/tenants/acme"
SEALED = replace(PLAN, hash=PLAN.digest())
BODY = msgspec.to_builtins(SEALED)
OUTCOME = ItemOutcome(
    kind="invoice",
    key="p1",
    name="PL-1",
    action="update",
    outcome=PlanOutcome.REFUSED,
    why="Moved.",
)
SLICE = ApplyAnswer(is_complete=False, progress=Progress(done=1, refused=1), items=(OUTCOME,))


class Asked:
    """A desk whose answer is set by hand; remembers what it was asked for."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.scopes: list[PlanScope] = []
        self.plans: list[tuple[Plan, str, str]] = []

    async def make(self, _: TenantId, scope: PlanScope) -> Plan:
        self.scopes.append(scope)
        if self.refusal is not None:
            raise self.refusal
        return SEALED

    async def apply(self, _: TenantId, plan: Plan, ticket: str, who: str) -> ApplyAnswer:
        self.plans.append((plan, ticket, who))
        if self.refusal is not None:
            raise self.refusal
        return SLICE


def _asking(served: Served, refusal: Exception | None = None) -> Asked:
    asked = Asked(refusal)
    served.desk.operations.plans = cast("PlanService", asked)
    return asked


async def test_an_admin_plans_and_a_super_user_applies_what_came_back() -> None:
    async with operators() as served:
        asked = _asking(served)

        made = await served.client.post(f"{PATH}/plan", {"remap": True}, role="Admin")
        done = await served.client.post(f"{PATH}/apply?ticket=1.0.0.1", made.json)

        assert (made.status, done.status) == (200, 200)
        assert asked.scopes == [PlanScope(remap=True)]
        assert asked.plans == [(SEALED, "1.0.0.1", "super user")]
        assert made.json["items"][0]["xero_id"] == "x1"
        assert done.json == {
            "complete": False,
            "ticket": "1.0.0.1",
            "hash": SEALED.hash,
            "mode": "live",
            "applied": 0,
            "already_applied": 0,
            "refused": 1,
            "withheld": 0,
            "items": [msgspec.to_builtins(like(AppliedItem, OUTCOME))],
        }


@pytest.mark.parametrize(("verb", "role"), [("plan", "Office"), ("apply", "Admin")])
async def test_who_may_not_is_told_so(verb: str, role: str) -> None:
    async with operators() as served:
        asked = _asking(served)

        answer = await served.client.post(
            f"{PATH}/{verb}", BODY if verb == "apply" else {}, role=role
        )

        assert answer.status == 403
        assert (asked.scopes, asked.plans) == ([], [])


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotPlanned("It is not connected."), 409),
        (NotPlanned("Xero is away.", is_unread=True), 503),
    ],
)
async def test_a_refusal_says_why(refusal: NotPlanned, status: int) -> None:
    async with operators() as served:
        _asking(served, refusal)

        for verb, body in (("plan", {}), ("apply", BODY)):
            answer = await served.client.post(f"{PATH}/{verb}", body)
            assert (answer.status, answer.json["detail"]) == (status, str(refusal))


async def test_what_is_no_plan_or_no_ticket_is_refused() -> None:
    async with operators() as served:
        asked = _asking(served)
        nothing = await served.client.post(f"{PATH}/apply", {"hash": "x"})
        more = await served.client.post(f"{PATH}/apply", {**BODY, "also": 1})
        asked.refusal = ValueError("no ticket")
        ticket = await served.client.post(f"{PATH}/apply?ticket=tea", BODY)

        assert (nothing.status, more.status, ticket.status) == (400, 400, 400)
        assert "ticket" in ticket.json["detail"]


async def test_a_plan_may_be_large_and_nothing_else() -> None:
    async with operators() as served:
        asked = _asking(served)
        many = replace(SEALED, items=(ITEM,) * 1000)
        body: Any = msgspec.to_builtins(many)

        large = await served.client.post(f"{PATH}/apply", body)
        other = await served.client.post(f"{PATH}/plan", body)

        assert (large.status, other.status) == (200, 413)
        assert asked.plans[0][0] == many

"""A plan is made beside its request, kept by its hash, and applied by that hash to its end."""

from __future__ import annotations

from typing import Any, cast

import anyio

from syncd.domain.model.long_work import WorkState
from syncd.domain.model.planned import PlanScope
from syncd.engine.long_work.orders import Orders
from syncd.engine.long_work.runner import LongWork, Work
from syncd.engine.reports.control_totals import ReportService
from tests.engine.operator.test_fresh_reads import Gates
from tests.engine.plans.test_apply import desk
from tests.engine.plans.test_build import at_rest
from tests.engine.support.existing_books import build
from tests.engine.support.rounds import Rounds, play
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT


async def ended(works: LongWork, work: Work) -> Work:
    while True:
        found = await works.get(TENANT, work.row.id)
        assert found is not None
        if found.row.state is not WorkState.RUNNING:
            return found
        await worlds.passes(0.1)


def test_a_plan_is_applied_by_its_hash() -> None:
    async def story(rounds: Rounds) -> None:
        build(rounds, customers=5, invoices=5)
        await at_rest(rounds)
        works = LongWork(rounds.context)
        reports = ReportService(rounds.context, gates=cast("Any", Gates()))
        orders = Orders(rounds.context, works, desk(rounds), reports)
        async with anyio.create_task_group() as group:
            await group.start(lambda *, task_status: works.run(task_status=task_status))

            order = await orders.plan(TENANT, PlanScope(), "Ada")
            made = await ended(works, order)
            plan = await orders.kept_plan(TENANT, made.row.result or "")
            assert plan is not None
            applying = await orders.apply(TENANT, plan, "Grace")
            applied = await ended(works, applying)
            works.stop()

        (kept,) = await orders.plans(TENANT)
        standing = await orders.plan_standing(TENANT, plan.hash)
        assert standing is not None
        acting = [(item.kind, item.key) for item in plan.items if item.acts]
        assert [(one.kind, one.key) for one in standing.outcomes or ()] == acting
        assert plan.digest() == plan.hash == made.row.result == applied.row.result
        assert applied.row.state is WorkState.DONE, applied.row.text
        assert "0 refused" in applied.row.text
        assert kept.made_by == "Ada"
        assert kept.applied_at is not None

    play(story)

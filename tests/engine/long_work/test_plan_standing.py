"""How a plan stands comes from the store: what Pipeline has changed since, by its fingerprint."""

from __future__ import annotations

from datetime import datetime

import pytest

from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.planned import PlanItem, PlanKind
from syncd.domain.rules import plan_file
from syncd.ports.billing import ChangeKind
from syncd.store import desired, jobs
from syncd.store.desired import DesiredChange
from tests.engine.support.operating import SYNCED, Desk, desk
from tests.store.build import ACME, AT, customer, later
from tests.web.console.support.books import as_stored, item, keep_plan, plan_of


async def _moved(at: Desk, *items: PlanItem) -> list[str]:
    plan = plan_of(items)
    await keep_plan(at, plan)
    standing = await at.operations.orders.plan_standing(ACME, plan.hash)
    assert standing is not None
    return [one.name for one in standing.moved]


async def test_only_what_acts_and_shows_something_else_has_moved() -> None:
    async with desk() as at:
        await at.seed({"same": SYNCED, "other": SYNCED})

        moved = await _moved(at, as_stored("same"), item("OTHER", desired="x.0"), item("UNKNOWN"))

        assert moved == ["OTHER"]


@pytest.mark.parametrize("by_its_clock", [later(5), later(-5 * 3600)])
async def test_a_customer_that_was_renamed_has_moved(by_its_clock: datetime) -> None:
    """By Pipeline's clock, which may be hours behind, it was before the plan."""
    async with desk() as at:
        change = DesiredChange(
            kind=ChangeKind.CUSTOMER, key="c1", version=2, at=by_its_clock, by="Ada",
            content=customer(name="Ada Limited", version=2),
        )  # fmt: skip
        await at.store.run(desired.put(ACME, [change]))
        wanted = JobRequest(tenant=ACME, kind=JobKind.PUSH_CUSTOMER, key="c1", ready_at=AT)
        await at.store.run(jobs.enqueue([wanted], AT))
        before = plan_file.customer_fingerprint(customer(name="Ada"))
        now = plan_file.customer_fingerprint(customer(name="Ada Limited"))

        for seen, moved in ((before, ["C1"]), (now, [])):
            one = item("C1", kind=PlanKind.CUSTOMER, desired=seen, fields=(), currency="")
            assert await _moved(at, one) == moved


async def test_a_plan_that_is_not_kept_stands_nowhere() -> None:
    async with desk() as at:
        assert await at.operations.orders.plan_standing(ACME, "abc") is None

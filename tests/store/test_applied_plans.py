from __future__ import annotations

from syncd.store import applied_plans
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA


async def test_plan_is_applied_for_its_tenant_alone_and_may_be_noted_twice(store: Store) -> None:
    assert await store.fetch(applied_plans.is_applied(ACME, "ab12")) == (False,)

    for _ in range(2):
        await store.run(applied_plans.note(ACME, "ab12", made_at="2026-11-22T12:00:00Z", at=AT))

    assert await store.fetch(applied_plans.is_applied(ACME, "ab12")) == (True,)
    assert await store.fetch(applied_plans.is_applied(BETA, "ab12")) == (False,)

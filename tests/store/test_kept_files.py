"""Plans and reports are kept by name, whole; the oldest go, and a review stays with its report."""

from __future__ import annotations

from syncd.store import applied_plans, kept_files
from syncd.store.kept_files import MOST_PLANS
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, later


async def keep_plan(store: Store, name: str, body: bytes = b"{}") -> None:
    tx = Transaction()
    tx.add_all(kept_files.put_plan(ACME, name, body, at=AT, who="Ada"))
    await store.commit(tx)


async def test_a_plan_is_found_by_its_hash_by_its_tenant_alone(store: Store) -> None:
    await keep_plan(store, "abc", b'{"hash":"abc"}')
    await store.run(applied_plans.note(ACME, "abc", made_at="", at=later(9)))

    assert await store.fetch(kept_files.plan(ACME, "abc")) == (b'{"hash":"abc"}',)
    assert await store.fetch(kept_files.plan(BETA, "abc")) == ()
    (row,) = await store.fetch(kept_files.plans(ACME))
    assert (row.name, row.made_by, row.applied_at) == ("abc", "Ada", later(9))


async def test_the_newest_plans_are_kept_and_one_made_again_is_the_newest(store: Store) -> None:
    for number in range(MOST_PLANS):
        await keep_plan(store, f"p{number}")
    await keep_plan(store, "p0")
    await keep_plan(store, "last")

    names = [row.name for row in await store.fetch(kept_files.plans(ACME))]

    assert names[:2] == ["last", "p0"]
    assert len(names) == MOST_PLANS
    assert "p1" not in names


async def test_a_review_stays_with_its_report(store: Store) -> None:
    tx = Transaction()
    tx.add_all(kept_files.put_report(ACME, "sha256:1", b"{}", at=AT, who="Ada", ties_out=False))
    await store.commit(tx)

    assert await store.run(kept_files.review(ACME, "sha256:1", "Grace", later(3))) == (False,)
    assert await store.run(kept_files.review(BETA, "sha256:1", "Grace", later(3))) == ()
    (row,) = await store.fetch(kept_files.reports(ACME))

    assert (row.ties_out, row.reviewed_by, row.reviewed_at) == (False, "Grace", later(3))

"""Orders are written down before they begin, one of a kind at a time, and end once."""

from __future__ import annotations

import pytest

from syncd.domain.errors import StoreError
from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.store import long_works
from syncd.store.long_works import MOST_KEPT
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, later


async def begun(store: Store, kind: WorkKind = WorkKind.PLAN) -> int:
    (work,) = await store.run(long_works.begin(ACME, kind, "Ada", AT))
    return work


async def test_one_of_a_kind_runs_for_a_tenant(store: Store) -> None:
    await begun(store)

    with pytest.raises(StoreError):
        await begun(store)
    await begun(store, WorkKind.REPORT)
    await store.run(long_works.begin(BETA, WorkKind.PLAN, "Ada", AT))


async def test_an_order_ends_once_and_is_anothers_to_nobody(store: Store) -> None:
    work = await begun(store)
    await store.run(long_works.end(work, WorkState.DONE, later(5), result="abc", text="well"))
    await store.run(long_works.end(work, WorkState.FAILED, later(6), result=None, text="late"))

    (row,) = await store.fetch(long_works.get(ACME, work))

    assert (row.state, row.result, row.text, row.ended_at) == (
        WorkState.DONE, "abc", "well", later(5),
    )  # fmt: skip
    assert await store.fetch(long_works.get(BETA, work)) == ()


async def test_what_a_restart_cut_short_says_so(store: Store) -> None:
    work = await begun(store)
    await store.run(long_works.interrupt(later(9)))

    (row,) = await store.fetch(long_works.recent(ACME))

    assert (row.id, row.state, row.ended_at) == (work, WorkState.INTERRUPTED, later(9))


async def test_the_oldest_are_forgotten(store: Store) -> None:
    for _ in range(MOST_KEPT + 5):
        work = await begun(store)
        await store.run(long_works.end(work, WorkState.FAILED, AT, result=None, text="no"))
        await store.run(long_works.forget(ACME))

    found = await store.fetch(long_works.recent(ACME, limit=MOST_KEPT * 2))

    assert len(found) == MOST_KEPT
    assert found[0].id == work

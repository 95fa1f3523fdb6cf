"""A job is on the trail of the news that asked for it last."""

from __future__ import annotations

from syncd.domain.model.job import JobState
from syncd.ports import trail
from syncd.store import jobs
from syncd.store.unit_of_work import Store
from tests.store.build import AT, later, wish
from tests.store.test_jobs import claim, claim_uncertain, settle, settled


async def wanted(store: Store, on: str | None, seconds: float = 0) -> None:
    with trail.following([on]):
        await store.run(jobs.enqueue([wish("i1", ready_at=later(seconds))], later(seconds)))


async def test_claimed_job_has_the_trail_of_the_newest_news(store: Store) -> None:
    await wanted(store, "t1")
    await wanted(store, "t2")
    (first,) = await claim(store)
    await settle(store, settled(first))
    await wanted(store, None, 10)

    (again,) = await claim(store, now=later(20))

    assert (first.trail, again.trail) == ("t2", "t2"), "what nobody brought stays on its trail"


async def test_uncertain_write_keeps_its_trail_until_it_is_settled(store: Store) -> None:
    await wanted(store, "t1")
    (job,) = await claim(store)
    await settle(store, settled(job, JobState.UNCERTAIN, ready_at=AT))

    (looked_at,) = await claim_uncertain(store)

    assert looked_at.trail == "t1"

"""A job in a person's hand: nobody else's meanwhile, and given back as it was."""

from __future__ import annotations

import pytest

from syncd.domain.model.job import Job, JobKind, JobState, Reason
from syncd.store import claims, jobs
from syncd.store.jobs import JobRow, JobSettlement
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, FIRST_RUN, later, wish

KIND = JobKind.PUSH_INVOICE


async def take(store: Store) -> tuple[Job, ...]:
    return await store.run(
        claims.take(ACME, KIND, "a", incarnation=FIRST_RUN, lease_until=later(120))
    )


async def give_back(store: Store, job: Job, state: JobState) -> None:
    await store.run(claims.give_back(job, state, incarnation=FIRST_RUN, at=later(5)))


async def row(store: Store) -> JobRow:
    (found,) = await store.fetch(jobs.get(ACME, KIND, ["a"]))
    return found


async def settled(store: Store, state: JobState) -> None:
    """The job of `a`, once wanted, in this state."""
    await store.run(jobs.enqueue([wish("a")], AT))
    (job,) = await take(store)
    is_held = state is JobState.HELD
    tx = Transaction()
    tx.add_all(
        jobs.settle(
            [
                JobSettlement(
                    tenant=ACME,
                    kind=KIND,
                    key="a",
                    leased_until=job.leased_until,
                    state=state,
                    ready_at=None if state in (JobState.DONE, JobState.FAILED) else later(3600),
                    reason=Reason.NUMBER_TAKEN if is_held else None,
                    note="why",
                    predicates=("number_free:A",) if is_held else (),
                )
            ],
            incarnation=FIRST_RUN,
            at=AT,
        )
    )
    await store.commit(tx)


@pytest.mark.parametrize(
    "state", [JobState.READY, JobState.HELD, JobState.DONE, JobState.FAILED], ids=str
)
async def test_taken_and_given_back_is_as_if_nobody_had_touched_it(
    store: Store, state: JobState
) -> None:
    await settled(store, state)
    before = await row(store)

    (job,) = await take(store)
    assert (await row(store)).state is JobState.LEASED
    await give_back(store, job, state)

    assert await row(store) == before


async def test_what_is_in_hand_uncertain_or_unknown_is_not_taken(store: Store) -> None:
    assert await take(store) == ()
    await settled(store, JobState.UNCERTAIN)
    assert await take(store) == ()

    await store.run(
        jobs.claim_uncertain(
            ACME, incarnation=FIRST_RUN, now=later(9999), lease_until=later(10_100), limit=5
        )
    )
    assert await take(store) == ()


async def test_what_was_wanted_meanwhile_goes_round_at_once(store: Store) -> None:
    await settled(store, JobState.HELD)
    (job,) = await take(store)
    await store.run(jobs.enqueue([wish("a")], later(1)))

    await give_back(store, job, JobState.HELD)

    after = await row(store)
    assert (after.state, after.ready_at) == (JobState.READY, later(5))


async def test_what_was_released_meanwhile_goes_round_at_once(store: Store) -> None:
    await settled(store, JobState.HELD)
    (job,) = await take(store)
    await store.run(jobs.release_by_predicate(ACME, "number_free:A", later(1)))

    await give_back(store, job, JobState.HELD)

    after = await row(store)
    assert (after.state, after.ready_at) == (JobState.READY, later(5))

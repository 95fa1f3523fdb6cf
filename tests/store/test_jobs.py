"""The queue's laws."""

from __future__ import annotations

from datetime import datetime

import pytest

from syncd.domain.errors import StoreError
from syncd.domain.ids import IncarnationId, TenantId
from syncd.domain.model.job import Job, JobKind, JobState, PublicState, Reason
from syncd.store import jobs, sql
from syncd.store.jobs import JobRow, JobSettlement, NextDue
from syncd.store.unit_of_work import Store, Transaction, ask
from tests.store.build import ACME, AT, BETA, FIRST_RUN, SECOND_RUN, later, wish

RELEASES = sql.Query(name="releases", text="SELECT count(*) FROM releases")


async def claim(
    store: Store,
    *,
    now: datetime = AT,
    limit: int = 50,
    incarnation: IncarnationId = FIRST_RUN,
    tenant: TenantId = ACME,
    lease_until: datetime | None = None,
) -> tuple[Job, ...]:
    return await store.run(
        jobs.claim(
            tenant,
            JobKind.PUSH_INVOICE,
            incarnation=incarnation,
            now=now,
            lease_until=lease_until or later(120),
            limit=limit,
        )
    )


async def claim_uncertain(store: Store, *, now: datetime = AT) -> tuple[Job, ...]:
    return await store.run(
        jobs.claim_uncertain(ACME, incarnation=FIRST_RUN, now=now, lease_until=later(120), limit=50)
    )


def settled(job: Job, state: JobState = JobState.DONE, **more: object) -> JobSettlement:
    return JobSettlement(
        tenant=job.tenant,
        kind=job.kind,
        key=job.key,
        leased_until=job.leased_until,
        state=state,
        **more,  # type: ignore[arg-type]  (each test names the fields it is about)
    )


async def settle(
    store: Store,
    *settlements: JobSettlement,
    at: datetime = AT,
    incarnation: IncarnationId = FIRST_RUN,
) -> None:
    tx = Transaction()
    tx.add_all(jobs.settle(settlements, incarnation=incarnation, at=at))
    await store.commit(tx)


async def row(store: Store, key: str = "i1") -> JobRow:
    (found,) = await store.fetch(jobs.get(ACME, JobKind.PUSH_INVOICE, [key]))
    return found


async def held(store: Store, *predicates: str, ready_at: datetime | None = None) -> Job:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)
    await settle(
        store,
        settled(
            job,
            JobState.HELD,
            ready_at=ready_at or later(3600),
            reason=Reason.CONTACT_UNMAPPED,
            predicates=predicates,
        ),
    )
    return job


async def test_claim_never_leases_one_key_twice(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1"), wish("i2")], AT))

    first = await claim(store)
    await store.run(jobs.enqueue([wish("i1")], AT))
    second = await claim(store)

    assert sorted(job.key for job in first) == ["i1", "i2"]
    assert second == ()


async def test_claim_takes_what_waited_longest_and_is_due(store: Store) -> None:
    await store.run(
        jobs.enqueue(
            [
                wish("late", ready_at=later(60)),
                wish("second", ready_at=later(-1)),
                wish("first", ready_at=later(-2)),
            ],
            later(-60),
        )
    )

    assert [job.key for job in await claim(store, limit=1)] == ["first"]
    assert [job.key for job in await claim(store)] == ["second"]


async def test_claim_stays_within_its_tenant(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1"), wish("i1", tenant=BETA)], AT))

    (job,) = await claim(store, tenant=BETA)

    assert job.tenant == BETA
    assert (await row(store)).state is JobState.READY


async def test_enqueue_for_an_unknown_tenant_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match=r"jobs\.enqueue"):
        await store.run(jobs.enqueue([wish("i1", tenant=TenantId("nobody"))], AT))


async def test_settle_ends_the_job_when_nothing_newer_is_wanted(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)

    await settle(store, settled(job))

    assert (await row(store)).state is JobState.DONE


async def test_settle_with_a_newer_wish_goes_ready_again_at_once(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)
    await store.run(jobs.enqueue([wish("i1", ready_at=later(1))], later(1)))

    await settle(store, settled(job), at=later(2))

    again = await row(store)
    assert (again.state, again.attempt, again.ready_at) == (JobState.READY, 0, later(2))
    assert again.first_wanted_at == later(2)


async def test_settle_as_failed_with_a_newer_wish_tells_no_failure(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)
    await store.run(jobs.enqueue([wish("i1")], AT))

    await settle(store, settled(job, JobState.FAILED, reason=Reason.REFUSED, note="no"))

    again = await row(store)
    assert (again.state, again.reason, again.note) == (JobState.READY, None, None)


async def test_settle_uncertain_stays_uncertain_whatever_is_wanted_since(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)
    await store.run(jobs.enqueue([wish("i1")], AT))

    await settle(store, settled(job, JobState.UNCERTAIN, ready_at=later(20)))
    await store.run(jobs.enqueue([wish("i1")], later(1)))

    unsure = await row(store)
    assert (unsure.state, unsure.ready_at) == (JobState.UNCERTAIN, later(20))
    assert await claim(store, now=later(600)) == ()


async def test_probe_settled_while_something_newer_is_wanted_goes_ready(store: Store) -> None:
    """The probe's claim does not swallow the newer wish."""
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)
    await settle(store, settled(job, JobState.UNCERTAIN, ready_at=later(20)))
    await store.run(jobs.enqueue([wish("i1")], later(1)))

    (probed,) = await claim_uncertain(store, now=later(20))
    await settle(store, settled(probed), at=later(21))

    assert (await row(store)).claimed_seq == 1
    assert (await row(store)).state is JobState.READY


async def test_settle_by_another_incarnation_changes_nothing(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)

    await settle(
        store,
        settled(job, JobState.HELD, ready_at=AT, reason=Reason.PAUSED, predicates=("resumed",)),
        incarnation=SECOND_RUN,
    )

    assert (await row(store)).state is JobState.LEASED
    await settle(store, settled(job, JobState.HELD, ready_at=later(9), reason=Reason.PAUSED))
    assert await store.run(jobs.release_by_predicate(ACME, "resumed", AT)) == ()


async def test_settle_for_a_retry_waits_until_its_time_and_keeps_its_attempts(
    store: Store,
) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)

    await settle(store, settled(job, JobState.READY, ready_at=later(5), attempt=3))

    assert await claim(store, now=later(4)) == ()
    (again,) = await claim(store, now=later(5))
    assert (job.attempt, again.attempt) == (0, 3)


async def test_impossible_rows_are_refused(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)

    for impossible in (
        settled(job, JobState.HELD, ready_at=AT),
        settled(job, JobState.HELD, reason=Reason.PAUSED),
        settled(job, JobState.FAILED),
        settled(job, JobState.UNCERTAIN),
        settled(job, JobState.LEASED),
    ):
        with pytest.raises(StoreError, match=r"(?i)jobs\.settle.*check"):
            await settle(store, impossible)


async def test_enqueue_lets_a_burst_rest_but_not_for_ever(store: Store) -> None:
    """Edits every 8 s with 10 s of rest: pushed 60 s after the first, not never."""
    for seconds in range(0, 57, 8):
        await store.run(jobs.enqueue([wish("i1", ready_at=later(seconds + 10))], later(seconds)))

    bursting = await row(store)
    assert bursting.ready_at == later(60)
    assert bursting.wanted_seq == 8


async def test_enqueue_at_once_ends_the_rest(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=later(10))], AT))
    await store.run(jobs.enqueue([wish("i1", ready_at=later(3))], later(3)))

    assert (await row(store)).ready_at == later(3)


async def test_enqueue_lets_a_later_edit_of_a_done_job_rest_anew(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store)
    await settle(store, settled(job))

    await store.run(jobs.enqueue([wish("i1", ready_at=later(3610))], later(3600)))

    again = await row(store)
    assert (again.ready_at, again.first_wanted_at) == (later(3610), later(3600))


async def test_enqueue_releases_a_held_job_and_clears_its_reason(store: Store) -> None:
    await held(store, "contact:c1")

    await store.run(jobs.enqueue([wish("i1", ready_at=later(10))], later(10)))

    released = await row(store)
    assert (released.state, released.reason, released.ready_at) == (
        JobState.READY,
        None,
        later(10),
    )
    assert released.first_wanted_at == AT


async def test_predicate_releases_exactly_the_jobs_that_wait_for_it(store: Store) -> None:
    await held(store, "contact:c1", "settings")

    assert await store.run(jobs.release_by_predicate(BETA, "contact:c1", AT)) == ()
    assert await store.run(jobs.release_by_predicate(ACME, "contact:c2", AT)) == ()
    (freed,) = await store.run(jobs.release_by_predicate(ACME, "settings", later(1)))

    assert (freed.key, freed.state) == ("i1", JobState.READY)
    assert (await row(store)).ready_at == later(1)


async def test_settle_replaces_the_predicates_of_the_last_hold(store: Store) -> None:
    await held(store, "contact:c1")
    await store.run(jobs.release_by_predicate(ACME, "contact:c1", AT))
    (job,) = await claim(store)

    await settle(
        store,
        settled(
            job, JobState.HELD, ready_at=later(9), reason=Reason.PAUSED, predicates=("resumed",)
        ),
    )

    assert await store.run(jobs.release_by_predicate(ACME, "contact:c1", AT)) == ()
    assert len(await store.run(jobs.release_by_predicate(ACME, "resumed", AT))) == 1


async def test_clock_releases_held_jobs_and_leaves_uncertain_ones_to_the_prober(
    store: Store,
) -> None:
    await held(store, ready_at=later(30))
    await store.run(jobs.enqueue([wish("i2")], AT))
    (job,) = await claim(store)
    await settle(store, settled(job, JobState.UNCERTAIN, ready_at=later(20)))

    assert await store.run(jobs.release_due(ACME, later(29), limit=10)) == ()
    (freed,) = await store.run(jobs.release_due(ACME, later(30), limit=10))

    assert freed.key == "i1"
    assert (await row(store, "i2")).state is JobState.UNCERTAIN
    assert [job.key for job in await claim_uncertain(store, now=later(20))] == ["i2"]


async def test_reason_releases_held_and_failed_jobs(store: Store) -> None:
    await held(store)

    assert await store.run(jobs.release_by_reason(ACME, Reason.REFUSED, AT)) == ()
    (freed,) = await store.run(jobs.release_by_reason(ACME, Reason.CONTACT_UNMAPPED, AT))

    assert freed.key == "i1"


async def test_leases_of_an_earlier_run_are_freed_and_our_own_kept(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1"), wish("i2")], AT))
    await claim(store, limit=1)
    await claim(store, limit=1, incarnation=SECOND_RUN)

    (freed,) = await store.run(jobs.free_leases(SECOND_RUN, later(5)))

    assert (freed.tenant, freed.key, freed.state) == (ACME, "i1", JobState.READY)
    assert (await row(store, "i1")).ready_at == later(5)
    assert (await row(store, "i2")).state is JobState.LEASED


async def test_lease_that_ran_out_is_rescued(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    (job,) = await claim(store, lease_until=later(120))

    assert await store.run(jobs.rescue_leases(later(120))) == ()
    assert len(await store.run(jobs.rescue_leases(later(121)))) == 1
    await settle(store, settled(job))

    assert (await row(store)).state is JobState.READY


async def test_next_due_is_the_earliest_of_each_part(store: Store) -> None:
    await held(store, ready_at=later(30))
    await store.run(
        jobs.enqueue(
            [
                wish("i2", ready_at=later(7)),
                wish("i3", ready_at=later(8)),
                wish("c1", kind=JobKind.PUSH_CUSTOMER, ready_at=later(9)),
            ],
            AT,
        )
    )

    assert await store.fetch(jobs.next_due(ACME)) == (
        NextDue(
            invoice_ready_at=later(7),
            customer_ready_at=later(9),
            held_at=later(30),
            uncertain_at=None,
            is_paused=False,
            is_halted=False,
            is_feed_old=False,
        ),
    )


async def test_totals_are_by_the_state_of_the_queue_and_by_that_people_see(store: Store) -> None:
    await held(store)
    await store.run(jobs.enqueue([wish("i2"), wish("i3")], later(1)))

    (totals,) = await store.fetch(jobs.totals(ACME))

    assert {state: n for state, n in totals.by_state.items() if n} == {
        JobState.HELD: 1,
        JobState.READY: 2,
    }
    assert {state: n for state, n in totals.by_public_state.items() if n} == {
        PublicState.WAITING: 1,
        PublicState.PENDING: 2,
    }
    assert (totals.oldest_held_at, totals.oldest_going_at) == (AT, later(1))
    assert await store.fetch(jobs.totals(BETA)) == ()


async def test_recheck_of_a_held_job_does_not_flicker(store: Store) -> None:
    """People go on seeing why it waits while it is looked at again."""
    await held(store, "settings")

    await store.run(jobs.release_by_predicate(ACME, "settings", AT))
    (released,) = await store.fetch(jobs.totals(ACME))
    await claim(store)
    (claimed,) = await store.fetch(jobs.totals(ACME))

    assert released.waiting == claimed.waiting == 1
    assert released.oldest_going_at is claimed.oldest_going_at is None


async def test_put_off_work_is_due_at_once_and_a_resting_draft_is_not(store: Store) -> None:
    job = await leased(store)
    put_off = JobSettlement(
        tenant=ACME,
        kind=job.kind,
        key=job.key,
        leased_until=job.leased_until,
        state=JobState.READY,
        ready_at=later(900),
        note="Xero fails at the moment.",
    )
    tx = Transaction()
    tx.add_all(jobs.settle([put_off], incarnation=FIRST_RUN, at=AT))
    tx.add(jobs.enqueue([wish("draft", ready_at=later(10))], AT))
    await store.commit(tx)

    await store.run(jobs.due_at_once(ACME, later(1)))

    rows = await store.fetch(jobs.get(ACME, JobKind.PUSH_INVOICE, [job.key, "draft"]))
    assert {row.key: row.ready_at for row in rows} == {job.key: later(1), "draft": later(10)}


async def leased(store: Store, key: str = "i1") -> Job:
    await store.run(jobs.enqueue([wish(key)], AT))
    (job,) = await claim(store)
    return job


def waiting(job: Job, topic: str, state: JobState = JobState.HELD) -> JobSettlement:
    is_held = state is JobState.HELD
    return settled(
        job,
        state,
        ready_at=later(3600) if is_held else None,
        reason=Reason.CONTACT_UNMAPPED,
        note="why",
        predicates=(topic,) if is_held else (),
    )


async def noted(store: Store) -> int:
    freed = await store.run(ask(RELEASES, decode=lambda row: row[0]))
    return int(str(freed[0]))


async def test_hold_whose_release_came_between_claim_and_settlement_is_looked_at_again(
    store: Store,
) -> None:
    job = await leased(store)
    await store.run(jobs.release_by_predicate(ACME, "contact_linked:c", later(1)))

    await settle(store, waiting(job, "contact_linked:c"), at=later(2))

    after = await row(store)
    assert (after.state, after.ready_at, after.reason) == (JobState.READY, later(2), None)


async def test_hold_is_stored_when_what_was_released_is_of_another(store: Store) -> None:
    job = await leased(store)
    await store.run(jobs.release_by_predicate(ACME, "contact_linked:other", later(1)))
    await store.run(jobs.enqueue([wish("b1", tenant=BETA)], AT))
    await claim(store, tenant=BETA)
    await store.run(jobs.release_by_predicate(BETA, "contact_linked:c", later(1)))

    await settle(store, waiting(job, "contact_linked:c"))

    assert (await row(store)).state is JobState.HELD


async def test_hold_is_stored_when_the_release_came_before_its_claim(store: Store) -> None:
    await leased(store, "another, still in hand")
    await store.run(jobs.release_by_predicate(ACME, "contact_linked:c", AT))
    job = await leased(store)

    await settle(store, waiting(job, "contact_linked:c"))

    assert (await row(store)).state is JobState.HELD


async def test_second_look_that_finds_the_reason_still_there_is_held(store: Store) -> None:
    job = await leased(store)
    await store.run(jobs.release_by_predicate(ACME, "settings_read", later(1)))
    await settle(store, waiting(job, "settings_read"), at=later(2))

    (again,) = await claim(store, now=later(2))
    await settle(store, waiting(again, "settings_read"), at=later(3))

    assert (await row(store)).state is JobState.HELD


async def test_what_is_done_asks_nothing_of_releases(store: Store) -> None:
    job = await leased(store)
    await store.run(jobs.release_by_predicate(ACME, "contact_linked:c", later(1)))

    await settle(store, settled(job, JobState.DONE, predicates=("contact_linked:c",)))

    assert (await row(store)).state is JobState.DONE


@pytest.mark.parametrize("state", [JobState.HELD, JobState.FAILED], ids=str)
async def test_retry_of_a_reason_is_not_missed_by_what_is_in_hand(
    store: Store, state: JobState
) -> None:
    job = await leased(store)
    await store.run(jobs.release_by_reason(ACME, Reason.CONTACT_UNMAPPED, later(1)))

    await settle(store, waiting(job, "contact_linked:c", state), at=later(2))

    assert (await row(store)).state is JobState.READY


async def test_probe_that_ends_as_held_after_a_release_it_missed_is_looked_at_again(
    store: Store,
) -> None:
    job = await leased(store)
    await settle(store, settled(job, JobState.UNCERTAIN, ready_at=AT))
    (probed,) = await claim_uncertain(store)
    await store.run(jobs.release_by_predicate(ACME, "number_free:1", later(1)))

    await settle(store, waiting(probed, "number_free:1"), at=later(2))

    assert (await row(store)).state is JobState.READY


async def test_releases_are_noted_only_while_something_is_leased(store: Store) -> None:
    await store.run(jobs.release_by_predicate(ACME, "contact_linked:c", AT))

    assert await noted(store) == 0


async def test_forgotten_releases_are_those_no_lease_can_have_missed(store: Store) -> None:
    job = await leased(store)
    await store.run(jobs.release_by_predicate(ACME, "contact_linked:c", later(1)))

    await store.run(jobs.forget_releases())
    assert await noted(store) == 1
    await settle(store, waiting(job, "contact_linked:c"), at=later(2))
    await store.run(jobs.forget_releases())

    assert await noted(store) == 0


async def test_what_is_released_after_all_was_forgotten_still_counts_as_later(
    store: Store,
) -> None:
    first = await leased(store)
    await store.run(jobs.release_by_predicate(ACME, "a", AT))
    second = await leased(store, "i2")
    await settle(store, settled(first))
    await store.run(jobs.forget_releases())

    await store.run(jobs.release_by_predicate(ACME, "b", AT))
    await settle(store, waiting(second, "b"))

    assert (await row(store, "i2")).state is JobState.READY


async def test_a_claim_is_held_until_it_is_freed_and_never_by_a_later_one(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1"), wish("i2")], AT))
    lost, kept = sorted(await claim(store), key=lambda job: job.key)
    name = (JobKind.PUSH_INVOICE, "i1")
    await store.run(jobs.must_hold(ACME, [lost, kept], FIRST_RUN))
    assert name in await store.run(jobs.held_claims(ACME, [lost], FIRST_RUN))

    await store.run(jobs.rescue_leases(later(121)))
    await claim(store, now=later(122), lease_until=later(242))

    assert await store.run(jobs.held_claims(ACME, [lost], FIRST_RUN)) == ()
    with pytest.raises(StoreError):
        await store.run(jobs.must_hold(ACME, [lost], FIRST_RUN))

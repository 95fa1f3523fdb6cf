"""What a plan left out when it set its tenant live: withheld until a plan or a person says so."""

from __future__ import annotations

import pytest

from syncd.domain.errors import Conflict
from syncd.domain.model.job import Job, JobKind, JobState, Reason
from syncd.domain.model.settings import Mode
from syncd.store import claims, jobs, tenants, withheld
from syncd.store.jobs import JobSettlement
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, FIRST_RUN, later, wish

KIND = JobKind.PUSH_INVOICE
PLAN, NEXT = "a1b2", "c3d4"


async def take(store: Store, key: str) -> Job:
    until = later(120)
    (job,) = await store.run(claims.take(ACME, KIND, key, incarnation=FIRST_RUN, lease_until=until))
    return job


async def queued(
    store: Store, reason: Reason | None = Reason.OBSERVING, **states: JobState
) -> None:
    """One job in each of these states, held for this reason."""
    await store.run(jobs.enqueue([wish(key) for key in states], AT))
    for key, state in states.items():
        if state in (JobState.READY, JobState.LEASED):
            continue
        job = await take(store, key)
        is_held = state is JobState.HELD
        settlement = JobSettlement(
            tenant=ACME,
            kind=KIND,
            key=key,
            leased_until=job.leased_until,
            state=state,
            ready_at=later(3600) if is_held else None,
            reason=reason if is_held else None,
            predicates=("mode_live",) if is_held and reason is Reason.OBSERVING else (),
            is_out_of_sync=is_held and reason is None,
            note="why",
        )
        tx = Transaction()
        tx.add_all(jobs.settle([settlement], incarnation=FIRST_RUN, at=later(5)))
        await store.commit(tx)


async def withheld_by(store: Store, key: str) -> str | None:
    """Looked at as a person's hand would, and wanted anew meanwhile."""
    job = await take(store, key)
    await store.run(jobs.enqueue([wish(key)], later(8)))
    await store.run(claims.give_back(job, JobState.READY, incarnation=FIRST_RUN, at=later(9)))
    return job.withheld_by


async def test_what_is_pending_and_not_carried_out_is_withheld(store: Store) -> None:
    await queued(
        store,
        listed=JobState.HELD,
        refused=JobState.READY,
        fresh=JobState.HELD,
        waits=JobState.READY,
        rests=JobState.DONE,
    )
    await store.run(withheld.carried_out(ACME, KIND, ["listed"], PLAN))

    found = await store.run(withheld.withhold(ACME, PLAN, ["waits"]))

    assert sorted(found) == ["fresh", "refused"]
    assert await withheld_by(store, "fresh") == PLAN
    assert await withheld_by(store, "listed") is None
    assert await withheld_by(store, "rests") is None


async def test_what_has_moved_since_a_plan_carried_it_out_is_withheld_by_it(store: Store) -> None:
    await queued(store, moved=JobState.HELD, listed=JobState.HELD)
    await store.run(withheld.carried_out(ACME, KIND, ["moved", "listed"], PLAN))

    await store.run(withheld.moved_since(ACME, KIND, ["moved"]))

    assert await store.run(withheld.withhold(ACME, PLAN, [])) == ("moved",)


@pytest.mark.parametrize("reason", [None, *Reason])
async def test_what_is_held_is_withheld_whatever_it_waits_for_but_as_the_plan_said(
    store: Store, reason: Reason | None
) -> None:
    """Once its reason is gone it would be written, and nobody has seen what."""
    await queued(store, reason, unseen=JobState.HELD, waits=JobState.HELD)

    found = await store.run(withheld.withhold(ACME, PLAN, ["waits"]))

    assert found == ("unseen",)
    assert await withheld_by(store, "unseen") == PLAN
    assert await withheld_by(store, "waits") is None


async def test_a_new_wish_lets_nothing_go_but_a_plan_or_a_person_does(store: Store) -> None:
    await queued(store, a=JobState.HELD, b=JobState.HELD, c=JobState.HELD)
    await store.run(withheld.withhold(ACME, PLAN, []))

    await store.run(jobs.enqueue([wish("a")], later(60)))
    assert await withheld_by(store, "a") == PLAN
    await store.run(withheld.carried_out(ACME, KIND, ["a"], NEXT))
    await store.run(withheld.let_go(ACME, KIND, ["b"]))
    assert (await withheld_by(store, "a"), await withheld_by(store, "b")) == (None, None)
    assert await store.run(withheld.let_go_all(ACME)) == ("c",)
    assert await withheld_by(store, "c") is None


async def test_retried_it_is_ready_at_once(store: Store) -> None:
    await queued(store, a=JobState.HELD)
    await store.run(withheld.withhold(ACME, PLAN, []))

    await store.run(withheld.let_go_with_customer(ACME, "a", later(60)))

    (row,) = await store.fetch(jobs.get(ACME, KIND, ["a"]))
    assert row.state is JobState.READY
    assert await withheld_by(store, "a") is None


async def test_no_write_of_what_is_withheld_is_put_on_paper(store: Store) -> None:
    """However long ago it was decided."""
    await queued(store, a=JobState.HELD, b=JobState.DONE)
    await store.run(withheld.withhold(ACME, PLAN, []))
    await store.run(tenants.set_mode(ACME, Mode.LIVE))

    await store.run(tenants.may_write(ACME, KIND, ["b"]))
    with pytest.raises(Conflict):
        await store.run(tenants.may_write(ACME, KIND, ["b", "a"]))

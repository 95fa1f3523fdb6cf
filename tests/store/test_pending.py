"""When the clock is set, what waits is moved along, and nothing that has happened is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from syncd.domain.ids import IdempotencyKey
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.store import calls, findings, intents, jobs, money, pending, settings, sweeps
from syncd.store.jobs import NextDue
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, FIRST_RUN, later, wish
from tests.store.test_findings import MERGED
from tests.store.test_intents import intent, opened
from tests.store.test_money import LIVE
from tests.store.test_settings import SETTINGS

HOUR = timedelta(hours=1)


async def moved(store: Store, by: timedelta, now: datetime) -> None:
    tx = Transaction()
    tx.add_all(pending.moved(by, now))
    await store.commit(tx)


async def due(store: Store) -> NextDue:
    (found,) = await store.fetch(jobs.next_due(ACME))
    return found


async def test_job_waits_no_longer_when_the_clock_was_set_back(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=later(30))], AT))

    await moved(store, -HOUR, AT - HOUR)

    assert (await due(store)).invoice_ready_at == later(30) - HOUR


async def test_job_that_was_due_is_due(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=AT - 2 * HOUR)], AT))

    await moved(store, -HOUR, AT - HOUR)

    assert (await due(store)).invoice_ready_at == AT - 2 * HOUR


async def test_job_does_not_wait_longer_when_the_clock_was_set_forward(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=later(30))], AT))

    await moved(store, HOUR, AT + HOUR)

    assert (await due(store)).invoice_ready_at == later(30)


async def test_lease_is_as_long_as_it_was(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1")], AT))
    await store.run(
        jobs.claim(
            ACME, JobKind.PUSH_INVOICE, incarnation=FIRST_RUN, now=AT, lease_until=later(120),
            limit=1,
        )
    )  # fmt: skip

    await moved(store, HOUR, AT + HOUR)

    assert await store.run(jobs.rescue_leases(later(119) + HOUR)) == ()
    (freed,) = await store.run(jobs.rescue_leases(later(121) + HOUR))
    assert freed.state is JobState.READY


async def test_look_at_an_unknown_outcome_comes_when_it_was_to_come(store: Store) -> None:
    _, (one,) = await opened(store, intent("i1"))
    await store.run(intents.note_probes([(one.id, 1, later(40))]))

    await moved(store, -HOUR, AT - HOUR)

    (again,) = await store.fetch(intents.open_of_tenant(ACME))
    assert again.look_at == later(40) - HOUR


async def test_what_is_read_after_the_clock_was_set_back_is_newer(store: Store) -> None:
    await store.run(money.record_reads(ACME, [("i1", LIVE)], AT))

    await moved(store, -HOUR, AT - HOUR)

    paid = replace(LIVE, amount_due=Decimal(0))
    await store.run(money.record_reads(ACME, [("i1", paid)], later(1) - HOUR))
    (sight,) = await store.fetch(money.records(ACME, ["i1"]))
    assert sight.amounts is not None
    assert sight.amounts.due == 0


async def test_finding_closes_when_it_is_gone_though_the_clock_was_set_back(store: Store) -> None:
    await store.run(findings.open_(ACME, [MERGED], later(-60)))
    await store.run(findings.open_(ACME, [MERGED], AT))

    await moved(store, -HOUR, AT - HOUR)

    seen = later(1) - HOUR
    gone = findings.close_aged(ACME, MERGED.kind, before=seen, at=later(2) - HOUR)
    assert await store.run(gone) == (MERGED.kind,)


async def test_open_call_is_too_old_to_be_sent_again_and_too_young_to_be_given_up(
    store: Store,
) -> None:
    call, _ = await opened(store, intent("i1"))

    await store.run(pending.doubt_open_calls(later(9000)))

    (stored,) = await store.fetch(calls.get([call]))
    assert stored.last_sent_at == later(9000)
    assert stored.first_sent_at <= AT


async def test_ended_call_keeps_its_instants(store: Store) -> None:
    call, (one,) = await opened(store, intent("i1"), key=IdempotencyKey("install-ended"))
    tx = Transaction()
    tx.add(intents.close([(one, intents.IntentEnd.APPLIED)], later(1)))
    tx.add(calls.close_ended([call], later(1)))
    await store.commit(tx)

    await store.run(pending.doubt_open_calls(later(9000)))

    (stored,) = await store.fetch(calls.get([call]))
    assert stored.first_sent_at == stored.last_sent_at == AT


async def test_newest_instant_is_the_last_that_was_noted(store: Store) -> None:
    assert await store.fetch(pending.newest()) == (None,)
    tx = Transaction()
    tx.add(sweeps.remember(ACME, Task.REVIEW, None, began=0, ended_at=later(60)))
    await store.commit(tx)

    assert await store.fetch(pending.newest()) == (later(60),)


async def test_settings_were_read_as_long_ago_as_before(store: Store) -> None:
    await store.run(settings.put(ACME, SETTINGS))

    await moved(store, -HOUR, AT - HOUR)

    (kept,) = await store.fetch(settings.get(ACME))
    assert kept == replace(SETTINGS, read_at=AT - HOUR)


async def mended(store: Store, now: datetime) -> None:
    tx = Transaction()
    tx.add_all(pending.mended(now))
    await store.commit(tx)


async def test_job_stored_by_the_clock_as_it_was_waits_as_long_as_was_meant(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=later(30) + HOUR)], AT + HOUR))

    await mended(store, AT)
    await mended(store, later(5))

    assert (await due(store)).invoice_ready_at == later(30)


async def test_job_that_waits_by_the_right_clock_is_left_alone(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=later(30))], AT))

    await mended(store, later(5))

    assert (await due(store)).invoice_ready_at == later(30)


async def test_job_moved_with_the_clock_is_not_moved_again(store: Store) -> None:
    await store.run(jobs.enqueue([wish("i1", ready_at=later(30))], AT))

    await moved(store, -HOUR, AT - HOUR)
    await mended(store, later(5) - HOUR)

    assert (await due(store)).invoice_ready_at == later(30) - HOUR


async def test_read_stored_by_the_clock_as_it_was_hides_no_later_one(store: Store) -> None:
    await store.run(money.record_reads(ACME, [("i1", LIVE)], AT + HOUR))

    await mended(store, AT)

    paid = replace(LIVE, amount_due=Decimal(0))
    await store.run(money.record_reads(ACME, [("i1", paid)], later(1)))
    (sight,) = await store.fetch(money.records(ACME, ["i1"]))
    assert sight.amounts is not None
    assert sight.amounts.due == 0

"""Gauges show what the store and the live state say, whatever was told before."""

from __future__ import annotations

from datetime import timedelta

from syncd.domain.facts import ServiceFailed, TenantSampled
from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.loops import sampler
from tests.engine.support.operating import Column, desk
from tests.engine.support.rounds import LINE, Rounds, play
from tests.store.build import ACME, BETA

PLENTY = BudgetLeft(minute=60, day=None, in_flight=0, parked_until_s=None)


async def sampled(
    rounds: Rounds, column: Column | None = None, standing: BudgetLeft = PLENTY
) -> TenantSampled:
    return await sampler.sample(
        rounds.context, rounds.tenant, gates=column or Column(), allowance=lambda _: standing
    )


def test_a_sample_counts_the_queue_and_the_invoices_as_people_see_them() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-1")
        rounds.invoice(customer, "PL-2", lines=[{**LINE, "costCode": "GHOST"}])
        await rounds.turn()

        sample = await sampled(rounds)

        assert sample.invoices == {"synced": 1, "waiting": 1}
        assert sample.queue == {"done": 2, "held": 1}
        assert sample.connection == "Connected"
        assert (sample.mode, sample.is_paused) == (str(Mode.LIVE), False)

    play(story)


async def test_a_tenant_at_which_the_program_fails_leaves_the_others_sampled() -> None:
    def allowance(tenant: TenantId) -> BudgetLeft:
        if tenant == ACME:
            raise ZeroDivisionError(tenant)
        return PLENTY

    async with desk() as served:
        await sampler.sample_once(served.context, gates=Column(), allowance=allowance)

        sampled = [fact.tenant for fact in served.told if isinstance(fact, TenantSampled)]
        failed = [fact.service for fact in served.told if isinstance(fact, ServiceFailed)]
        assert (sampled, failed) == ([BETA], ["sampler:acme"])


def test_the_oldest_work_leaves_out_what_waits_for_a_person() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer(), "PL-1", lines=[{**LINE, "costCode": "GHOST"}])
        await rounds.turn()
        began_at = rounds.context.now()
        await rounds.after(60)
        rounds.xero.world.faults.set([{"do": "unavailable", "times": 100}])
        rounds.invoice(rounds.customer(), "PL-2")
        wanted_at = rounds.context.now()
        await rounds.after(60)

        sample = await sampled(rounds)

        assert sample.oldest_held_at is not None
        assert sample.oldest_at is not None
        assert sample.oldest_held_at <= began_at
        assert sample.oldest_at >= wanted_at

    play(story)


def test_a_tenant_that_is_not_connected_has_no_tokens_and_says_what_is_wrong() -> None:
    async def story(rounds: Rounds) -> None:
        column = Column(state=ConnectionState.NOT_CONNECTED)

        sample = await sampled(rounds, column)

        assert sample.troubles[0] == "not_connected"

    play(story)


def test_an_outage_and_a_spent_day_are_sampled_from_live_state() -> None:
    async def story(rounds: Rounds) -> None:
        down = BudgetLeft(
            minute=0, day=0, in_flight=0, parked_until_s=9e9, failing_since_s=0.0, tried_at_s=9.0
        )

        sample = await sampled(rounds, standing=down)

        assert sample.is_xero_failing
        assert (sample.minute_left, sample.day_left) == (0, 0)
        assert {"xero_down", "day_spent"} <= set(sample.troubles)

    play(story)


def test_a_feed_nobody_reads_is_sampled_although_nothing_was_told() -> None:
    async def story(rounds: Rounds) -> None:
        await sampled(rounds)
        before = rounds.context.now()
        await rounds.after(0)
        rounds.pipeline.faults.set([{"do": "throttle", "times": 1000, "retry_after": 30}])
        await rounds.after(400, step_s=40)

        sample = await sampled(rounds)

        assert rounds.context.now() - before > timedelta(seconds=300)
        assert "feed_stands_still" in sample.troubles

    play(story)

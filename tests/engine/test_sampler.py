"""Gauges show what the store says."""

from __future__ import annotations

from syncd.engine import sampler
from tests.engine.rounds import LINE, Rounds, play


def test_a_sample_counts_the_queue_and_the_invoices_as_people_see_them() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer, "PL-1")
        rounds.invoice(customer, "PL-2", lines=[{**LINE, "costCode": "GHOST"}])
        await rounds.turn()

        sample = await sampler.sample(rounds.hall, rounds.tenant)

        assert sample.invoices == {"synced": 1, "waiting": 1}
        assert sample.queue == {"done": 2, "held": 1}
        assert sample.oldest_at is not None
        assert sample.connection == "Not Connected"

    play(story)

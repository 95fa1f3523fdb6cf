"""Work is never stuck in a lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.domain.ids import IncarnationId
from syncd.domain.model.job import JobKind
from syncd.engine import intake, rescuer
from syncd.store import jobs
from tests.engine.rounds import Rounds, play


def test_a_new_incarnation_frees_what_the_one_before_had_claimed() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        hall = rounds.hall
        await intake.poll_once(hall, rounds.tenant)
        now = hall.now()
        claim = jobs.claim(
            rounds.tenant,
            JobKind.PUSH_INVOICE,
            incarnation=hall.incarnation,
            now=now,
            lease_until=now + timedelta(days=1),
            limit=50,
        )
        assert len(await hall.store.run(claim)) == 1

        rounds.hall = replace(hall, incarnation=IncarnationId("boot-2"))
        await rescuer.start_up(rounds.hall)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_a_lease_that_ran_out_is_freed_on_the_beat() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        hall = rounds.hall
        await intake.poll_once(hall, rounds.tenant)
        now = hall.now()
        claim = jobs.claim(
            rounds.tenant,
            JobKind.PUSH_INVOICE,
            incarnation=hall.incarnation,
            now=now,
            lease_until=now + timedelta(seconds=1),
            limit=50,
        )
        await hall.store.run(claim)
        await rounds.after(5)
        assert rounds.result(invoice) == {}

        await rescuer.rescue_once(hall)
        await rounds.turn()

        assert rounds.result(invoice)["state"] == "synced"

    play(story)

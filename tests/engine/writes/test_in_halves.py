"""A batch at which the program itself fails is done in halves, and the odd one told by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from syncd.domain.errors import Throttled
from syncd.domain.facts import ServiceFailed
from syncd.domain.model.job import Job, JobKind
from syncd.engine.feed import intake
from syncd.engine.writes import in_halves
from syncd.store import jobs
from tests.engine.support.rounds import Rounds, play


async def claimed(rounds: Rounds, count: int) -> Sequence[Job]:
    """Invoices in the hand of this incarnation."""
    customer = rounds.customer()
    for n in range(count):
        rounds.invoice(customer, f"PL-{n}")
    await intake.poll_once(rounds.context, rounds.tenant)
    now = rounds.context.now()
    return await rounds.context.store.run(
        jobs.claim(
            rounds.tenant,
            JobKind.PUSH_INVOICE,
            incarnation=rounds.context.incarnation,
            now=now,
            lease_until=now + timedelta(minutes=5),
            limit=count,
        )
    )


def test_only_the_job_the_program_fails_at_is_given_back() -> None:
    async def story(rounds: Rounds) -> None:
        batch = await claimed(rounds, 40)
        odd, done, given_back, rounds_of = batch[2], set(), [], []

        async def once(some: Sequence[Job]) -> None:
            rounds_of.append(len(some))
            if odd in some:
                raise IndexError("list index out of range")
            done.update(job.key for job in some)

        async def give_back(left: Sequence[Job], error: Exception) -> float:
            given_back.extend((job.key, str(error)) for job in left)
            return 7.0

        await in_halves.done(
            rounds.context, rounds.tenant, batch, once, give_back, service="worker"
        )

        assert done == {job.key for job in batch} - {odd.key}
        assert len(rounds_of) <= 13
        assert given_back == [(odd.key, "list index out of range")]
        (told,) = [fact for fact in rounds.told if isinstance(fact, ServiceFailed)]
        assert (told.service, told.retry_after_s) == (f"worker:{rounds.tenant}:{odd.key}", 7.0)

    play(story)


def test_what_is_nothing_of_the_jobs_ends_the_round_for_all() -> None:
    async def story(rounds: Rounds) -> None:
        batch = await claimed(rounds, 3)
        asked = []

        async def once(some: Sequence[Job]) -> None:
            asked.append(len(some))
            raise Throttled("wait", retry_after_s=30, limit="minute", system="xero")

        async def give_back(_left: Sequence[Job], _error: Exception) -> float:
            raise AssertionError("nothing is given back")

        with pytest.raises(Throttled):
            await in_halves.done(
                rounds.context, rounds.tenant, batch, once, give_back, service="worker"
            )
        assert asked == [3]

    play(story)

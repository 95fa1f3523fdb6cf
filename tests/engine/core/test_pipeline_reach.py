"""Whether Pipeline is reached follows from reading its feed and telling results, and is told."""

from __future__ import annotations

import contextlib

from syncd.domain.errors import RemoteError
from syncd.domain.facts import RemoteMoved
from syncd.engine.core import pipeline_reach
from syncd.engine.feed import intake, write_back
from tests.engine.support.rounds import Rounds, play


def moves(rounds: Rounds) -> list[tuple[str, bool]]:
    return [(one.system, one.is_failing) for one in rounds.told if isinstance(one, RemoteMoved)]


async def polled(rounds: Rounds) -> None:
    with contextlib.suppress(RemoteError):
        await intake.poll_once(rounds.context, rounds.tenant)


def test_an_outage_is_told_once_with_its_words_and_so_is_its_end() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.pipeline.faults.set([{"do": "unavailable", "times": 2}])
        await polled(rounds)
        await polled(rounds)
        down = pipeline_reach.of(rounds.context, rounds.tenant)
        await polled(rounds)

        assert "Pipeline answered with an error (503" in down.words
        assert pipeline_reach.of(rounds.context, rounds.tenant).failing_since is None
        assert moves(rounds) == [("pipeline", True), ("pipeline", False)]

    play(story)


def test_results_that_are_refused_count_although_the_feed_is_read() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.invoice(rounds.customer())
        await intake.poll_once(rounds.context, rounds.tenant)
        await rounds._work()
        rounds.pipeline.faults.set([{"do": "unavailable", "match": {"path": "sync-results"}}])
        with contextlib.suppress(RemoteError):
            await write_back.write_once(rounds.context, rounds.tenant)
        await polled(rounds)

        assert pipeline_reach.of(rounds.context, rounds.tenant).failing_since is not None

    play(story)

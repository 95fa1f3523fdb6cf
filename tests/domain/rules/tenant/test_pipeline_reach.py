"""Pipeline is reached or not: the last word of reading and of telling, each for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncd.domain.errors import ServerTrouble, Throttled, Unauthorised
from syncd.domain.rules.tenant import pipeline_reach
from syncd.domain.rules.tenant.pipeline_reach import Reach

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOWN = ServerTrouble("HTTP 503 https://x.test", system="pipeline", status=503)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_failing_lasts_from_the_first_failure_to_the_next_success() -> None:
    once = pipeline_reach.after_reading(Reach(read_at=AT), later(10), DOWN)
    twice = pipeline_reach.after_reading(once, later(25), DOWN)
    well = pipeline_reach.after_reading(twice, later(40), None)

    assert (once.failing_since, twice.failing_since, twice.read_at) == (later(10), later(10), AT)
    assert (well.failing_since, well.read_at) == (None, later(40))


def test_a_read_that_works_hides_no_result_that_is_refused() -> None:
    refused = Unauthorised("401", cause="key_refused", system="pipeline")

    found = pipeline_reach.after_reading(
        pipeline_reach.after_sending(Reach(read_at=AT), later(5), refused), later(10), None
    )

    assert found.failing_since == later(5)
    assert found.is_key_refused


def test_to_be_asked_to_wait_changes_nothing() -> None:
    wait = Throttled("429", retry_after_s=30, limit="pipeline", system="pipeline")
    down = pipeline_reach.after_reading(Reach(read_at=AT), later(10), DOWN)

    assert pipeline_reach.after_reading(Reach(read_at=AT), later(10), wait) == Reach(read_at=AT)
    assert pipeline_reach.after_reading(down, later(20), wait) == down

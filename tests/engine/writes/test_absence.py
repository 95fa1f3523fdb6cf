"""When what stood in Xero, and an answer lacks, is believed to be gone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import Job, JobKind
from syncd.engine.core.context import SyncContext
from syncd.engine.writes import absence
from tests.engine.support.rounds import Rounds, play
from tests.store.build import ACME, AT, BETA

JOB = Job(tenant=ACME, kind=JobKind.PUSH_INVOICE, key="one", attempt=0, first_wanted_at=AT)


def answers(context: SyncContext, job: Job, lacking: list[bool]) -> list[bool]:
    """What is believed of each of these, every one of them at a later attempt."""
    return [
        absence.is_believed(context, replace(job, attempt=job.attempt + place), is_lacking=each)
        for place, each in enumerate(lacking)
    ]


def test_only_several_answers_in_a_row_are_believed_however_often_xero_failed_before() -> None:
    async def story(rounds: Rounds) -> None:
        for attempt in (0, 5):
            job = replace(JOB, attempt=attempt)
            shown = [True, True, False, True, True, True, True]
            believed = [False, False, True, False, False, False, True]
            assert answers(rounds.context, job, shown) == believed

    play(story)


def test_answers_of_one_instant_are_one() -> None:
    """News makes a job ready at once and its attempts begin anew."""

    async def story(rounds: Rounds) -> None:
        for _ in range(9):
            assert not absence.is_believed(rounds.context, JOB, is_lacking=True)

    play(story)


@given(
    st.sampled_from(
        [{"tenant": BETA}, {"kind": JobKind.PUSH_CUSTOMER}, {"key": "two"}],
    )
)
def test_what_an_answer_lacks_of_one_says_nothing_of_another(other: dict[str, str]) -> None:
    async def story(rounds: Rounds) -> None:
        answers(rounds.context, JOB, [True, True, True])

        late = replace(JOB, attempt=9, **other)  # type: ignore[arg-type]  (a field by its name)
        assert not absence.is_believed(rounds.context, late, is_lacking=True)
        assert absence.is_believed(rounds.context, replace(JOB, attempt=3), is_lacking=True)

    play(story)

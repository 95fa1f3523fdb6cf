"""Plans over the desk: a closed gate and an unread side are told, a ticket says how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import Reason
from syncd.domain.model.planned import PlanScope
from syncd.engine.plans.service import NotPlanned, PlanService, Progress
from tests.engine.plans.test_apply import desk
from tests.engine.plans.test_build import at_rest, planned
from tests.engine.support.existing_books import build
from tests.engine.support.rounds import Rounds, play
from tests.xero.support.worlds import TENANT

counts = st.integers(0, 10**6)


@dataclass
class Closed:
    def closed_by(self, _: str) -> Reason:
        return Reason.TOKEN_EXPIRED


@given(progress=st.builds(Progress, done=counts, applied=counts, already=counts, refused=counts))
def test_a_ticket_says_how_far_it_is(progress: Progress) -> None:
    assert Progress.of(progress.ticket) == progress


@pytest.mark.parametrize("text", ["tea", "1.2", "1.2.3.x"])
def test_what_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Progress.of(text)


def test_without_a_connection_nothing_is_planned_or_applied() -> None:
    async def story(rounds: Rounds) -> None:
        build(rounds, customers=5, invoices=5)
        await at_rest(rounds)
        plan = await planned(rounds)
        closed = PlanService(rounds.context, gates=cast("Any", Closed()), wake=lambda _: None)

        for asked in (closed.make(TENANT, PlanScope()), closed.apply(TENANT, plan, "", "Ada")):
            with pytest.raises(NotPlanned, match="Connect to Xero") as caught:
                await asked
            assert not caught.value.is_unread

    play(story)


def test_a_side_that_cannot_be_read_is_told_and_changes_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        build(rounds, customers=5, invoices=5)
        await at_rest(rounds)
        plan = await planned(rounds)
        get = {"method": "GET"}

        rounds.fault(match=get, do="error_before", times=2)
        for asked in (
            desk(rounds).make(TENANT, PlanScope()),
            desk(rounds).apply(TENANT, plan, "", "Ada"),
        ):
            with pytest.raises(NotPlanned) as caught:
                await asked
            assert caught.value.is_unread
        assert (await desk(rounds).apply(TENANT, plan, "", "Ada")).is_complete

    play(story)

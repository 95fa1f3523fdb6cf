"""The demo's story, in this process: a scripted day is judged good, and a curtain ends it."""

from __future__ import annotations

import threading
from typing import get_args

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.lab.demo.stage import Stage
from syncd.lab.demo.story import Act, DemoStatus, EarlyEnd, pause_s, play
from syncd.sandbox.seed import Country


class Audience:
    """Remembers all it is shown; may let the curtain fall during an act."""

    def __init__(self) -> None:
        self.stage: Stage | None = None
        self.acts: list[Act] = []
        self.actions: list[str] = []
        self.early_end: EarlyEnd | None = None
        self.falls_in: Act | None = None

    def raised(self, stage: Stage) -> None:
        self.stage = stage

    def seen(self, status: DemoStatus) -> None:
        if status.act not in self.acts:
            self.acts.append(status.act)
        if status.act is self.falls_in and self.early_end and self.actions:
            self.early_end.fall()

    def acted(self, action: str) -> None:
        self.actions.append(action)


@pytest.mark.parametrize("country", get_args(Country))
async def test_day_ends_with_equal_books_and_every_planted_reason(country: Country) -> None:
    audience, threads = Audience(), threading.active_count()
    with anyio.fail_after(60):
        outcome = await play(
            audience,
            seed=5,
            customers=4,
            invoices=16,
            once=True,
            early_end=EarlyEnd(),
            country=country,
        )

    assert outcome is not None
    verdict, last = outcome.verdict, outcome.last
    assert verdict.wrong == []
    assert verdict.equal + sum(held.count for held in verdict.held.values()) == verdict.invoices
    assert sorted(verdict.held) == [
        "account_unmapped", "contact_unmapped", "invalid_document", "number_taken",
        "totals_mismatch",
    ]  # fmt: skip
    assert verdict.created == verdict.equal + verdict.voided
    assert verdict.edited >= 2
    assert (verdict.payments, last.told.payments) == (2, 2)
    assert last.tally.failures == []
    assert last.first_sync_s is not None
    assert audience.acts == [Act.CONNECT, Act.CUSTOMERS, Act.INVOICES, Act.DAY]
    assert len(audience.actions) == 7
    assert audience.stage is not None
    assert not audience.stage.folder.exists()
    assert threading.active_count() <= threads


async def test_curtain_ends_the_play_and_clears_the_stage() -> None:
    audience, early_end = Audience(), EarlyEnd()
    audience.early_end, audience.falls_in = early_end, Act.PLAY
    with anyio.fail_after(60):
        outcome = await play(
            audience, seed=5, customers=2, invoices=3, once=False, early_end=early_end
        )

    assert outcome is None
    assert audience.actions
    assert audience.stage is not None
    assert not audience.stage.folder.exists()


async def test_curtain_that_falls_first_ends_the_demo_before_it_begins() -> None:
    audience, early_end = Audience(), EarlyEnd()
    early_end.fall()

    assert (
        await play(audience, seed=5, customers=1, invoices=0, once=True, early_end=early_end)
        is None
    )
    assert audience.stage is None


@given(st.integers(0, 60), st.integers(0, 60))
def test_people_rest_the_longer_the_fewer_calls_are_left(one: int, other: int) -> None:
    fewer, more = sorted((one, other))

    assert pause_s(fewer) >= pause_s(more) >= pause_s(None) > 0


def test_people_at_work_never_spend_the_minute() -> None:
    """An action costs a call and a half here; two are reckoned with."""
    spent_at, now = [0.0] * 28, 2.0  # the books have just flowed
    while now < 600:
        spent_at = [each for each in spent_at if now - each < 60]
        left = 60 - len(spent_at)
        assert left > 9, f"the writes' share is spent after {now:.0f} s"
        spent_at += [now, now]
        now += pause_s(left)

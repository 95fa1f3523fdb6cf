"""The judge of isolation bites: what is due and not taken up is named, but for the sick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from syncd.lab.daemon.machine import SimulatedClock
from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.judges.isolation import STARVED_S, IsolationJudge
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.tenancy import NAMES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, SECOND, _ = NAMES


@dataclass
class Now:
    """The daemon's clock, its process and one tenant's oldest due work."""

    at_s: float = 0.0
    is_alive: bool = True
    starts: int = 1
    due_s: float | None = None
    held: bool = False

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.at_s)

    def is_held(self) -> bool:
        return self.held

    def oldest_due_ms(self) -> int | None:
        return None if self.due_s is None else int(self.due_s * 1000)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def judge(now: Now) -> IsolationJudge:
    made = IsolationJudge(
        cast("SimulatedDaemon", now),
        cast("SimulatedClock", now),
        {FIRST: cast("StoreReader", now), SECOND: cast("StoreReader", Now())},
    )
    made.look()
    return made


def test_work_nobody_takes_up_is_named_unless_its_tenant_is_sick(
    judge: IsolationJudge, now: Now
) -> None:
    now.due_s, now.at_s = 0.0, STARVED_S + 1
    judge.look()

    (said,) = judge.judge(SECOND)
    assert said.startswith(f"isolation: work of {FIRST} was due for {STARVED_S + 1:.0f} s")
    assert list(judge.judge(FIRST)) == []


def test_work_that_is_taken_up_in_time_is_not(judge: IsolationJudge, now: Now) -> None:
    for at_s in range(0, 3600, 60):
        now.at_s, now.due_s = at_s, at_s - STARVED_S
        judge.look()

    assert list(judge.judge(None)) == []


def test_nothing_is_asked_of_the_dead(judge: IsolationJudge, now: Now) -> None:
    now.due_s = 0.0
    for at_s in range(0, 7200, 60):
        now.at_s, now.starts = at_s, 1 + at_s // 300
        now.is_alive = at_s % 300 < 200
        judge.look()

    assert list(judge.judge(None)) == []


def test_nothing_is_asked_while_writes_wait_for_a_person_nor_from_before(
    judge: IsolationJudge, now: Now
) -> None:
    now.due_s, now.at_s, now.held = 0.0, STARVED_S + 1, True
    judge.look()
    now.at_s, now.held = STARVED_S + 61, False
    judge.look()

    assert list(judge.judge(None)) == []


def test_wait_is_not_told_by_a_clock_that_was_set(judge: IsolationJudge, now: Now) -> None:
    now.due_s, now.at_s = 0.0, 86_400.0
    judge.look(times_set=1)

    assert list(judge.judge(None)) == []

"""A sweep's summary: sums, the unreached, the failed."""

from __future__ import annotations

from collections import Counter

import pytest

from syncd.lab.days.day import Day
from syncd.lab.days.simulation import Outcome
from syncd.lab.days.sweep import Summary, sweep
from syncd.lab.judges.situations import LATE, SOMETIMES


def outcome(seed: int, *violations: str) -> Outcome:
    return Outcome(
        seed=seed,
        digest="d",
        violations=violations,
        simulated_hours=1.5,
        settle_s=float(seed),
        steps=10,
        edits=2,
        kills=Counter({"at random": 1}),
        sometimes=Counter({LATE: 1}),
    )


def test_summary_adds_up() -> None:
    summary = Summary()
    for each in (outcome(1), outcome(5, "lost: it"), outcome(2)):
        summary.take(each)
    text = "\n".join(summary.lines())

    assert "3 seeds, 4.5 simulated hours of storm, 6 edits" in text
    assert "kills: 3 (3 at random)" in text
    assert "median 2 s, longest 5 s" in text
    assert [each.seed for each in summary.failed] == [5]


def test_summary_names_what_was_never_reached() -> None:
    summary = Summary()
    summary.take(outcome(1))

    assert summary.unreached == [name for name in SOMETIMES if name != LATE]
    assert any("NEVER" in line for line in summary.lines())


def test_trouble_of_the_lab_is_told_of_its_seed_and_ends_no_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def live(_: Day) -> None:
        raise LookupError("nobody of that name")

    monkeypatch.setattr(Day, "live", live)

    lived = list(sweep([1, 2], hours=0.1, jobs=1))

    assert [each.violations for each in lived] == 2 * [
        ("the lab failed: LookupError: nobody of that name",)
    ]


def test_every_seed_is_lived_once_and_told_in_order_of_several_processes() -> None:
    lived = list(sweep([4, 3, 2], hours=0.01, jobs=2))

    assert [each.seed for each in lived] == [4, 3, 2]

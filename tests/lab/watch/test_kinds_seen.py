"""The list of kinds is the domain's own, and what a day's store has is on it."""

from __future__ import annotations

from syncd.lab.days.simulation import Outcome, simulate
from syncd.lab.days.sweep import Summary
from syncd.lab.watch.kinds_seen import KINDS


def test_no_kind_is_listed_twice() -> None:
    assert len({*KINDS}) == len(KINDS)


def test_what_a_day_brought_is_on_the_list() -> None:
    seen = {each for each in simulate(2, hours=0.2).sometimes if ": " in each or "held" in each}

    assert "push_invoice: synced" in seen
    assert {each for each in seen if each.split(":")[0] in ("push_invoice", "finding")} <= {*KINDS}


def test_kind_nobody_reached_is_told() -> None:
    summary = Summary()
    summary.take(
        Outcome(seed=1, digest="", violations=(), simulated_hours=0, settle_s=0, steps=0, edits=0)
    )

    assert any(line.split() == ["finding:", "extra", "NEVER"] for line in summary.lines())

# ruff: noqa: S311 - dice of pretend worlds
"""The ways a day is lived: what is switched off is off, and everything else beats."""

from __future__ import annotations

from random import Random

import pytest

from syncd.lab.watch import ways
from syncd.lab.watch.ways import NEVER_S, Without
from syncd.sandbox.xero.ledger.switches import Switches


@pytest.mark.parametrize("without", [None, Without.WEBHOOKS])
def test_day_with_sweeps_comes_round_to_each_within_its_settling(without: Without | None) -> None:
    drawn = [ways.beats(Random(seed), without) for seed in range(50)]

    assert max(one.reconcile_s for one in drawn) <= 600
    assert max(one.full_s for one in drawn if "full" in one.tasks) <= 1200
    assert all({"invoices", "contacts"} <= {*one.tasks} for one in drawn)


def test_sweep_of_changes_is_alone_in_some_worlds_without_webhooks() -> None:
    drawn = [ways.beats(Random(seed), Without.WEBHOOKS) for seed in range(50)]

    assert {"full" in one.tasks for one in drawn} == {True, False}


def test_sweep_is_waited_for_as_long_as_few_calls_stretch_it() -> None:
    """With 1,000 calls a day, a tenth for idling: 900 wanted rounds become 95."""
    beats = ways.Beats(reconcile_s=120.0, full_s=NEVER_S, recheck_s=600.0)

    assert beats.longest_s == pytest.approx(480 * 900 / 95, rel=0.01)
    assert ways.Beats(reconcile_s=NEVER_S, full_s=NEVER_S, recheck_s=600.0).longest_s == 0.0


def test_day_without_sweeps_has_none() -> None:
    drawn = ways.beats(Random(1), Without.SWEEPS)

    assert (drawn.reconcile_s, drawn.full_s) == (NEVER_S, NEVER_S)
    assert drawn.tasks == ()


def test_day_without_rechecks_looks_at_no_hold_by_the_clock() -> None:
    drawn = [ways.beats(Random(seed), Without.RECHECKS) for seed in range(50)]

    assert {one.recheck_s for one in drawn} == {NEVER_S}
    assert all("full" in one.tasks for one in drawn)


def test_holds_are_looked_at_by_the_clock_in_some_worlds_and_by_events_alone_in_others() -> None:
    assert len({ways.beats(Random(seed), None).recheck_s for seed in range(50)}) == 2


def test_what_webhooks_are_like_differs_and_is_known_to_the_pretend_xero() -> None:
    drawn = [ways.switches(Random(seed)) for seed in range(50)]
    for each in drawn:
        Switches().turn(each)

    assert any(each["webhook_losses"] for each in drawn)
    assert not all(each["webhook_losses"] for each in drawn)

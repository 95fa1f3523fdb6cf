# ruff: noqa: S311 - dice of pretend worlds
"""What Xero is like differs from seed to seed, and every setting is one it knows."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from syncd.lab.faults import drawn_switches, fault_mix
from syncd.sandbox.pipeline.app import SWITCHES
from syncd.sandbox.xero.ledger.switches import Switches

CALM = replace(fault_mix.draw(Random(1)), xero=())


def test_every_setting_is_known_and_not_the_default() -> None:
    defaults = Switches().as_json()
    Switches().turn(drawn_switches.OTHERWISE)

    assert [
        name for name, value in drawn_switches.OTHERWISE.items() if defaults[name] == value
    ] == []


def test_pages_are_short_in_some_seeds_and_known_to_the_pretend_pipeline() -> None:
    drawn = [drawn_switches.of_pipeline(Random(seed)) for seed in range(50)]

    assert {*drawn[0]} <= {*SWITCHES}
    assert min(each["most_changes"] for each in drawn) == 3
    assert {drawn_switches.rows_a_page(Random(seed)) for seed in range(50)} == {1000, 3, 7, 20}


def test_every_switch_is_turned_in_some_seed_and_none_in_others() -> None:
    drawn = [drawn_switches.of_xero(Random(seed), CALM) for seed in range(100)]

    assert {name for each in drawn for name in each} == {*drawn_switches.OTHERWISE}
    assert {} in drawn


def test_no_refresh_comes_late_where_only_the_newest_pair_lives() -> None:
    late = {"do": "late_commit", "match": fault_mix.TOKENS, "probability": 0.1, "seconds": 30}
    mix = replace(CALM, xero=(late,))

    drawn = [drawn_switches.of_xero(Random(seed), mix) for seed in range(100)]

    assert not [each for each in drawn if "grace_keeps_all_pairs" in each]

"""Set clocks: in a quarter of the worlds, by an hour or a day, either way."""

from __future__ import annotations

from random import Random

from syncd.lab.faults.clock_steps import NAMES, draw

SEEDS = 400


def test_quarter_of_the_worlds_has_its_clock_set_in_order_within_the_storm() -> None:
    drawn = [draw(Random(seed)) for seed in range(SEEDS)]  # noqa: S311 - a pretend world's dice

    assert abs(sum(map(bool, drawn)) / SEEDS - 1 / 4) < 0.07
    for steps in drawn:
        assert list(steps) == sorted(steps)
        assert all(0.0 <= share < 1.0 for share, _ in steps)
    assert {by_s for steps in drawn for _, by_s in steps} == {*NAMES}

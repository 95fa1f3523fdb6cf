# ruff: noqa: S311 - dice of pretend worlds
"""Rarer faults: half of the seeds have none, every kind is understood by the world it is of."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from syncd.lab.faults import drawn_faults, fault_mix
from syncd.sandbox.pipeline.faults import Faults
from syncd.sandbox.xero.protocol.faults import FaultPlan

MIX = fault_mix.draw(Random(1))


def test_half_of_the_seeds_keep_their_mix_as_it_is() -> None:
    plain = [drawn_faults.added(MIX, Random(seed)) == MIX for seed in range(200)]

    assert 70 < sum(plain) < 130


@pytest.mark.parametrize("kind", drawn_faults.KINDS)
def test_every_kind_adds_something_that_is_understood(kind: str) -> None:
    mix = drawn_faults.KINDS[kind](MIX, Random(1))
    FaultPlan(1).set(mix.xero)
    Faults(Random(1)).set(mix.pipeline)

    assert mix != MIX


def test_what_goes_away_has_a_name_whatever_else_is_drawn() -> None:
    for first, second in permutations(drawn_faults.KINDS, 2):
        mix = drawn_faults.KINDS[second](drawn_faults.KINDS[first](MIX, Random(1)), Random(1))

        assert not mix.outage or drawn_faults.named(mix), (first, second)

"""The judges bite: every planted bug is found within a few seeds, and only while it is planted."""

from __future__ import annotations

import pytest

from syncd.engine import paper
from syncd.lab.mutants import MUTANTS, applied
from syncd.lab.simulation import Outcome, simulate

FIRST_SEED = {"intent-after-call": 0, "new-key": 0, "no-look": 5, "blind": 2, "early-end": 2}
"""Where each was found when this was written; the seeds after it are tried as well."""
SEEDS_TRIED = 10


def outcomes(mutant: str) -> list[Outcome]:
    first = FIRST_SEED[mutant]
    found: list[Outcome] = []
    with applied(mutant):
        for seed in range(first, first + SEEDS_TRIED):
            found.append(simulate(seed))
            if found[-1].violations:
                break
    return found


@pytest.mark.parametrize("mutant", MUTANTS)
def test_planted_bug_is_found(mutant: str) -> None:
    assert outcomes(mutant)[-1].violations


def test_planted_bug_is_gone_afterwards() -> None:
    open_call = paper.open_call

    with applied("intent-after-call"):
        assert paper.open_call is not open_call

    assert paper.open_call is open_call

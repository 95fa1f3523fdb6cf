"""One tenant's sickness changes no other's day: the same seed is lived with it and without."""

from __future__ import annotations

import json
from functools import cache

import pytest

from syncd.lab.days.simulation import Outcome, simulate
from syncd.lab.days.trial import HEALTHY, SICK, Trial
from syncd.lab.faults.sickness import Ailment

HOURS = 0.25
LATER_S = 60
"""Nobody's work waits so much longer because somebody else is sick."""
SEEDS = {ailment: 1 + place % 2 for place, ailment in enumerate(Ailment)}


@cache
def well(seed: int) -> Outcome:
    return simulate(seed, hours=HOURS, trial=Trial(ailment=None))


@pytest.mark.parametrize("ailment", Ailment)
def test_what_stands_of_the_healthy_is_the_same(ailment: Ailment) -> None:
    seed = SEEDS[ailment]

    sick = simulate(seed, hours=HOURS, trial=Trial(ailment=ailment))

    assert sick.violations == well(seed).violations == ()
    assert json.loads(sick.ends[HEALTHY]) == json.loads(well(seed).ends[HEALTHY])
    assert sick.waits_s[HEALTHY] <= well(seed).waits_s[HEALTHY] + LATER_S


def test_trial_shows_what_it_compares() -> None:
    """Both tenants work, under equal ids and with contents of their own, and both are settled."""
    first, second = (json.loads(well(1).ends[name]) for name in (HEALTHY, SICK))

    ids = [{each["id"] for each in end if "id" in each} for end in (first, second)]
    assert ids[0] & ids[1]
    assert first != second
    assert {each["told"][0] for each in first if "id" in each} <= {"synced", "voided", None}

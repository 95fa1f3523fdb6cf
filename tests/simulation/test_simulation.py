"""The whole daemon under seeded worlds: no promise broken, the same day every time."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from functools import cache

import pytest

from syncd.lab.days.simulation import Outcome, simulate
from syncd.lab.watch.ways import Without

HOURS = 0.5
SEEDS = range(4)
WAYS = (None, Without.WEBHOOKS, Without.SWEEPS, Without.RECHECKS)
PLACES = (("Pacific/Auckland", "0"), ("America/New_York", "1"), ("UTC", "random"))
DEATHS = 5
A_DAEMON = 2_000
"""So many objects it is made of, at the least."""
ONE_DAY = "from syncd.lab.days.simulation import simulate; print(simulate(3, hours=0.2).digest)"


@cache
def lived(seed: int, without: Without | None = None) -> Outcome:
    """Such a day, lived once in a process."""
    return simulate(seed, hours=HOURS, without=without)


@pytest.mark.parametrize("without", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_seed_breaks_a_promise(seed: int, without: Without | None) -> None:
    assert lived(seed, without).violations == ()


def test_same_seed_is_the_same_day_in_any_process_anywhere() -> None:
    """Whatever the time zone and the seed of hashes."""
    processes = [
        subprocess.Popen(  # noqa: S603 - our own code, no shell
            [sys.executable, "-c", ONE_DAY],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": hashes},
        )
        for zone, hashes in PLACES
    ]
    digests = {process.communicate(timeout=120)[0].strip() for process in processes}

    assert digests == {simulate(3, hours=0.2).digest}


def test_another_seed_is_another_day() -> None:
    assert lived(1).digest != lived(2).digest


def test_day_leaves_no_dead_daemon_behind() -> None:
    """Hundreds are lived in one process, and each starts the daemon dozens of times."""
    simulate(2, hours=0.1)
    before = len(gc.get_objects())

    day = simulate(3, hours=0.2)

    assert day.kills.total() >= DEATHS
    assert len(gc.get_objects()) - before < A_DAEMON * DEATHS


def test_day_says_what_it_was() -> None:
    outcome = lived(3)

    assert outcome.edits > 0
    assert outcome.kills.total() > 0
    assert outcome.faults.total() > 0
    assert outcome.sometimes.total() > 0
    assert outcome.simulated_hours == pytest.approx(HOURS)

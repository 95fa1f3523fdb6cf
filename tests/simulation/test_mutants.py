"""The judges bite: every planted bug is found by fresh days, or breaks the tests that name it."""

from __future__ import annotations

import os
import re

import pytest

from syncd.engine.writes import write_ahead
from syncd.lab.days.mutants import MUTANTS, applied
from tests.simulation.judges import measure
from tests.simulation.planted import COMMON, NAMED, WAYS
from tests.support import warm

HOURS = 0.5
SEEDS = range(50)


@pytest.mark.parametrize("bug", COMMON)
def test_common_bug_is_found_by_the_first_days(bug: str) -> None:
    assert measure(bug, [COMMON[bug], *SEEDS], hours=HOURS, enough=1).found == 1


@pytest.mark.parametrize("bug", NAMED)
def test_rare_bug_breaks_the_tests_that_name_it(bug: str) -> None:
    """All of them: a test that still passes does not prove its law."""
    told = run_planted(bug)
    summary = told.splitlines()[-1]

    assert "passed" not in summary
    assert (failed := re.search(r"(\d+) failed", summary)), told
    assert int(failed[1]) >= len(NAMED[bug])


def test_every_planted_bug_is_looked_for() -> None:
    assert {*WAYS} == {*MUTANTS} == {*COMMON, *NAMED}


def test_planted_bug_is_gone_afterwards() -> None:
    open_call = write_ahead.open_call

    with applied("intent-after-call"):
        assert write_ahead.open_call is not open_call

    assert write_ahead.open_call is open_call


def run_planted(bug: str) -> str:
    """Run the tests that name a bug, in a process of their own in which it is planted."""
    # What is warm was imported before pytest could have rewritten it: it asserts nothing.
    ignored = "ignore::pytest.PytestAssertRewriteWarning"
    plain = "addopts=--import-mode=importlib -p no:cacheprovider"
    ran = warm.run(
        warm.PYTEST,
        ["-p", "tests.simulation.planting", "-p", "no:xdist", "--tb=no", "-W", ignored, "-o", plain,
         *NAMED[bug]],
        environment={**os.environ, "SYNCD_PLANTED": bug, "HYPOTHESIS_PROFILE": "fixed"},
        within_s=100,
    )  # fmt: skip
    return ran.stdout

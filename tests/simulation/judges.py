"""Measures the judges: how many of n fresh seeds find each planted bug. Run by `make judges`.

    python -m tests.simulation.judges FIRST..LAST [BUG ...]

A bug is left alone once `ENOUGH` seeds have found it, so n differs; the rate is k of n. Ends with 1
when a bug is found by no seed and named by no test.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from syncd.lab.days.mutants import applied
from syncd.lab.days.simulation import HOURS, simulate
from tests.simulation.planted import NAMED, WAYS

ENOUGH = 5
_WORDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One bug's: `found` of `lived` seeds, and what the first of them said."""

    bug: str
    lived: int
    found: int
    said: str

    @property
    def row(self) -> str:
        """A row of the table."""
        way = WAYS[self.bug]
        how = "all layers" if way is None else f"without {way}"
        tests = f" {len(NAMED[self.bug])} tests" if self.bug in NAMED else ""
        return f"| {self.bug} | {how} | {self.found} of {self.lived}{tests} | {self.said} |"

    @property
    def is_missed(self) -> bool:
        """Whether nobody finds it."""
        return not self.found and self.bug not in NAMED


def measure(bug: str, seeds: Sequence[int], *, hours: float = HOURS, enough: int = ENOUGH) -> Rate:
    """Live days with this bug until enough have found it."""
    lived, found, said = 0, 0, ""
    with applied(bug):
        for seed in seeds:
            outcome = simulate(seed, hours=hours, without=WAYS[bug])
            lived += 1
            if outcome.violations:
                found += 1
                said = said or outcome.violations[0][:_WORDS].replace("|", "/")
            if found >= enough:
                break
    return Rate(bug=bug, lived=lived, found=found, said=said)


def _measured(bugs: Sequence[str], seeds: Sequence[int]) -> Iterator[Rate]:
    fresh = multiprocessing.get_context("spawn")
    jobs = int(os.environ.get("JOBS", "0")) or None
    with ProcessPoolExecutor(max_workers=jobs, mp_context=fresh) as pool:
        yield from pool.map(partial(measure, seeds=seeds), bugs)


def main(words: Sequence[str]) -> int:
    """Print the table; 1 when a bug is missed."""
    first, _, last = (words[0] if words else "0..49").partition("..")
    seeds = range(int(first), int(last) + 1)
    _say("| planted bug | way | found | first said |")
    _say("| --- | --- | --- | --- |")
    missed = []
    for rate in _measured(words[1:] or list(WAYS), seeds):
        _say(rate.row)
        missed += [rate.bug] if rate.is_missed else []
    if missed:
        _say(f"found by nobody: {', '.join(missed)}")
    return int(bool(missed))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

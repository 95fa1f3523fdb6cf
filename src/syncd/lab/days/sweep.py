"""Many seeds, several processes, one summary: what was lived, what went wrong, what was reached.

Called by `syncd simulate`. Every seed is an independent world, so the order of their ends does not
matter; they are told in the order of their numbers.
"""

from __future__ import annotations

import multiprocessing
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from syncd.lab.days import mutants
from syncd.lab.days.simulation import Outcome, simulate
from syncd.lab.judges.situations import SOMETIMES
from syncd.lab.watch.kinds_seen import KINDS
from syncd.lab.watch.ways import Without

_LISTED = (*SOMETIMES, *KINDS)


@dataclass(slots=True)
class Summary:
    """A sweep in figures."""

    seeds: int = 0
    simulated_hours: float = 0.0
    edits: int = 0
    steps: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    sometimes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_LISTED, 0)))
    settled_s: list[float] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Count one seed in."""
        self.seeds += 1
        self.simulated_hours += outcome.simulated_hours
        self.edits += outcome.edits
        self.steps += outcome.steps
        self.kills.update(outcome.kills)
        self.faults.update(outcome.faults)
        self.sometimes.update(outcome.sometimes)
        self.settled_s.append(outcome.settle_s)
        if outcome.violations:
            self.failed.append(outcome)

    @property
    def unreached(self) -> list[str]:
        """Named situations no seed has reached."""
        return [name for name in SOMETIMES if not self.sometimes[name]]

    def lines(self) -> Iterator[str]:
        """The summary as people read it."""
        kills = ", ".join(f"{count} {why}" for why, count in sorted(self.kills.items()))
        yield (
            f"{self.seeds} seeds, {self.simulated_hours:.1f} simulated hours of storm, "
            f"{self.edits} edits, {self.steps} callbacks"
        )
        yield f"kills: {sum(self.kills.values())} ({kills or 'none'})"
        faults = ", ".join(
            f"{name} {count}" for name, count in sorted(self.faults.items()) if count
        )
        yield f"faults: {sum(self.faults.values())} ({faults or 'none'})"
        if self.settled_s:
            median_s, worst_s = statistics.median(self.settled_s), max(self.settled_s)
            yield f"at rest after the storm: median {median_s:.0f} s, longest {worst_s:.0f} s"
        yield "sometimes:"
        width = max(map(len, self.sometimes), default=0)
        for name, count in sorted(self.sometimes.items()):
            yield f"  {name:{width}}  {count or 'NEVER'}"


def sweep(
    seeds: Sequence[int],
    *,
    hours: float,
    jobs: int,
    mutant: str | None = None,
    without: Without | None = None,
) -> Iterator[Outcome]:
    """Live every seed; outcomes in the order of `seeds`. `mutant` is a name of `mutants`."""
    lived = partial(_lived, hours=hours, mutant=mutant, without=without)
    if jobs == 1 or len(seeds) == 1:
        yield from map(lived, seeds)
        return
    # A fresh interpreter each: what the parent had imported or patched does not leak into a world.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(jobs, len(seeds)), mp_context=fresh) as pool:
        try:
            yield from pool.map(lived, seeds)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _lived(seed: int, *, hours: float, mutant: str | None, without: Without | None) -> Outcome:
    with mutants.applied(mutant) if mutant is not None else nullcontext():
        return simulate(seed, hours=hours, without=without)

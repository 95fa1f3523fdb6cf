"""`syncd simulate`: the whole daemon under seeded, hostile worlds, judged without mercy."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import Parameter

from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.lab.days.mutants import MUTANTS
from syncd.lab.days.simulation import HOURS, Outcome
from syncd.lab.days.sweep import Summary, sweep
from syncd.lab.watch.ways import Without

_HOURS_A_DAY = 24.0
_PYTHON = "{}.{}".format(*sys.version_info[:2])
_SHOWN_VIOLATIONS = 8
_TELL_EVERY_S = 10.0


def simulate(
    *,
    seed: int | None = None,
    seeds: str | None = None,
    days: float = HOURS / _HOURS_A_DAY,
    mutant: str | None = None,
    without: Literal["sweeps", "webhooks", "rechecks"] | None = None,
    jobs: Annotated[int, Parameter(name=["--jobs", "-j"])] = 0,
    expect_all: bool = False,
) -> None:
    """Drive the daemon through simulated days and judge each; same seed, same day.

    Prints each seed's trace hash. Ends with 1 when a seed breaks a promise, and says how to see it
    again.

    Parameters
    ----------
    seed
        One seed; its log is shown when it fails.
    seeds
        A range of seeds, both ends included: 0..199.
    days
        The length of the storm in days; 0.0417 is an hour. Settling comes on top.
    mutant
        Plant a bug by the name of one of `lab.days.mutants`. Then violations are
        what is wanted, and 1 means that they were found.
    without
        Switch a layer off: sweeps, webhooks, or the clock that looks at holds again (rechecks).
    jobs
        Worlds at a time; 0 takes every core.
    expect_all
        Fail as well when one of the named situations was never reached.
    """
    chosen = _seeds(seed, seeds)
    if mutant is not None and mutant not in MUTANTS:
        end(Exit.USAGE, f"--mutant: expected one of {', '.join(MUTANTS)}, got {mutant!r}")
    if days <= 0:
        end(Exit.USAGE, f"--days: expected more than 0, got {days:g}")
    summary = Summary()
    began_s = time.monotonic()
    told_s = began_s
    workers = jobs or os.cpu_count() or 1
    way = None if without is None else Without(without)
    told_way = f" --without {without}" if without else ""
    again = f"--days {days:g}{told_way}" + (f" --mutant {mutant}" if mutant else "")
    lived = sweep(chosen, hours=days * _HOURS_A_DAY, jobs=workers, mutant=mutant, without=way)
    for outcome in lived:
        summary.take(outcome)
        _tell(outcome, show_tail=seed is not None, again=again)
        if time.monotonic() - told_s > _TELL_EVERY_S and len(chosen) > 1:
            told_s = time.monotonic()
            complain(f"{summary.seeds} of {len(chosen)} seeds, {told_s - began_s:.0f} s")
    took_s = time.monotonic() - began_s
    for line in summary.lines():
        _say(line)
    _say(
        f"took {took_s:.1f} s: {summary.seeds / took_s:.2f} seeds/s, "
        f"{summary.simulated_hours / took_s:.1f} simulated hours/s, {workers} at a time"
    )
    _end(summary, expect_all=expect_all)


def _end(summary: Summary, *, expect_all: bool) -> None:
    failed = [str(each.seed) for each in summary.failed]
    _say(f"violations: {len(failed)} of {summary.seeds} seeds")
    if failed:
        end(Exit.FAILED, f"seeds with violations: {', '.join(failed)}")
    if expect_all and summary.unreached:
        end(Exit.FAILED, f"never reached: {'; '.join(summary.unreached)}")


def _tell(outcome: Outcome, *, show_tail: bool, again: str) -> None:
    verdict = f"{len(outcome.violations)} VIOLATIONS" if outcome.violations else "ok"
    _say(
        f"seed {outcome.seed}  {outcome.digest}  {outcome.edits} edits, "
        f"{sum(outcome.kills.values())} kills, {sum(outcome.faults.values())} faults, {verdict}"
    )
    if not outcome.violations:
        return
    for text in outcome.violations[:_SHOWN_VIOLATIONS]:
        _say(f"    {text}")
    if len(outcome.violations) > _SHOWN_VIOLATIONS:
        _say(f"    and {len(outcome.violations) - _SHOWN_VIOLATIONS} more")
    _say(f"    again: syncd simulate --seed {outcome.seed} {again} (on Python {_PYTHON})")
    if show_tail:
        for line in outcome.tail:
            _say(f"    | {line}")


def _seeds(seed: int | None, seeds: str | None) -> Sequence[int]:
    if seed is not None and seeds is not None:
        end(Exit.USAGE, "expected --seed or --seeds, got both")
    if seeds is None:
        return [seed if seed is not None else 0]
    first, dots, last = seeds.partition("..")
    if not dots or not first.isdigit() or not last.isdigit() or int(last) < int(first):
        end(Exit.USAGE, f"--seeds: expected a range such as 0..199, got {seeds!r}")
    return range(int(first), int(last) + 1)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

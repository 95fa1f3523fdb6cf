"""One seed, one world, one day: people at work, everything going wrong, then peace, then judgement.

    calm: a person connects the tenant ── storm: people work, faults and deaths strike
    ── settling: nothing fails any more, and within `SETTLE_S` everything is at rest
    ── `STILL_S` more in which nothing may move ── drained, judged

The trace's digest is the seed's fingerprint: same seed, same code, same digest in any process.
"""

from __future__ import annotations

import gc
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from unittest.mock import patch

import anyio

from syncd.lab.daemon.once import constants_once
from syncd.lab.days import trial as trial_day
from syncd.lab.days.day import Day
from syncd.lab.days.trial import Trial
from syncd.lab.days.verdict import Judgement
from syncd.lab.faults import drawn_faults, drawn_switches, fault_mix
from syncd.lab.faults.fault_mix import FaultMix
from syncd.lab.virtual.library_clocks import deterministic_aiohttp
from syncd.lab.virtual.processes import forget_the_dead
from syncd.lab.virtual.virtual_loop import VirtualLoop
from syncd.lab.virtual.virtual_time import SimulationError
from syncd.lab.watch.ways import Without
from syncd.xero import ledger_sweeps

HOURS = 1.0
"""The length of a day's storm when nobody says otherwise, in simulated hours."""
_SHUFFLED = 0.25
_HOUR_S = 3600.0
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one seed showed; plain values, so that it travels between processes."""

    seed: int
    digest: str
    violations: tuple[str, ...]
    simulated_hours: float
    settle_s: float
    steps: int
    edits: int
    tenants: int = 1
    sick: str = ""
    """What one tenant of several suffered from."""
    waits_s: Mapping[str, int] = field(default_factory=dict)
    """How long each tenant's work that was due has waited at most, where there are several."""
    ends: Mapping[str, str] = field(default_factory=dict)
    """What stood of each tenant at the end of a trial."""
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    sometimes: Counter[str] = field(default_factory=Counter)
    tail: tuple[str, ...] = ()
    """The last lines of the trace and the log, for a seed with violations."""


def simulate(
    seed: int,
    *,
    hours: float = HOURS,
    without: Without | None = None,
    trial: Trial | None = None,
) -> Outcome:
    """Live one day and judge it. Deterministic in `seed`, `hours`, `without` and `trial`."""
    was_enabled, was_frozen = gc.isenabled(), gc.get_freeze_count() > 0
    pages = Random(f"{seed}/drawn rows a page")  # noqa: S311 - a pretend world's dice
    # One collection at the end, and those of the loop; none looks at what lives already.
    gc.disable()
    gc.freeze()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="syncd-sim-", dir=_folder()) as folder,
            deterministic_aiohttp(seed=seed),
            _in_silence(),
            constants_once(),
            patch.object(ledger_sweeps, "ROWS_A_PAGE", drawn_switches.rows_a_page(pages)),
        ):
            return _lived(seed, hours, without, trial, Path(folder))
    finally:
        forget_the_dead()
        if not was_frozen:
            gc.unfreeze()
        if was_enabled:
            gc.enable()


def _folder() -> str | None:
    """Where nothing is written to a disk, if the machine has such a place."""
    return str(_MEMORY) if _MEMORY.is_dir() else None


def _leaves(errors: BaseExceptionGroup[Exception]) -> Iterator[BaseException]:
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


@contextmanager
def _in_silence() -> Iterator[None]:
    """The pretend worlds lose connections all day, and their server would tell of each."""
    log = logging.getLogger("aiohttp.server")
    was_disabled, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = was_disabled


def _mix(seed: int, without: Without | None) -> FaultMix:
    mix = fault_mix.draw(Random(f"mix {seed}"))  # noqa: S311 - a pretend world's dice
    mix = drawn_faults.added(mix, Random(f"{seed}/drawn faults"))  # noqa: S311 - the same
    if without is Without.SWEEPS:  # they alone show again what a lagging read has hidden
        mix = replace(mix, read_lag_s=0.0)
    return mix


def _lived(
    seed: int, hours: float, without: Without | None, trial: Trial | None, folder: Path
) -> Outcome:
    dice = Random(f"world {seed}")  # noqa: S311 - a pretend world's dice
    mix = trial_day.calm() if trial else _mix(seed, without)
    net = fault_mix.FaultyNet(Random(f"net {seed}"), mix)  # noqa: S311 - a pretend world's dice
    loop = VirtualLoop(seed=seed, shuffle=dice.random() < _SHUFFLED, policy=net)
    # aiohttp's server loses its wits over connections that break off: nobody's business here.
    loop.set_exception_handler(lambda _loop, _context: None)
    judgement = Judgement(without)
    day = Day(
        seed=seed,
        hours=hours,
        loop=loop,
        net=net,
        mix=mix,
        store=folder / "syncd.db",
        judgement=judgement,
        without=without,
        trial=trial,
    )
    try:
        anyio.run(day.live, backend_options={"loop_factory": lambda: loop})
    except* SimulationError as errors:
        judgement.violations.extend(f"liveness: {error}" for error in _leaves(errors))
    except* Exception as errors:  # noqa: BLE001  (one seed's trouble ends no sweep, and is told)
        named = (f"{type(error).__name__}: {error}" for error in _leaves(errors))
        judgement.violations.extend(f"the lab failed: {text}" for text in named)
    finally:
        if not loop.is_closed():
            loop.close()
        judgement.close()
    violations = tuple(dict.fromkeys(judgement.violations))
    tally = day.tally
    return Outcome(
        seed=seed,
        digest=loop.trace.digest(),
        violations=violations,
        simulated_hours=tally.lived_s / _HOUR_S,
        settle_s=tally.settle_s,
        steps=loop.steps,
        edits=tally.edits,
        tenants=tally.tenants,
        sick=tally.sick,
        waits_s=tally.waits_s,
        ends=judgement.ends,
        kills=tally.kills,
        faults=tally.faults,
        sometimes=judgement.sometimes,
        tail=tally.tail if violations else (),
    )

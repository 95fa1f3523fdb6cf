"""How one simulated day goes: both worlds are served, people work, the daemon lives and dies.

Made and run by `simulation`, which owns the loop; judged by `judgement`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import anyio
from aiohttp import web

from syncd.lab import drawn, drawn_switches, situations, supervision, ways
from syncd.lab.fault_mix import FaultMix, FaultyDisk, FaultyNet
from syncd.lab.inline_driver import InlineDriver
from syncd.lab.judgement import Judgement
from syncd.lab.library_clocks import wall_time_s
from syncd.lab.player_hands import BookkeeperHand, Deed, Meeting, UserHand
from syncd.lab.postman import POLLS_S, Postman, session
from syncd.lab.processes import Ending
from syncd.lab.reaper import Reaper
from syncd.lab.rest import Rest
from syncd.lab.simulated_daemon import TENANT, SimulatedDaemon, simulated_options
from syncd.lab.simulated_machine import PIPELINE_PATH, XERO_PATH, SimulatedClock
from syncd.lab.virtual_loop import VirtualLoop
from syncd.lab.virtual_time import SimulationError
from syncd.lab.watched_xero import Arrival, WatchedXero
from syncd.lab.ways import Without
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.serve import serve_worlds

SETTLE_S = 3600.0
"""Within so long after the last fault, and the last death's end, everything is at rest."""
STILL_S = 450.0
_LOOK_S = 15.0
_CLOCK_ERRORS_S = (0.0, 0.0, 0.0, -400.0, 900.0)
_CALM_WITHIN_S = 600.0
_REST_AGAIN_S = 60
"""A hold that is looked at again, or a sweep that goes round, is over by then."""
_HOUR_S = 3600.0
_TAIL_LINES = 60
_POLLS_S = (15.0, 30.0, 60.0, 120.0)
_REVERSED = 0.5
"""The share of worlds whose Xero answers with new lines in reverse."""
_EDITS_AN_HOUR = (20.0, 50.0, 100.0)
_SHORTEST_PAUSE = 0.3
"""Of the mean: people come in bursts, so pauses are drawn far below and far above it."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a day amounted to."""

    edits: int = 0
    lived_s: float = 0.0
    settle_s: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    tail: tuple[str, ...] = ()


class Day:
    """One day on one loop; `tally` is read when it is over."""

    def __init__(
        self,
        *,
        seed: int,
        hours: float,
        loop: VirtualLoop,
        net: FaultyNet,
        mix: FaultMix,
        store: Path,
        judgement: Judgement,
        without: Without | None = None,
    ) -> None:
        self._seed = seed
        self._hours = hours
        self._loop = loop
        self._net = net
        self._mix = mix
        self._store = store
        self._judgement = judgement
        self._without = without
        self._disk = FaultyDisk(self._dice("disk"), mix)
        self._clock = SandboxClock(wall_time_s)
        self._xero = WatchedXero(clock=self._clock, seed=seed)
        # Whatever order Xero shows lines in, an edit reaches its own.
        self._xero.switches.turn({"reverses_new_lines": self._dice("lines").random() < _REVERSED})
        self._xero.switches.turn(drawn_switches.of_xero(self._dice("drawn switches")))
        self._pipeline = PipelineWorld(clock=self._clock, seed=seed)
        self._pipeline.set_switches(drawn_switches.of_pipeline(self._dice("drawn pages")))
        self._postman = Postman(self._xero, self._pipeline, self._dice("webhooks"))
        self._is_over = False
        self.tally = Tally()

    def _dice(self, name: str) -> Random:
        return Random(f"{self._seed}/{name}")  # noqa: S311 - a pretend world's dice

    def _posts_every_s(self) -> float:
        is_off = self._without is Without.WEBHOOKS
        return ways.NEVER_S if is_off else self._dice("posts").choice(POLLS_S)

    async def live(self) -> None:
        """From the first connection to the judgement."""
        async with (
            serve_worlds(
                xero=self._xero,
                pipeline=self._pipeline,
                xero_site=lambda runner: web.UnixSite(runner, XERO_PATH),
                pipeline_site=lambda runner: web.UnixSite(runner, PIPELINE_PATH),
                session=session,
                webhooks_poll_s=self._posts_every_s(),
            ) as served,
            anyio.create_task_group() as group,
        ):
            dice, beats = self._dice("day"), ways.beats(self._dice("beats"), self._without)
            options = simulated_options(
                seed=self._seed,
                path=self._store,
                xero=self._xero,
                pipeline=self._pipeline,
                served=served,
                poll_s=dice.choice(_POLLS_S),
                beats=beats,
            )
            daemon = SimulatedDaemon(
                self._loop,
                options,
                seed=self._seed,
                clock=_clock(self._dice("clock")),
                driver=self._driver,
            )
            daemon.start()
            await supervision.connected(daemon)
            self._judgement.take_places(self._xero, daemon, self._store, self._postman)
            self._judgement.sees_touchless = "full" in beats.tasks
            group.start_soon(supervision.supervise, daemon, lambda: self._is_over)
            try:
                rest = await self._calm(beats)
                await self._storm(group, daemon, dice)
                await self._settle(daemon, rest)
                await self._end(daemon)
            finally:
                self._note(daemon)
            group.cancel_scope.cancel()

    async def _calm(self, beats: ways.Beats) -> Rest:
        """Webhooks are aimed and tried, and every sweep has been round once."""
        rest = Rest(
            xero=self._xero,
            pipeline=self._pipeline,
            postman=self._postman,
            reader=self._judgement.reader,
            sweeps=beats.tasks,
        )
        if self._without is not Without.WEBHOOKS:
            self._postman.begin(self._judgement.reader)
        began_s = self._loop.time()
        while rest.first_sweeps() or self._xero.webhooks.state == "validating":
            if self._loop.time() - began_s > _CALM_WITHIN_S:
                raise SimulationError(f"no calm: webhooks {self._xero.webhooks.state}")
            await anyio.sleep(1.0)
        return rest

    # --- the storm

    async def _storm(
        self, group: anyio.abc.TaskGroup, daemon: SimulatedDaemon, dice: Random
    ) -> None:
        reaper = self._reaper = Reaper(self._loop, daemon, self._dice("reaper"), self._mix)
        reaper.on_death = self._dying
        self._xero.door.done.append(self._committed)
        self._xero.faults.set(self._mix.xero)
        self._pipeline.faults.set(self._mix.pipeline)
        self._postman.misbehave()
        drawn.misbehave(self._xero, self._mix)
        self._net.is_calm = self._disk.is_calm = False
        reaper.begin()
        began_s = self._loop.time()
        meeting = Meeting()
        user = UserHand(self._pipeline, TENANT, self._dice("user"), meeting)
        bookkeeper = BookkeeperHand(self._xero, self._dice("bookkeeper"), meeting)
        async with anyio.create_task_group() as people:
            people.start_soon(self._work, "user", user.step, dice.choice(_EDITS_AN_HOUR))
            people.start_soon(self._work, "bookkeeper", bookkeeper.step, bookkeeper.an_hour)
            for who, hand in drawn.hands(
                self._seed, self._xero, self._pipeline, self._mix, meeting
            ):
                people.start_soon(self._work, who, hand.step, hand.an_hour)
            if self._dice("drain").random() < self._mix.drains:
                group.start_soon(self._drain_under_load, daemon)
        self._xero.faults.clear()
        self._pipeline.faults.set([])
        self._postman.behave()
        drawn.behave(self._xero, self._pipeline)
        self._net.is_calm = self._disk.is_calm = True
        reaper.rest()
        self.tally.lived_s = self._loop.time() - began_s

    async def _work(self, who: str, step: Callable[[], Deed], an_hour: float) -> None:
        """Bursts and pauses for the length of the day."""
        dice = self._dice(f"pace of {who}")
        ends_s = self._loop.time() + self._hours * _HOUR_S
        while an_hour:
            mean_s = _HOUR_S / an_hour
            pause_s = dice.expovariate(1 / mean_s) * dice.choice((_SHORTEST_PAUSE**3, 1.0, 2.0))
            await anyio.sleep(min(pause_s, ends_s - self._loop.time()))
            if self._loop.time() >= ends_s:
                return
            deed = step()
            self.tally.edits += 1
            self._loop.trace.note("hand", who, *deed)
            if ("invoice", deed.identity) in self._judgement.reader.open_intents():
                self._judgement.sometimes[situations.of_deed(deed.verb)] += 1

    async def _drain_under_load(self, daemon: SimulatedDaemon) -> None:
        await anyio.sleep(self._dice("drain").uniform(0.2, 0.9) * self._hours * _HOUR_S)
        if daemon.is_alive and not self._is_over:
            ending = await daemon.drain()
            if ending is None and daemon.is_alive:
                self._judgement.violations.append("liveness: a drain did not end")
            elif ending is Ending.RETURNED:
                self._judgement.sometimes[situations.DRAINED] += 1

    def _dying(self) -> None:
        arrived = {arrival.key for arrival in self._xero.door.seen}
        calls = self._judgement.reader.open_calls()
        self._judgement.sometimes[situations.KILLED_OPEN] += bool(calls)
        self._judgement.sometimes[situations.KILLED_UNSENT] += bool(set(calls) - arrived)

    def _committed(self, arrival: Arrival) -> None:
        if arrival.is_write and not arrival.lives_until_s:
            self._reaper.committed_in_xero()

    def _driver(self, path: Path) -> InlineDriver:
        return InlineDriver(path, before_commit=self._before_commit, latency_s=self._disk.latency_s)

    def _before_commit(self) -> None:
        self._disk.before_commit()
        if not self._disk.is_calm:
            self._reaper.committed_in_store()

    # --- peace

    async def _settle(self, daemon: SimulatedDaemon, rest: Rest) -> None:
        began_s = self._loop.time()
        bound_s = SETTLE_S + self._mix.longest_death_s + self._mix.spent_day_s
        while unrest := rest.unrest(daemon):
            if self._loop.time() - began_s > bound_s:
                shown = "; ".join(unrest[:5])
                self._judgement.violations.append(f"liveness: no rest in {bound_s:g} s: {shown}")
                return
            await anyio.sleep(_LOOK_S)
        self.tally.settle_s = self._loop.time() - began_s
        await anyio.sleep(STILL_S)
        for _ in range(_REST_AGAIN_S):
            if not (unrest := rest.unrest(daemon)):
                return
            await anyio.sleep(1.0)
        self._judgement.violations.append(f"liveness: at rest, then: {'; '.join(unrest[:5])}")

    async def _end(self, daemon: SimulatedDaemon) -> None:
        self._is_over = True
        if await daemon.drain() is not Ending.RETURNED:
            self._judgement.violations.append("liveness: the last drain did not end in peace")
        await self._judgement.judge(self._xero, self._pipeline, daemon)
        for world in (self._xero, self._pipeline):
            dumped = json.dumps(world.dump(), sort_keys=True, default=str)
            self._loop.trace.note("dump", hashlib.sha256(dumped.encode()).hexdigest())

    def _note(self, daemon: SimulatedDaemon) -> None:
        tally = self.tally
        tally.kills = self._reaper.kills
        tally.faults = Counter(self._xero.faults.fired)
        tally.faults.update(
            {
                "connection refused": self._net.refused,
                "connection cut": self._net.cuts,
                "connection stalled": self._net.stalls,
                "commit failed": self._disk.failures,
            }
        )
        self._judgement.sometimes[situations.DISK_FULL] += self._disk.failures
        tally.tail = tuple(daemon.log.getvalue().splitlines()[-_TAIL_LINES:])


def _clock(rng: Random) -> SimulatedClock:
    """The daemon's machine has a clock of its own, and it is not always right."""
    clock = SimulatedClock()
    clock.step(rng.choice(_CLOCK_ERRORS_S))
    return clock

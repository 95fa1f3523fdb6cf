"""How one simulated day goes: both worlds are served, people work, the daemon lives and dies.

Made and run by `simulation`, which owns the loop; judged by `judgement`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import anyio
from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.lab.daemon import supervision
from syncd.lab.daemon.machine import PIPELINE_PATH, XERO_PATH, SimulatedClock
from syncd.lab.daemon.process import SimulatedDaemon, simulated_options
from syncd.lab.days.operator import hired
from syncd.lab.days.peace import Peace
from syncd.lab.days.rest import Rest
from syncd.lab.days.tally import Tally
from syncd.lab.days.trial import TENANTS, Trial
from syncd.lab.days.verdict import Judgement
from syncd.lab.faults import drawn_switches, sickness
from syncd.lab.faults.fault_mix import FaultMix, FaultyDisk, FaultyNet
from syncd.lab.faults.reaper import Reaper
from syncd.lab.faults.sickness import Sickness
from syncd.lab.judges import situations
from syncd.lab.judges.isolation import LOOKS_EVERY_S, IsolationJudge
from syncd.lab.people import drawn, operator_ways
from syncd.lab.people.office_people import Action, Meeting, PipelineUser, XeroBookkeeper
from syncd.lab.people.operator_backup import StoreOperator
from syncd.lab.people.operator_ways import NOBODY
from syncd.lab.people.webhook_sender import POLLS_S, WebhookSender, session
from syncd.lab.virtual.inline_driver import InlineDriver, OpenFile
from syncd.lab.virtual.library_clocks import wall_time_s
from syncd.lab.virtual.processes import Ending
from syncd.lab.virtual.virtual_loop import VirtualLoop
from syncd.lab.virtual.virtual_time import SimulationError
from syncd.lab.watch import tenancy, ways
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_xero import Arrival, WatchedXero
from syncd.lab.watch.ways import Without
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.serve import serve_worlds

SETTLE_S = 3600.0
"""Within so long after the last fault, and the last death's end, everything is at rest."""
_CLOCK_ERRORS_S = (0.0, 0.0, 0.0, -400.0, 900.0)
_CALM_WITHIN_S = 600.0
_HOUR_S = 3600.0
_TAIL_LINES = 60
_POLLS_S = (15.0, 30.0, 60.0, 120.0)
_REVERSED = 0.5
"""The share of worlds whose Xero answers with new lines in reverse."""
_EDITS_AN_HOUR = (20.0, 50.0, 100.0)
_SHORTEST_PAUSE = 0.3
"""Of the mean: people come in bursts, so pauses are drawn far below and far above it."""


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
        trial: Trial | None = None,
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
        self._trial = trial
        named = TENANTS if trial else tenancy.names(self._dice("tenants"))
        many = len(named)
        self._xero = WatchedXero(
            clock=self._clock, seed=seed, organisations=many, countries=tenancy.COUNTRIES
        )
        # Whatever order Xero shows lines in, an edit reaches its own.
        self._xero.switches.turn({"reverses_new_lines": self._dice("lines").random() < _REVERSED})
        if trial is None:
            self._xero.switches.turn(drawn_switches.of_xero(self._dice("drawn switches"), mix))
        self._pipeline = PipelineWorld(
            clock=self._clock, seed=seed, tenants=named, equal_ids=many > 1
        )
        self._pipeline.set_switches(drawn_switches.of_pipeline(self._dice("drawn pages")))
        self._tenants = tenancy.tenants(named, self._xero)
        self._sick = self._sickness()
        if self._sick is not None:  # nobody else consents for who is sick
            self._mix = mix = replace(mix, loses_grants=False)
        self._postman = WebhookSender(self._xero, self._pipeline, self._dice("webhooks"))
        self._is_over = False
        self.tally = Tally()

    def _dice(self, name: str) -> Random:
        return Random(f"{self._seed}/{name}")  # noqa: S311 - a pretend world's dice

    def _sickness(self) -> Sickness | None:
        worlds = self._xero, self._pipeline
        if self._trial is None:
            return sickness.drawn(self._dice("sickness"), self._tenants, *worlds)
        ailment = self._trial.ailment
        return Sickness(self._tenants[-1], ailment, *worlds) if ailment else None

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
                tenants=self._tenants,
                served=served,
                poll_s=dice.choice(_POLLS_S),
                beats=beats,
            )
            actor = NOBODY if self._trial or self._sick else operator_ways.draw(self._dice)
            actor = replace(actor, grants_anew=self._mix.loses_grants)
            clock = _clock(self._dice("clock"))
            daemon = SimulatedDaemon(
                self._loop,
                operator_ways.configured(options, actor),
                seed=self._seed,
                clock=clock,
                file=OpenFile(self._store),
                driver=self._driver,
            )
            self._judgement.stand_at_door(self._xero, daemon, self._tenants)
            daemon.start()
            await supervision.connected(daemon, self._tenants)
            self._judgement.open_store(self._store, self._postman)
            store_operator = StoreOperator(
                self._loop, daemon, clock, self._dice("operator at work")
            )
            worlds = (self._xero, self._pipeline)
            self._operator = hired(actor, self._tenants, self._judgement, store_operator, worlds)
            await self._operator.begin()
            self._isolation = IsolationJudge(daemon, clock, self._judgement.readers)
            self._judgement.sees_touchless = "full" in beats.tasks
            group.start_soon(supervision.supervise, daemon, lambda: self._is_over)
            try:
                rests = await self._calm(beats)
                await self._storm(group, daemon, dice)
                group.start_soon(self._operator.keep_peace)
                await self._settle(daemon, rests, beats)
                await self._end(daemon)
            finally:
                self._note(daemon)
                daemon.let_go_of_file()
            group.cancel_scope.cancel()

    async def _calm(self, beats: ways.Beats) -> dict[TenantId, Rest]:
        """Webhooks are aimed and tried, and every sweep has been round once."""
        rests = {
            tenant.name: Rest(
                tenant,
                xero=self._xero,
                pipeline=self._pipeline,
                postman=self._postman,
                reader=self._judgement.readers[tenant.name],
                sweeps=beats.tasks,
            )
            for tenant in self._tenants
        }
        if self._without is not Without.WEBHOOKS:
            self._postman.begin(self._judgement.by_organisation)
        began_s = self._loop.time()
        while (
            any(rest.first_sweeps() for rest in rests.values())
            or self._xero.webhooks.state == "validating"
        ):
            if self._loop.time() - began_s > _CALM_WITHIN_S:
                raise SimulationError(f"no calm: webhooks {self._xero.webhooks.state}")
            await anyio.sleep(1.0)
        return rests

    # --- the storm

    async def _storm(
        self, group: anyio.abc.TaskGroup, daemon: SimulatedDaemon, dice: Random
    ) -> None:
        reaper = self._reaper = Reaper(self._loop, daemon, self._dice("reaper"), self._mix)
        reaper.on_death = self._dying
        self._xero.door.done.append(self._committed)
        self._xero.faults.set(self._mix.xero)
        self._pipeline.faults.set(self._mix.pipeline)
        if self._trial is None:
            self._postman.misbehave()
        drawn.misbehave(self._xero, self._mix)
        self._net.is_calm = self._disk.is_calm = False
        reaper.begin()
        began_s = self._loop.time()
        an_hour = self._mix.sets_back_an_hour
        backups = {
            tenant: drawn.PipelineBackups(self._pipeline, tenant.name, an_hour)
            for tenant in self._tenants
        }
        async with anyio.create_task_group() as people:
            people.start_soon(self._look_at_waits)
            people.start_soon(self._operator.work, self._hours)
            if self._sick is not None:
                people.start_soon(self._fall_sick, self._sick)
            for tenant in self._tenants:
                own = dice if tenant is self._tenants[0] else self._dice(tenant.dice("day"))
                self._send_to_work(people, tenant, own.choice(_EDITS_AN_HOUR))
            for tenant, keeper in backups.items():
                people.start_soon(self._work, tenant, "backups", keeper.step, keeper.an_hour)
            away = drawn.Outages(self._xero, self._pipeline, self._mix)
            people.start_soon(self._work, self._tenants[0], "outages", away.step, away.an_hour)
            if self._dice("drain").random() < self._mix.drains:
                group.start_soon(self._drain_under_load, daemon)
        for keeper in backups.values():
            self._judgement.sometimes.update(keeper.counted)
        self._judgement.sometimes.update(away.counted)
        if self._sick is not None:
            self._sick.go_on()
        else:
            self._xero.faults.clear()
            self._pipeline.faults.set([])
        self._postman.behave()
        drawn.behave(self._xero, self._pipeline)
        self._net.is_calm = self._disk.is_calm = True
        reaper.rest()
        self.tally.lived_s = self._loop.time() - began_s

    async def _look_at_waits(self) -> None:
        ends_s = self._loop.time() + self._hours * _HOUR_S
        mix = self._mix
        is_judged = len(self._tenants) > 1 and not (mix.outage or mix.spent_day_s)
        while is_judged and self._loop.time() + LOOKS_EVERY_S < ends_s:
            await anyio.sleep(LOOKS_EVERY_S)
            self._isolation.look(self._operator.clock_was_set)

    async def _fall_sick(self, sick: Sickness) -> None:
        await anyio.sleep(self._dice("falls sick").uniform(0.0, 0.5) * self._hours * _HOUR_S)
        sick.begin(xero=self._mix.xero, pipeline=self._mix.pipeline)
        self._judgement.sometimes[situations.SICK] += 1
        self._loop.trace.note("sick", sick.tenant.name, sick.ailment.value)

    def _send_to_work(
        self, people: anyio.abc.TaskGroup, tenant: Tenant, edits_an_hour: float
    ) -> None:
        """One tenant's user and its bookkeeper, who meet on the same paper."""
        meeting = Meeting()
        user = PipelineUser(self._pipeline, tenant.name, self._dice(tenant.dice("user")), meeting)
        bookkeeper = XeroBookkeeper(
            self._xero, self._dice(tenant.dice("bookkeeper")), meeting, tenant.organisation
        )
        people.start_soon(self._work, tenant, "user", user.step, edits_an_hour)
        if self._trial is not None:
            return
        an_hour = bookkeeper.an_hour
        people.start_soon(self._work, tenant, "bookkeeper", bookkeeper.step, an_hour)
        for who, actor in drawn.actors(self._dice, self._xero, self._pipeline, tenant, meeting):
            people.start_soon(self._work, tenant, who, actor.step, actor.an_hour)

    async def _work(
        self, tenant: Tenant, who: str, step: Callable[[], Action], an_hour: float
    ) -> None:
        """Bursts and pauses for the length of the day."""
        dice = self._dice(tenant.dice(f"pace of {who}"))
        reader = self._judgement.readers[tenant.name]
        ends_s = self._loop.time() + self._hours * _HOUR_S
        while an_hour:
            mean_s = _HOUR_S / an_hour
            pause_s = dice.expovariate(1 / mean_s) * dice.choice((_SHORTEST_PAUSE**3, 1.0, 2.0))
            await anyio.sleep(min(pause_s, ends_s - self._loop.time()))
            if self._loop.time() >= ends_s:
                return
            action = step()
            self.tally.edits += 1
            self._loop.trace.note("action", tenant.dice(who), *action)
            if ("invoice", action.identity) in reader.open_intents():
                self._judgement.sometimes[situations.of_deed(action.verb)] += 1

    async def _drain_under_load(self, daemon: SimulatedDaemon) -> None:
        await anyio.sleep(self._dice("drain").uniform(0.2, 0.9) * self._hours * _HOUR_S)
        if daemon.is_up and not self._is_over:
            ending = await daemon.drain()
            if ending is None and daemon.is_alive:
                self._judgement.violations.append("liveness: a drain did not end")
            elif ending is Ending.RETURNED:
                self._judgement.sometimes[situations.DRAINED] += 1

    def _dying(self) -> None:
        arrived = {arrival.key for arrival in self._xero.door.seen}
        calls = [
            call for reader in self._judgement.readers.values() for call in reader.open_calls()
        ]
        self._judgement.sometimes[situations.KILLED_OPEN] += bool(calls)
        self._judgement.sometimes[situations.KILLED_UNSENT] += bool(set(calls) - arrived)

    def _committed(self, arrival: Arrival) -> None:
        if arrival.is_write and not arrival.lives_until_s:
            self._reaper.committed_in_xero()

    def _driver(self, file: OpenFile) -> InlineDriver:
        return InlineDriver(file, before_commit=self._before_commit, latency_s=self._disk.latency_s)

    def _before_commit(self) -> None:
        self._disk.before_commit()
        if not self._disk.is_calm:
            self._reaper.committed_in_store()

    # --- peace

    async def _settle(
        self, daemon: SimulatedDaemon, rests: Mapping[TenantId, Rest], beats: ways.Beats
    ) -> None:
        # The sweeps have to come round once more when all the work has come to its end.
        bound_s = SETTLE_S + self._mix.longest_death_s + self._mix.spent_day_s + beats.longest_s
        sick, actor = self._sick, self._operator
        peace = Peace(self._loop, daemon, rests, bound_s=bound_s, sick=sick, operator=actor)
        self.tally.settle_s = await peace.settle()
        self._judgement.violations += peace.violations

    async def _end(self, daemon: SimulatedDaemon) -> None:
        await self._operator.last_look()
        self._is_over = True
        if await daemon.drain() is not Ending.RETURNED:
            self._judgement.violations.append("liveness: the last drain did not end in peace")
        else:
            daemon.let_go_of_file()
        sick = None if self._sick is None else self._sick.tenant.name
        self._judgement.violations += self._isolation.judge(sick)
        await self._judgement.judge(self._xero, self._pipeline, daemon)
        for world in (self._xero, self._pipeline):
            dumped = json.dumps(world.dump(), sort_keys=True, default=str)
            self._loop.trace.note("dump", hashlib.sha256(dumped.encode()).hexdigest())

    def _note(self, daemon: SimulatedDaemon) -> None:
        tally = self.tally
        tally.kills = self._reaper.kills
        tally.tenants = len(self._tenants)
        tally.sick = "" if self._sick is None else self._sick.ailment.value
        tally.waited(self._isolation.longest_s)
        tally.failed(self._xero.faults.fired, self._net, self._disk)
        self._judgement.sometimes[situations.DISK_FULL] += self._disk.failures
        tally.tail = tuple(daemon.log.getvalue().splitlines()[-_TAIL_LINES:])


def _clock(rng: Random) -> SimulatedClock:
    """The daemon's machine has a clock of its own, and it is not always right."""
    clock = SimulatedClock()
    clock.step(rng.choice(_CLOCK_ERRORS_S))
    return clock

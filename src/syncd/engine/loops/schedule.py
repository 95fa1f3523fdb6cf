"""The schedule: each workflow's loop, its named job, and what wakes it.

Every loop is a named job of the scheduler (`worker:acme`), whose next run its last round has set.
Wakes are hints told by facts after commit; the job wakes it all the same, so a lost hint costs time
and never an invoice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from syncd.domain import facts
from syncd.domain.errors import StoreError
from syncd.domain.facts import Fact, RunsPlanned
from syncd.domain.ids import TenantId
from syncd.domain.model.planned_run import PlannedRun
from syncd.engine.connection import refresh_rounds
from syncd.engine.connection.gate import Connections
from syncd.engine.connection.tokens import TokenService
from syncd.engine.core import pipeline_reach, wall_clock
from syncd.engine.core.context import SyncContext
from syncd.engine.core.wall_clock import CarriedClock
from syncd.engine.feed import intake, write_back
from syncd.engine.loops import retention, sampler, waiting_results, worker
from syncd.engine.loops.loop import LONGEST_DELAY_S, Loop, Round
from syncd.engine.loops.watch import Watch, beat
from syncd.engine.operator.tenant_troubles import Allowance
from syncd.engine.recovery import lease_reaper, prober
from syncd.engine.samples import keep
from syncd.engine.samples.fold import SampleFold
from syncd.engine.sweeps import after_restore, catch_up, sweeper
from syncd.engine.webhooks import process_events
from syncd.ports import trail
from syncd.ports.scheduler import Scheduler
from syncd.store import jobs, results
from syncd.store.unit_of_work import Statement

INTAKE, WORKER, PROBER, WRITE_BACK, TOKENS = "intake", "worker", "prober", "write_back", "tokens"
RESCUER, SAMPLER, DIGEST, SWEEPER = "rescuer", "sampler", "digest", "sweeper"
XERO = "xero"
RESTORE, WAITS, RETENTION, CLOCK = "restore", "waits", "retention", "clock"
NOTIFY = "notify"
_TRAIL_BYTES = 6
_WATCHING = "watch"
"""The beat on which the loops themselves are looked at."""
_WAITING_FOR = {
    XERO: (WORKER, PROBER, DIGEST, SWEEPER, RESTORE),
    pipeline_reach.SYSTEM: (INTAKE, WRITE_BACK, WORKER),
}
"""Who was put off while a system failed."""
_UNTOUCHED = (CLOCK, SAMPLER, RESCUER, RETENTION, NOTIFY, SWEEPER, RESTORE, INTAKE)
"""News for everybody is none for these."""
_SELF_PACED = (CLOCK, SAMPLER, RESCUER, RETENTION, NOTIFY, SWEEPER, RESTORE, TOKENS)
"""These say after every round when the next is due; the others look at least at every poll."""


class Schedule:
    """Every loop of the daemon by task and tenant; also the observer that wakes them."""

    def __init__(
        self,
        context: SyncContext,
        *,
        clock: CarriedClock,
        connections: Connections,
        tokens: TokenService,
        allowance: Allowance,
        samples: SampleFold,
        notify: Round | None = None,
    ) -> None:
        self._context = context
        self._connections = connections
        self._tokens = tokens
        self._trails = context.entropy.child("trails")
        self._allowance = allowance
        self.samples = samples
        self._loops: dict[tuple[str, TenantId | None], Loop] = {}
        self._recovered: dict[tuple[str, TenantId], bool] = {}
        self._scheduler: Scheduler | None = None
        self._add(CLOCK, None, partial(wall_clock.follow_once, context, clock))
        self._add(SAMPLER, None, partial(self._sample, allowance))
        self._add(RESCUER, None, partial(lease_reaper.rescue_once, context))
        self._add(RETENTION, None, partial(retention.forget_once, context, retention.Memory()))
        if notify is not None:
            self._add(NOTIFY, None, notify)
        for tenant in sorted(context.policies):
            self._add_tenant(tenant)
        self.watch = Watch(
            self._loops.values(),
            hung_after_s=context.limits.hung_after_s,
            look_every_s=context.limits.sample_every_s,
            observe=context.observe,
        )

    def _add_tenant(self, tenant: TenantId) -> None:
        context, is_open = self._context, self._connections.is_open
        look_after = partial(after_restore.look_once, context, tenant, is_open=is_open)
        digest = partial(process_events.process_once, context, tenant, is_open=is_open)
        probe = partial(prober.probe_once, context, tenant, is_open=self._may_write)
        self._add(TOKENS, tenant, partial(refresh_rounds.refresh_once, self._tokens, tenant))
        self._add(WRITE_BACK, tenant, partial(self._write_back, tenant))
        self._add(WAITS, tenant, partial(self._tell_waits, tenant))
        self._add(PROBER, tenant, probe)
        self._add(WORKER, tenant, partial(self._work, tenant))
        take = partial(intake.poll_once, context, tenant)
        sweep = partial(self._sweep, tenant, self._allowance)
        for task, once in ((INTAKE, take), (DIGEST, digest), (SWEEPER, sweep)):
            self._add(task, tenant, partial(self._on_a_trail, once))
        self._add(RESTORE, tenant, look_after)

    def take_in(self, tenant: TenantId) -> tuple[Loop, ...]:
        """The loops of a tenant that was added, each with its job; whoever asks starts them."""
        self._add_tenant(tenant)
        added = self._of(tenant)
        if self._scheduler is not None:
            for loop in added:
                loop.schedule(self._scheduler)
        return added

    def let_go(self, tenant: TenantId) -> tuple[Loop, ...]:
        """The loops of a tenant that was removed; nothing wakes them, whoever asks ends them."""
        removed = self._of(tenant)
        for loop in removed:
            loop.stop()
            loop.unschedule()
        for key in [key for key in self._loops if key[1] == tenant]:
            del self._loops[key]  # in place: the watch looks at what stands there
        return removed

    def _of(self, tenant: TenantId) -> tuple[Loop, ...]:
        return tuple(loop for (_, whose), loop in self._loops.items() if whose == tenant)

    @property
    def loops(self) -> tuple[Loop, ...]:
        """All of them, in the order they start."""
        return tuple(self._loops.values())

    def register(self, scheduler: Scheduler) -> None:
        """Make every loop a named job of the scheduler."""
        self._scheduler = scheduler
        for loop in self._loops.values():
            loop.schedule(scheduler)
        scheduler.every(_WATCHING, self._context.limits.sample_every_s, self._look)

    def planned(self) -> tuple[PlannedRun, ...]:
        """When each loop's next round is due, in the order they start; now while one goes on."""
        due_s = {} if self._scheduler is None else self._scheduler.next_runs()
        return tuple(
            PlannedRun(
                task=task,
                tenant=tenant,
                next_run_at=self._context.after(due_s[loop.name] if loop.is_waiting else 0.0),
                is_working=not loop.is_waiting,
                failures=loop.failures,
            )
            for (task, tenant), loop in self._loops.items()
            if loop.name in due_s
        )

    def wake_all(self) -> None:
        """There may be work for anybody."""
        for (task, _), loop in self._loops.items():
            if task not in _UNTOUCHED:
                loop.wake()

    def wake_tenant(self, tenant: TenantId) -> None:
        """The tenant's gate opened, or a person asked: look at everything of it."""
        for task in (INTAKE, WORKER, PROBER, WRITE_BACK, TOKENS, DIGEST, SWEEPER, RESTORE):
            self.wake(task, tenant)

    def asked(self, tenant: TenantId) -> None:
        """A person ordered something: whoever waits for a side that fails tries it at once."""
        self.wake_tenant(tenant)
        if self._allowance(tenant).failing_since_s is not None:
            self._wake_those_waiting_for(XERO, tenant)
        if pipeline_reach.of(self._context, tenant).failing_since is not None:
            self._wake_those_waiting_for(pipeline_reach.SYSTEM, tenant)

    def _wake_those_waiting_for(self, system: str, tenant: TenantId) -> None:
        for task in _WAITING_FOR[system]:
            self.wake_at_once(task, tenant)

    def _look(self) -> None:
        self.watch.look()

    def wake(self, task: str, tenant: TenantId) -> None:
        """There may be work for one loop."""
        loop = self._loops.get((task, tenant))
        if loop is not None:
            loop.wake()

    def wake_at_once(self, task: str, tenant: TenantId) -> None:
        """What a loop was asked to wait for is over."""
        loop = self._loops.get((task, tenant))
        if loop is not None:
            loop.wake_at_once()

    def observe(self, fact: Fact) -> None:
        """Wake whoever a fact is news to; whoever tells one shows that it moves."""
        beat()
        match fact:
            case facts.ChangesTaken():
                self.wake(WORKER, fact.tenant)
            case facts.JobsSettled():
                self.wake(WRITE_BACK, fact.tenant)
                self.wake(PROBER, fact.tenant)
                self.wake(WORKER, fact.tenant)
            case facts.WebhooksDigested() | facts.SweepFinished():
                self.wake(WRITE_BACK, fact.tenant)
                self.wake(WORKER, fact.tenant)
            case facts.RemoteMoved(is_failing=False):
                for task in _WAITING_FOR[fact.system]:
                    self._recovered[task, fact.tenant] = True
                self._wake_those_waiting_for(fact.system, fact.tenant)
            case facts.ConnectionChanged() | facts.TokenRefreshed(outcome="doubtful" | "unsent"):
                # Whoever else refreshes or meets a refused role: the tokens loop goes on from
                # there.
                self.wake(TOKENS, fact.tenant)
            case facts.SettingsRead():
                self.wake(WORKER, fact.tenant)
            case facts.LeasesFreed() | facts.ClockSet():
                self.wake_all()
            case _:
                pass  # news to nobody's loop

    async def _work(self, tenant: TenantId) -> float | None:
        """Drain; a tenant that was reconnected reads what moved in Xero meanwhile, first."""
        connections = self._connections
        due_at_once = jobs.due_at_once(tenant, self._context.now())
        await self._if_recovered(WORKER, tenant, due_at_once)
        if connections.is_open(tenant) and connections.needs_catch_up(tenant):
            delay_s = await catch_up.catch_up_once(self._context, tenant)
            if delay_s is not None:
                self.wake(WRITE_BACK, tenant)
                return delay_s
            await connections.caught_up(tenant)
            self.wake_tenant(tenant)
        return await worker.drain_once(self._context, tenant, is_open=self._may_write)

    async def _if_recovered(
        self, task: str, tenant: TenantId, due_at_once: Statement[None]
    ) -> None:
        """Whom the task calls answers again: what was put off is due. Raises StoreError."""
        if not self._recovered.pop((task, tenant), False):
            return
        try:
            await self._context.store.run(due_at_once)
        except StoreError:
            self._recovered[task, tenant] = True  # nobody tells it a second time
            raise

    async def _on_a_trail(self, once: Round) -> float | None:
        """A round that takes news in: what it asks for is found in the log by a name of its own."""
        with trail.following([f"t{self._trails.token(_TRAIL_BYTES)}"]):
            return await once()

    def _may_write(self, tenant: TenantId) -> bool:
        """The gate of whoever writes, and of sweeps that would read the same once more."""
        return self._connections.is_open(tenant) and not self._connections.needs_catch_up(tenant)

    async def _write_back(self, tenant: TenantId) -> float | None:
        """Tell results; those that could not be told are due as soon as Pipeline answers."""
        due_at_once = results.due_at_once(tenant, self._context.now())
        await self._if_recovered(WRITE_BACK, tenant, due_at_once)
        return await write_back.write_once(self._context, tenant)

    async def _sweep(self, tenant: TenantId, allowance: Allowance) -> float | None:
        day_left = allowance(tenant).day
        is_open = self._may_write
        return await sweeper.sweep_once(self._context, tenant, is_open=is_open, day_left=day_left)

    async def _tell_waits(self, tenant: TenantId) -> float | None:
        """Queued work that does not go is told to Pipeline, at each beat; more of it at once.

        Nothing else wakes it: behind a gate that opens, work tells of itself by its end.
        """
        connections = self._connections
        row = connections.row(tenant)
        told = await waiting_results.tell_once(
            self._context,
            tenant,
            closed_by=connections.closed_by,
            note=None if row is None else row.note,
        )
        if told:
            self.wake(WRITE_BACK, tenant)
        return 0.0 if told >= waiting_results.PAGE_SIZE else None

    async def _sample(self, allowance: Allowance) -> float | None:
        gates = self._connections
        due_s = await sampler.sample_once(self._context, gates=gates, allowance=allowance)
        self._context.observe(RunsPlanned(runs=self.planned()))
        await keep.keep_ended(self._context.store, self.samples)
        return due_s

    def _add(
        self,
        task: str,
        tenant: TenantId | None,
        once: Callable[[], Awaitable[float | None]],
    ) -> None:
        limits = self._context.limits
        self._loops[task, tenant] = Loop(
            task if tenant is None else f"{task}:{tenant}",
            once,
            observe=self._context.observe,
            tenant=tenant,
            base_backoff_s=limits.backoff_base_s / 2,
            gap_s=limits.poll_gap_s if task == INTAKE else 0.0,
            every_s=LONGEST_DELAY_S if task in _SELF_PACED else limits.poll_every_s,
            failing=self._context.failing,
        )

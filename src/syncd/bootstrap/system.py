"""Puts the daemon together from options and a machine; the same code for real and simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version

import anyio

from syncd.bootstrap import adapters, notifying, stored_tenants
from syncd.bootstrap.added_tenants import AddedTenants, Serving
from syncd.bootstrap.listeners import Parts, listeners
from syncd.bootstrap.machine import Machine
from syncd.bootstrap.stored_tenants import Held
from syncd.config import added
from syncd.config.options import Options
from syncd.daemon import Daemon
from syncd.domain.facts import ClockSet, DaemonStarted, Fact, StoreMigrated
from syncd.domain.ids import IncarnationId, InstallationId
from syncd.domain.model.settings import Policies
from syncd.domain.model.value import Value
from syncd.engine.connection import refresh_rounds
from syncd.engine.connection.commands import ConnectionCommands
from syncd.engine.connection.gate import Connections
from syncd.engine.connection.tokens import TokenService
from syncd.engine.core import wall_clock
from syncd.engine.core.context import SyncContext
from syncd.engine.core.wall_clock import CarriedClock
from syncd.engine.long_work.runner import LongWork
from syncd.engine.loops.loop import Round
from syncd.engine.loops.schedule import DIGEST, INTAKE, Schedule
from syncd.engine.recovery import lease_reaper
from syncd.engine.samples.fold import SampleFold
from syncd.engine.webhooks.inbox import Inbox, tenants_of
from syncd.pipeline.billing import PipelineBilling
from syncd.pipeline.client import PipelineClient
from syncd.ports.observer import Observer
from syncd.ports.service import Service
from syncd.runtime.vault import FernetVault
from syncd.store import installation, migrate
from syncd.store.unit_of_work import Store
from syncd.telemetry.fanout import Fanout
from syncd.telemetry.health import LEAST_BETWEEN_WRITES_S, Health
from syncd.telemetry.metrics import Metrics
from syncd.web.console.live import LiveStreams
from syncd.web.http.guard import Operator
from syncd.web.http.listener import Listener
from syncd.web.public.receiver import Receiver
from syncd.xero.client import XeroClient
from syncd.xero.ledger import XeroLedger
from syncd.xero.oauth import XeroIdentity


class System(Value, frozen=True, kw_only=True, gc=True):
    """A daemon ready to run, and what its surroundings may ask of it."""

    daemon: Daemon
    context: SyncContext
    schedule: Schedule
    connections: Connections
    tokens: TokenService
    health: Health
    metrics: Metrics
    operator_listener: Listener
    public_listener: Listener
    client: XeroClient
    pipeline: PipelineClient
    identity: XeroIdentity
    receiver: Receiver
    added: AddedTenants
    operators: list[Operator]
    """Who may call the API now: asked of at every request, so a reload replaces them in place."""


class _EarlyFacts:
    """Keeps facts until the observers are known, then passes everything on to them."""

    def __init__(self) -> None:
        self._early: list[Fact] = []
        self._fanout: Fanout | None = None

    def __call__(self, fact: Fact) -> None:
        if self._fanout is None:
            self._early.append(fact)
        else:
            self._fanout(fact)

    def attach(self, fanout: Fanout) -> None:
        """From here on everything goes to `fanout`, what was told before first."""
        self._fanout = fanout
        for fact in self._early:
            fanout(fact)
        self._early.clear()


async def build(options: Options, machine: Machine) -> System:
    """Everything, put together and started up, but not yet running.

    Migrates the store, frees what was leased before. Raises ConfigError, StoreError, VaultError.
    """
    clock = CarriedClock(machine.clock, machine.boot)
    machine = replace(machine, clock=clock)
    observe = _EarlyFacts()
    store = await _store(machine, clock, observe)
    identity = adapters.identity(options, machine.transport, clock=clock, entropy=machine.entropy)
    connections = Connections(store=store, clock=machine.clock, observe=observe)
    tokens = _tokens(options, connections, store, identity, clock=clock, observe=observe)
    held = await stored_tenants.stored(options, store, tokens.encryption, clock, observe)
    configured, options = options, added.beside(options, stored_tenants.sections(held))
    client = adapters.xero_client(options, machine, tokens, observe)
    pipeline = adapters.pipeline_client(options, machine.transport, clock=clock)
    context = await _context(
        options, machine, store, client=client, pipeline=pipeline, observe=observe, held=held
    )
    works = LongWork(context)
    notify = notifying.rounds(options, machine, context, connections, client.budget_left)
    schedule = _schedule(context, clock, tokens, client, notify=notify)
    inbox = _inbox(context, connections, schedule)
    health, metrics, streams = _health(options, machine), _metrics(options, machine), LiveStreams()
    folds = (metrics, health, schedule.samples, schedule, streams, works)
    told = (*machine.observers, *(fold.observe for fold in folds))
    observe.attach(Fanout(told, on_failure=machine.on_observer_failure))
    await _start_up(context, tokens, inbox, works)
    schedule.register(machine.scheduler)
    serving = Serving(
        context=context,
        tokens=tokens,
        commands=ConnectionCommands(tokens=tokens, store=store, identity=identity, clock=clock),
        pipeline=pipeline,
        transport=machine.transport,
        receiver=adapters.receiver(options, machine, inbox, context.observe),
        schedule=schedule,
        works=works,
    )
    who, keeping = adapters.operators(options), AddedTenants(configured, held, serving)
    parts = Parts(serving, identity, connections, client, who, streams, keeping)
    both = listeners(options, machine, parts, health=health, metrics=metrics)
    keeping.daemon = _daemon(options, both, (*schedule.loops, works), observe)
    return System(
        daemon=keeping.daemon,
        context=context,
        schedule=schedule,
        connections=connections,
        tokens=tokens,
        health=health,
        metrics=metrics,
        operator_listener=both[0],
        public_listener=both[1],
        client=client,
        pipeline=pipeline,
        identity=identity,
        receiver=serving.receiver,
        operators=who,
        added=keeping,
    )


async def _start_up(
    context: SyncContext, tokens: TokenService, inbox: Inbox, works: LongWork
) -> None:
    """What an earlier run left is taken up."""
    await lease_reaper.start_up(context)
    await refresh_rounds.start_up(tokens)
    await inbox.start_up()
    await works.start_up()


def _daemon(
    options: Options, doors: Sequence[Service], loops: Sequence[Service], observe: Observer
) -> Daemon:
    """Listeners first, then loops; drained as configured."""
    return Daemon(
        (doors, loops),
        observe=observe,
        drain_delay_s=options.server.drain_delay_s,
        drain_grace_s=options.server.drain_grace_s,
    )


def _tokens(
    options: Options,
    connections: Connections,
    store: Store,
    identity: XeroIdentity,
    *,
    clock: CarriedClock,
    observe: Observer,
) -> TokenService:
    return TokenService(
        connections=connections,
        store=store,
        identity=identity,
        vault=FernetVault(options.security.encryption_key.get_secret_value()),
        clock=clock,
        observe=observe,
        retry_s=options.sync.refresh_retry_s,
    )


def _health(options: Options, machine: Machine) -> Health:
    """Measured by the loop's clock; the store is tried with every sample."""
    within_s = max(LEAST_BETWEEN_WRITES_S, 4 * options.sync.sample_every_s)
    return Health(now_s=anyio.current_time, written_within_s=within_s, replica=machine.replica)


def _metrics(options: Options, machine: Machine) -> Metrics:
    tenants = tuple(sorted(options.tenants))
    return Metrics(
        version=version("syncd"),
        tenants=tenants,
        started_at=machine.clock.now(),
        replicas=machine.replicas,
    )


def _schedule(
    context: SyncContext,
    clock: CarriedClock,
    tokens: TokenService,
    client: XeroClient,
    *,
    notify: Round | None,
) -> Schedule:
    """Everybody's loops; a gate that opens wakes its tenant's."""
    made = Schedule(
        context,
        clock=clock,
        connections=tokens.connections,
        tokens=tokens,
        allowance=client.budget_left,
        samples=SampleFold(context.policies, clock=clock),
        notify=notify,
    )
    tokens.connections.on_open = made.wake_tenant
    return made


async def _store(machine: Machine, clock: CarriedClock, observe: Observer) -> Store:
    """The store by this program's schema and this machine's clock."""
    applied = await migrate.upgrade(machine.driver, clock.now())
    if applied:
        observe(StoreMigrated(applied=tuple(one.name for one in applied)))
    store = Store(machine.driver, observe)
    if set_by := await wall_clock.start_up(store, clock):
        observe(ClockSet(by_s=set_by.total_seconds()))
    return store


def _inbox(context: SyncContext, connections: Connections, schedule: Schedule) -> Inbox:
    """Where notices are kept; events wake the digest, Pipeline's notes the feed."""
    inbox = Inbox(
        store=context.store,
        clock=context.clock,
        observe=context.observe,
        tenant_of=tenants_of(connections, context.policies),
    )
    inbox.on_events = partial(schedule.wake, DIGEST)
    inbox.on_note = partial(schedule.wake, INTAKE)
    return inbox


async def _context(
    options: Options,
    machine: Machine,
    store: Store,
    *,
    client: XeroClient,
    pipeline: PipelineClient,
    observe: Observer,
    held: Mapping[str, Held],
) -> SyncContext:
    return SyncContext(
        store=store,
        clock=machine.clock,
        entropy=machine.entropy.child("engine"),
        observe=observe,
        ledger=XeroLedger(client, clock=machine.clock),
        billing=PipelineBilling(pipeline),
        policies=Policies(adapters.policies(options) | stored_tenants.policies(held)),
        limits=adapters.limits(options),
        installation=await _installation(store, machine),
        incarnation=IncarnationId(machine.entropy.child("incarnation").token(12)),
    )


def announce(system: System, *, took_s: float) -> None:
    """Every service runs: told once, and ready from here on."""
    context = system.context
    started = DaemonStarted(
        version=version("syncd"),
        incarnation=context.incarnation,
        tenants=len(context.policies),
        took_s=took_s,
        listening=tuple(
            listener.address
            for listener in (system.operator_listener, system.public_listener)
            if listener.address
        ),
    )
    context.observe(started)


async def _installation(store: Store, machine: Machine) -> InstallationId:
    """This store's own name, made once and kept for ever: part of every mark and key."""
    fresh = InstallationId(machine.entropy.child("installation").token(9))
    await store.run(installation.ensure(fresh, machine.clock.now()))
    (standing,) = await store.fetch(installation.get())
    return standing

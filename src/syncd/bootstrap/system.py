"""Puts the daemon together from options and a machine; the same code for real and simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from aiohttp import web

from syncd.bootstrap.machine import Machine
from syncd.config.options import Options
from syncd.daemon import Daemon
from syncd.domain.errors import ConfigError
from syncd.domain.facts import Fact
from syncd.domain.ids import IncarnationId, InstallationId, TenantId
from syncd.domain.rules.sliding import AllowanceLimits
from syncd.engine import keeper, rescuer
from syncd.engine.connection import Connections
from syncd.engine.hall import Hall, Limits
from syncd.engine.timetable import Timetable
from syncd.engine.tokens import TokenKeeper
from syncd.pipeline.billing import PipelineBilling
from syncd.pipeline.client import PipelineClient, PipelineRemote
from syncd.runtime.vault import FernetVault
from syncd.store import installation, migrate
from syncd.store.unit_of_work import Store
from syncd.telemetry.fanout import Fanout
from syncd.telemetry.health import Health
from syncd.telemetry.metrics import Metrics
from syncd.web import probes
from syncd.web.listener import Listener
from syncd.xero import scopes
from syncd.xero.client import XeroClient
from syncd.xero.ledger import XeroLedger
from syncd.xero.oauth import XeroApp, XeroIdentity
from syncd.xero.quota import Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A daemon ready to run, and what its surroundings may ask of it."""

    daemon: Daemon
    hall: Hall
    timetable: Timetable
    connections: Connections
    tokens: TokenKeeper
    health: Health
    metrics: Metrics
    operator_listener: Listener
    public_listener: Listener
    client: XeroClient


class _Fanned:
    """The observer before its windows are known: facts told until then are kept for them."""

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

    Migrates the store, frees what an earlier run had leased, reads every connection. Raises
    ConfigError, StoreError, VaultError.
    """
    await migrate.upgrade(machine.driver, machine.clock.now())
    store = Store(machine.driver)
    observe = _Fanned()
    hall_entropy = machine.entropy.child("hall")
    vault = FernetVault(options.security.encryption_key.get_secret_value())
    connections = Connections(store=store, clock=machine.clock, observe=observe)
    tokens = TokenKeeper(
        connections=connections,
        store=store,
        identity=_identity(options, machine),
        vault=vault,
        clock=machine.clock,
        observe=observe,
        retry_s=options.sync.refresh_retry_s,
    )
    client = _xero_client(options, machine, tokens, observe)
    policies = {
        TenantId(name): tenant.policy(TenantId(name)) for name, tenant in options.tenants.items()
    }
    hall = Hall(
        store=store,
        clock=machine.clock,
        entropy=hall_entropy,
        observe=observe,
        ledger=XeroLedger(client, clock=machine.clock),
        billing=PipelineBilling(_pipeline_client(options, machine)),
        policies=policies,
        limits=_limits(options),
        installation=await _installation(store, machine),
        incarnation=IncarnationId(machine.entropy.child("incarnation").token(12)),
    )
    timetable = Timetable(hall, connections=connections, tokens=tokens)
    connections.on_open = timetable.wake_tenant
    health = Health()
    metrics = Metrics(version=version("syncd"), tenants=tuple(sorted(options.tenants)))
    observe.attach(
        Fanout(
            (*machine.windows, metrics.window, health.window, timetable.window),
            on_failure=machine.on_window_failure,
        )
    )
    await rescuer.start_up(hall)
    await keeper.start_up(tokens)
    timetable.schedule(machine.scheduler)
    operator_listener = Listener(
        "operator listener", _operator_app(options, health, metrics), machine.operator_site
    )
    public_listener = Listener("public listener", web.Application(), machine.public_site)
    daemon = Daemon(
        ((operator_listener, public_listener), timetable.loops),
        observe=observe,
        drain_delay_s=options.server.drain_delay_s,
        drain_grace_s=options.server.drain_grace_s,
    )
    return System(
        daemon=daemon,
        hall=hall,
        timetable=timetable,
        connections=connections,
        tokens=tokens,
        health=health,
        metrics=metrics,
        operator_listener=operator_listener,
        public_listener=public_listener,
        client=client,
    )


async def reload(system: System, options: Options) -> None:
    """Take over the tenants' choices; what else changed needs a restart.

    Raises ConfigError when a tenant came or went: that is done by a restart.
    """
    hall = system.hall
    before, now = sorted(hall.policies), sorted(options.tenants)
    if before != now:
        problem = f"tenants: {', '.join(now)} instead of {', '.join(before)} needs a restart"
        raise ConfigError((problem,))
    hall.policies.update(
        {TenantId(name): tenant.policy(TenantId(name)) for name, tenant in options.tenants.items()}
    )
    await rescuer.apply_choices(hall)
    system.timetable.wake_all()


def _operator_app(options: Options, health: Health, metrics: Metrics) -> web.Application:
    app = web.Application()
    app.add_routes(probes.routes(health, metrics.exposition))
    return app


def _identity(options: Options, machine: Machine) -> XeroIdentity:
    xero = options.xero
    profile = scopes.PROFILES.get(xero.scopes) if isinstance(xero.scopes, str) else xero.scopes
    app = XeroApp(
        client_id=xero.client_id,
        client_secret=xero.client_secret.get_secret_value(),
        redirect_uri=f"{options.server.public_url}/oauth/xero/callback",
        authorize_url=xero.authorize_url,
        identity_url=xero.identity_url,
        api_url=xero.api_url,
        scopes=tuple(profile or ()),
    )
    return XeroIdentity(
        machine.transport("xero-identity"),
        app=app,
        clock=machine.clock,
        entropy=machine.entropy.child("identity"),
        timeout_s=xero.timeout_s,
    )


def _xero_client(
    options: Options, machine: Machine, tokens: TokenKeeper, observe: Callable[[Fact], None]
) -> XeroClient:
    limits = AllowanceLimits(
        minute=options.xero.calls_per_minute,
        in_flight=options.xero.concurrent_calls,
        app_minute=options.xero.app_calls_per_minute,
    )
    return XeroClient(
        machine.transport("xero"),
        api_url=options.xero.api_url,
        tokens=tokens,
        clock=machine.clock,
        quota=Quota(limits),
        on_call=observe,
        timeout_s=options.xero.timeout_s,
    )


def _pipeline_client(options: Options, machine: Machine) -> PipelineClient:
    remotes = {
        TenantId(name): PipelineRemote(
            url=tenant.pipeline_url,
            api_key=tenant.pipeline_key.get_secret_value(),
            transport=machine.transport(f"pipeline:{name}"),
        )
        for name, tenant in options.tenants.items()
    }
    return PipelineClient(remotes, clock=machine.clock)


def _limits(options: Options) -> Limits:
    sync = options.sync
    return Limits(
        batch_size=sync.batch_size,
        lease_s=sync.lease_s,
        probe_after_s=sync.probe_after_s,
        replay_within_s=sync.replay_within_s,
        late_commit_s=sync.late_commit_s,
        live_max_age_s=sync.live_max_age_s,
        draft_quiet_s=sync.draft_quiet_s,
        recheck_s=sync.recheck_s,
        settings_max_age_s=sync.settings_max_age_s,
        poll_every_s=sync.poll_every_s,
        sample_every_s=sync.sample_every_s,
        refresh_retry_s=sync.refresh_retry_s,
        backoff_base_s=sync.backoff_base_s,
        backoff_most_s=sync.backoff_most_s,
    )


async def _installation(store: Store, machine: Machine) -> InstallationId:
    """This store's own name, made once and kept for ever: part of every mark and key."""
    fresh = InstallationId(machine.entropy.child("installation").token(9))
    await store.run(installation.ensure(fresh, machine.clock.now()))
    (standing,) = await store.fetch(installation.get())
    return standing

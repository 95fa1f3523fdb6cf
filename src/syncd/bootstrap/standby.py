"""Puts a standby together: it watches the lease, and answers for the replica that works.

A webhook that nobody at work takes is stored here; whose it is was decided by what the store says
at that moment, for whoever works may have connected or added a tenant since.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from syncd.bootstrap import adapters, stored_tenants
from syncd.bootstrap.replicas import Ground
from syncd.config import added
from syncd.config.options import Options
from syncd.daemon import Daemon
from syncd.domain.facts import StoreMigrated
from syncd.domain.model.settings import Policies
from syncd.engine.connection.gate import Connections
from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.engine.replicas.standing_by import StandingBy
from syncd.engine.webhooks.inbox import Inbox, tenants_of
from syncd.ports.observer import Observer
from syncd.runtime.vault import FernetVault
from syncd.store import migrate
from syncd.store.unit_of_work import Store, Transaction
from syncd.telemetry.fanout import Fanout
from syncd.telemetry.standby import StandbyHealth, StandbyMetrics
from syncd.web.http.deadlines import (
    MOST_OPERATOR_CONNECTIONS,
    PUBLIC_HEADERS_WITHIN_S,
    OpenConnections,
)
from syncd.web.http.listener import Listener
from syncd.web.public.receiver import Receiver
from syncd.web.standby.application import operator_application, public_application
from syncd.web.standby.forwarding import Forwarder, tcp

REPLICAS_SINCE = 31
"""The migration that makes the lease: whoever has none yet has no replica at work either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """A standby ready to run. `standing` says when the lease is this replica's."""

    daemon: Daemon
    standing: StandingBy
    health: StandbyHealth


def build(options: Options, on: Ground, start_up: StartUp) -> Standby:
    """Everything of a standby, not yet running: in a running loop, also where no store answers."""
    metrics = StandbyMetrics(version=on.member.version, replicas=on.member.replicas)
    observe = Fanout((*on.observers, metrics.observe), on_failure=on.on_observer_failure)
    store = Store(on.driver, observe)
    standing = StandingBy(store, on.member, partial(start_up.once, store))
    health = StandbyHealth(
        trouble=lambda: None if standing.is_looking else standing.trouble or "no answer yet",
        holder=lambda: None if standing.holder is None else standing.holder.name,
    )
    own = Listener(
        "operator listener",
        operator_application(
            _forwarder(options, on, standing, "api", observe),
            health=health,
            exposition=metrics.exposition,
            observe=observe,
        ),
        on.operator_site,
        service="api",
        observe=observe,
        open_connections=OpenConnections(most=MOST_OPERATOR_CONNECTIONS),
    )
    public = Listener(
        "public listener",
        public_application(
            _forwarder(options, on, standing, "public", observe),
            receiver=partial(_receiver, options, on, store, observe),
            observe=observe,
        ),
        on.public_site,
        service="public",
        observe=observe,
        open_connections=OpenConnections(),
        headers_within_s=PUBLIC_HEADERS_WITHIN_S,
    )
    daemon = Daemon(
        ((own, public), (standing,)),
        observe=health.observe,  # a standby that ends is no daemon that stopped
        drain_delay_s=options.server.drain_delay_s,
        drain_grace_s=options.server.drain_grace_s,
    )
    return Standby(daemon=daemon, standing=standing, health=health)


class StartUp:
    """What comes before a replica's first look at the lease, once in its life.

    A store that never had replicas is brought so far that it has a lease. The rest is left to
    whoever holds it: a replica of the version before may be at work.
    """

    def __init__(self, on: Ground) -> None:
        self._on = on
        self._is_done = False

    async def once(self, store: Store) -> None:
        """Raises StoreError, SchemaMismatch among them."""
        if self._is_done:
            return
        await store.commit(Transaction())  # what this meets is told, as of any other use
        on = self._on
        applied = await migrate.upgrade(on.driver, on.clock.now(), until=REPLICAS_SINCE)
        if applied:
            on.member.observe(StoreMigrated(applied=tuple(one.name for one in applied)))
        self._is_done = True


def _forwarder(
    options: Options, on: Ground, standing: StandingBy, service: str, observe: Observer
) -> Forwarder:
    proxies = adapters.proxies(options)

    def address() -> str | None:
        holder = standing.holder
        if holder is None or holder.name == on.member.name:
            return None
        return holder.url if service == "api" else holder.public_url

    return Forwarder(
        tcp(),
        service=service,
        address=address,
        keys=on.keys,
        observe=observe,
        vouched=options.security.proxy_user_header,
        is_vouched_for=lambda peer: proxies is not None and proxies.is_trusted(peer),
    )


async def _receiver(options: Options, on: Ground, store: Store, observe: Observer) -> Receiver:
    """Takes webhooks in by what is stored now. Raises StoreError, VaultError."""
    encryption = TokenEncryption(FernetVault(options.security.encryption_key.get_secret_value()))
    held = await stored_tenants.servable(options, store, encryption, lambda _row, _words: None)
    beside = added.beside(options, stored_tenants.sections(held))
    connections = Connections(store=store, clock=on.clock, observe=observe)
    await connections.load()
    policies = Policies(adapters.policies(options) | stored_tenants.policies(held))
    inbox = Inbox(
        store=store,
        clock=on.clock,
        observe=observe,
        tenant_of=tenants_of(connections, policies),
    )
    await inbox.start_up()
    xero, pipeline = adapters.webhook_readers(beside, on.clock)
    return Receiver(inbox, xero=xero, pipeline=pipeline, observe=observe)

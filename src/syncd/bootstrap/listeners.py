"""Makes both listeners and the operations behind them, out of the parts that were put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from syncd.bootstrap import adapters
from syncd.bootstrap.added_tenants import Serving
from syncd.bootstrap.machine import Machine
from syncd.config.options import Options
from syncd.domain.ids import TenantId
from syncd.engine.connection.consent import ConsentFlow
from syncd.engine.connection.gate import Connections
from syncd.engine.core.tenant_keeping import TenantKeeping
from syncd.engine.operator.operations import Operations
from syncd.telemetry.health import Health
from syncd.telemetry.metrics import Metrics
from syncd.web.api import application as api_application
from syncd.web.console import routes as console_routes
from syncd.web.console.live import LiveStreams
from syncd.web.http.deadlines import (
    MOST_OPERATOR_CONNECTIONS,
    PUBLIC_HEADERS_WITHIN_S,
    OpenConnections,
)
from syncd.web.http.forwarded import peers_restored
from syncd.web.http.guard import Operator
from syncd.web.http.listener import Listener
from syncd.web.http.short_way import ShortWay
from syncd.web.public.consent import ConsentPages
from syncd.xero.client import XeroClient
from syncd.xero.oauth import XeroIdentity


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that the listeners serve."""

    serving: Serving
    identity: XeroIdentity
    connections: Connections
    client: XeroClient
    operators: list[Operator]
    streams: LiveStreams
    keeping: TenantKeeping


def _operations(options: Options, machine: Machine, parts: Parts, flow: ConsentFlow) -> Operations:
    """What people may ask and order, by API and console."""
    return Operations(
        parts.serving.context,
        gates=parts.connections,
        consent=flow,
        commands=parts.serving.commands,
        keeping=parts.keeping,
        allowance=parts.client.budget_left,
        wake=partial(_ordered, parts),
        planned=parts.serving.schedule.planned,
        calls_per_minute=options.xero.calls_per_minute,
        samples=parts.serving.schedule.samples,
        works=parts.serving.works,
        replicas=machine.replicas,
    )


def listeners(
    options: Options, machine: Machine, parts: Parts, *, health: Health, metrics: Metrics
) -> tuple[Listener, Listener]:
    """The operators' listener, and the one that may be reached from outside."""
    context = parts.serving.context
    flow = ConsentFlow(
        tokens=parts.serving.tokens,
        store=context.store,
        identity=parts.identity,
        clock=machine.clock,
        entropy=machine.entropy.child("consent"),
        observe=context.observe,
        policies=context.policies,
        public_url=options.server.public_url,
    )
    operations = _operations(options, machine, parts, flow)
    operator_app = api_application.application(
        operations,
        operators=parts.operators,
        health=health,
        exposition=metrics.exposition,
        beside=console_routes.beside(
            operations,
            operators=parts.operators,
            clock=machine.clock,
            streams=parts.streams,
            console_url=options.server.console_url,
            proxies=adapters.proxies(options),
        ),
    )
    pages = ConsentPages(
        flow,
        public_url=options.server.public_url,
        back=adapters.ways_back(options, context.policies),
    )
    routes = [*pages.routes(), *parts.serving.receiver.routes()]
    public_app = api_application.public_application(routes, observe=context.observe)
    if machine.keys is not None:
        for app in (operator_app, public_app):
            app.middlewares.insert(0, peers_restored(machine.keys))
    return (
        Listener(
            "operator listener",
            operator_app,
            machine.operator_site,
            service="api",
            observe=context.observe,
            open_connections=OpenConnections(most=MOST_OPERATOR_CONNECTIONS),
        ),
        Listener(
            "public listener",
            public_app,
            machine.public_site,
            service="public",
            observe=context.observe,
            open_connections=OpenConnections(),
            headers_within_s=PUBLIC_HEADERS_WITHIN_S,
            short_way=ShortWay(parts.serving.receiver),
        ),
    )


def _ordered(parts: Parts, tenant: TenantId) -> None:
    """A person ordered something: the tenant's work goes on, also where it waits for an outage."""
    parts.client.try_now(tenant)
    parts.serving.schedule.asked(tenant)

"""The operator listener over real HTTP on loopback, with one operator of each role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from syncd.domain.facts import DaemonStarted
from syncd.domain.model.settings import Mode
from syncd.ports.observer import Observer
from syncd.telemetry.health import Health
from syncd.telemetry.metrics import Metrics
from syncd.web.api.application import application
from syncd.web.console import routes
from syncd.web.console.live import LiveStreams
from syncd.web.http.deadlines import OpenConnections
from syncd.web.http.guard import Operator
from syncd.web.http.listener import Listener, tcp_site
from syncd.web.http.short_way import ShortWay
from tests.engine.support.operating import Desk, desk

TOKENS = {
    "Office": "office-token-0123456789",
    "Admin": "admin-token-0123456789",
    "Super User": "super-token-0123456789",
}
OPERATORS = [Operator.of(role.lower(), role, token) for role, token in TOKENS.items()]
STARTED = DaemonStarted(version="1", incarnation="this-run", tenants=2, took_s=0.1)


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, kw_only=True)
class Client:
    """Calls one listener, by default as Super User."""

    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str, *, role: str | None = "Super User") -> Answer:
        return await self.call("GET", path, role=role)

    async def post(self, path: str, body: Any = None, *, role: str | None = "Super User") -> Answer:
        return await self.call("POST", path, role=role, json=body)

    async def call(
        self, method: str, path: str, *, role: str | None = "Super User", **more: Any
    ) -> Answer:
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {TOKENS[role]}"
        async with self.session.request(
            method, self.base + path, headers=headers, allow_redirects=False, **more
        ) as answer:
            return Answer(status=answer.status, headers=answer.headers, body=await answer.read())


class Started:
    """A task status that can be waited for."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def started(self, _: None = None) -> None:
        self.heard.set()


@dataclass(frozen=True, kw_only=True)
class Served:
    client: Client
    desk: Desk
    health: Health
    streams: LiveStreams
    operators: list[Operator]


@asynccontextmanager
async def listening(
    app: web.Application,
    observe: Observer = lambda _: None,
    *,
    short_way: ShortWay | None = None,
) -> AsyncIterator[Client]:
    """One application, served as the daemon serves it."""
    listener = Listener(
        "test",
        app,
        tcp_site("127.0.0.1:0"),
        service="test",
        observe=observe,
        open_connections=OpenConnections(),
        short_way=short_way,
    )
    status = Started()
    # A fixture begins and ends in different tasks, so no task group can span it.
    task = asyncio.create_task(listener.run(task_status=status))
    try:
        await asyncio.wait_for(status.heard.wait(), 5)
        async with aiohttp.ClientSession() as session:
            yield Client(session=session, base=f"http://127.0.0.1:{listener.port}")
    finally:
        listener.stop()
        await asyncio.wait_for(task, 10)


@asynccontextmanager
async def operators(mode: Mode = Mode.LIVE) -> AsyncIterator[Served]:
    """The operator listener over an empty store of two tenants, started."""
    health = Health()
    health.observe(STARTED)

    def exposition() -> bytes:
        return Metrics(version="1", tenants=("acme", "beta")).exposition()

    streams, who = LiveStreams(), list(OPERATORS)
    async with desk(mode) as at:
        app = application(
            at.operations,
            operators=who,
            health=health,
            exposition=exposition,
            beside=routes.beside(at.operations, operators=who, clock=at.clock, streams=streams),
        )
        async with listening(app) as client:
            yield Served(client=client, desk=at, health=health, streams=streams, operators=who)

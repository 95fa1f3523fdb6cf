"""A standby over real HTTP on loopback, in front of whichever holder a test names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from syncd.domain.facts import Fact
from syncd.domain.model.replica import RequestForwarded
from syncd.telemetry.standby import StandbyHealth, StandbyMetrics
from syncd.web.http.forwarded import ReplicaKeys
from syncd.web.standby.application import operator_application
from syncd.web.standby.forwarding import Forwarder
from tests.web.support.serving import Client, listening

KEYS = ReplicaKeys.of("a key of the site\nand an older one")


@dataclass
class Standing:
    """A standby in front of whoever `address` names."""

    client: Client
    told: list[Fact] = field(default_factory=list)
    address: str | None = None

    @property
    def forwarded(self) -> list[bool]:
        return [fact.is_answered for fact in self.told if isinstance(fact, RequestForwarded)]


@asynccontextmanager
async def standby(address: str | None, **more: Any) -> AsyncIterator[Standing]:
    told: list[Fact] = []
    standing: list[Standing] = []
    forwarder = Forwarder(
        aiohttp.TCPConnector(force_close=True),
        service="api",
        address=lambda: standing[0].address,
        keys=more.pop("keys", KEYS),
        observe=told.append,
        **more,
    )
    metrics = StandbyMetrics(version="1")
    app = operator_application(
        forwarder,
        health=StandbyHealth(trouble=lambda: None, holder=lambda: "alpha"),
        exposition=metrics.exposition,
        observe=told.append,
    )
    async with listening(app) as client:
        standing.append(Standing(client=client, told=told, address=address))
        yield standing[0]

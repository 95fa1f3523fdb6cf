"""A standby answers probes itself, and keeps webhooks where nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import anyio
import pytest
from aiohttp import web

from syncd.domain.errors import StoreError
from syncd.domain.ids import TenantId
from syncd.engine.webhooks.inbox import Inbox
from syncd.pipeline.webhooks import PipelineWebhookReader
from syncd.sandbox.xero.ledger.events import WebhookEvent
from syncd.sandbox.xero.webhooks import body as webhook_body
from syncd.store import inbox as rows
from syncd.store import tenants
from syncd.store.unit_of_work import Store
from syncd.web.public.receiver import Receiver
from syncd.web.standby import application
from syncd.web.standby.forwarding import Forwarder
from syncd.xero.webhooks import XeroWebhookReader
from tests.support.stores import driver_at
from tests.web.support.serving import Client, listening, operators
from tests.web.support.standing import KEYS, standby

API = "/api/v1/tenants"
ACME = TenantId("acme")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "emulator-signing-key-0001"
ORGANISATION = "96d8fbb9-e7bf-4327-a284-cb5da3384f97"


class Still:
    def now(self) -> datetime:
        return NOW


@dataclass
class Public:
    """The public listener of a standby, and the store behind it."""

    client: Client
    store: Store
    made: list[int] = field(default_factory=list)

    async def send(self, *resources: str, key: str = KEY) -> int:
        happened = [
            WebhookEvent(
                category="INVOICE",
                type="UPDATE",
                resource_id=each,
                tenant_id=ORGANISATION,
                at_ms=1_795_306_509_027,
                by="Bea",
            )
            for each in resources
        ]
        wired = [webhook_body.wire(each) for each in happened]
        body = webhook_body.body_of(wired, 1, len(wired), "QWERTYUIOPASDFGHJKLZ")
        signature = webhook_body.signature(key, body)
        answer = await self.client.call(
            "POST", "/webhooks/xero", role=None, data=body,
            headers={"x-xero-signature": signature},
        )  # fmt: skip
        return answer.status

    async def kept(self) -> list[str]:
        return [one.resource_id for one in await self.store.fetch(rows.waiting(ACME, NOW, limit=9))]


@asynccontextmanager
async def public(
    folder: Path, address: str | None, *, is_store_away: bool = False
) -> AsyncIterator[Public]:
    driver = driver_at(folder / "store.db")
    store, made = Store(driver), list[int]()
    await store.run(tenants.ensure([ACME]))

    async def receiver() -> Receiver:
        if is_store_away:
            raise StoreError("the server does not answer")
        made.append(1)
        inbox = Inbox(
            store=store, clock=Still(), observe=lambda _: None,
            tenant_of=lambda one: ACME if one == ORGANISATION else None,
        )  # fmt: skip
        await inbox.start_up()
        return Receiver(
            inbox, xero=XeroWebhookReader((KEY,), clock=Still()),
            pipeline=PipelineWebhookReader({}, clock=Still()), observe=lambda _: None,
        )  # fmt: skip

    forwarder = Forwarder(
        aiohttp.TCPConnector(force_close=True), service="public", address=lambda: address,
        keys=KEYS, observe=lambda _: None,
    )  # fmt: skip
    app = application.public_application(forwarder, receiver=receiver, observe=lambda _: None)
    async with listening(app) as client:
        yield Public(client=client, store=store, made=made)
    await driver.close()


async def test_webhook_is_the_holders_where_it_answers(tmp_path: Path) -> None:
    taken: list[bytes] = []

    async def webhook(request: web.Request) -> web.Response:
        taken.append(await request.read())
        return web.Response()

    own = web.Application()
    own.add_routes([web.post("/webhooks/xero", webhook)])
    async with listening(own) as holder, public(tmp_path, holder.base) as standing:
        assert await standing.send("i1") == 200
        assert await standing.kept() == []

    assert len(taken) == 1
    assert b"i1" in taken[0]


async def test_webhook_is_kept_here_where_nobody_answers(tmp_path: Path) -> None:
    async with public(tmp_path, "http://127.0.0.1:9") as standing:
        assert [await standing.send("i1"), await standing.send("i2")] == [200, 200]

        assert await standing.kept() == ["i1", "i2"]
        assert len(standing.made) == 2


async def test_webhook_is_kept_here_where_the_holder_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "WEBHOOK_WITHIN_S", 0.05)

    async def silent(_: web.Request) -> web.Response:
        await anyio.sleep(0.5)
        return web.Response()

    own = web.Application()
    own.add_routes([web.post("/webhooks/xero", silent)])
    async with listening(own) as holder, public(tmp_path, holder.base) as standing:
        assert await standing.send("i1") == 200
        assert await standing.kept() == ["i1"]


async def test_strangers_webhook_is_refused_here_too(tmp_path: Path) -> None:
    async with public(tmp_path, None) as standing:
        assert await standing.send("i1", key="another key") == 401
        assert await standing.kept() == []


async def test_webhook_that_nobody_can_keep_is_sent_again(tmp_path: Path) -> None:
    async with public(tmp_path, None, is_store_away=True) as standing:
        assert await standing.send("i1") == 503


async def test_page_of_consent_says_that_nobody_works(tmp_path: Path) -> None:
    async with public(tmp_path, None) as standing:
        answer = await standing.client.call(
            "GET", "/connect/xero?ticket=x", role=None, headers={"Accept": "text/html"}
        )

    assert answer.status == 503
    assert b"Not now" in answer.body


@pytest.mark.parametrize("address", [None, "http://127.0.0.1:9"])
async def test_nobody_at_work_is_said_in_the_shape_of_what_was_asked_for(
    address: str | None,
) -> None:
    async with standby(address) as passing:
        api = await passing.client.get(API)
        page = await passing.client.call("GET", "/invoices", headers={"Accept": "text/html,*/*"})

    assert [api.status, page.status] == [503, 503]
    assert [api.headers["Retry-After"], page.headers["Retry-After"]] == ["5", "5"]
    assert api.headers["Content-Type"].startswith("application/problem+json")
    assert "half a minute" in api.json["detail"]
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"No replica works just now" in page.body


async def test_probes_and_metrics_are_the_standbys_own() -> None:
    async with operators() as served, standby(served.client.base) as passing:
        ready = await passing.client.get("/readyz?verbose", role=None)
        metrics = await passing.client.get("/metrics", role=None)

        assert passing.forwarded == []
    assert ready.json["checks"]["replica"][0]["output"] == "standing by; alpha works"
    assert b"syncd_replica_holds_lease 0.0" in metrics.body
    assert b"syncd_queue_depth" not in metrics.body

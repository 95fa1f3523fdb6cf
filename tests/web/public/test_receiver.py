"""Nobody is told yes before it is on disk, and strangers are told nothing at all."""

from __future__ import annotations

import gzip
import hmac
import io
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.domain.errors import StoreFull
from syncd.domain.facts import Fact, WebhooksReceived
from syncd.domain.ids import TenantId
from syncd.engine.webhooks.inbox import Inbox
from syncd.pipeline.webhooks import PipelineWebhookReader
from syncd.sandbox.xero.ledger.events import WebhookEvent
from syncd.sandbox.xero.webhooks import body as webhook_body
from syncd.store import inbox as rows
from syncd.store import tenants
from syncd.store.unit_of_work import Store, Transaction
from syncd.web.api.application import public_application
from syncd.web.http.short_way import ShortWay
from syncd.web.public.receiver import Receiver
from syncd.xero.webhooks import XeroWebhookReader
from tests.support.stores import driver_at
from tests.web.support.serving import Answer, Client, listening

ACME = TenantId("acme")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "emulator-signing-key-0001"
SECRET_BYTES = b"a secret of thirty-two bytes, ok"
SECRET = "whsec_" + b64encode(SECRET_BYTES).decode()
ORGANISATION = "96d8fbb9-e7bf-4327-a284-cb5da3384f97"


@dataclass
class Still:
    def now(self) -> datetime:
        return NOW


class Full(Store):
    """A store on a disk without room, when told so."""

    is_full = False

    async def commit(self, transaction: Transaction) -> None:
        if self.is_full:
            raise StoreFull("no space left")
        await super().commit(transaction)


@dataclass
class Gate:
    client: Client
    receiver: Receiver
    store: Full
    told: list[Fact]
    woken: list[TenantId]

    async def xero(self, body: bytes, signature: str | None = None, **headers: str) -> Answer:
        signed = webhook_body.signature(KEY, body) if signature is None else signature
        return await self.client.call(
            "POST", "/webhooks/xero", role=None, data=body,
            headers={"x-xero-signature": signed, **headers},
        )  # fmt: skip

    async def pipeline(self, body: bytes, *, tenant: str = "acme", secret: bytes) -> Answer:
        stamp = str(int(NOW.timestamp()))
        signed = hmac.digest(secret, f"msg_1.{stamp}.".encode() + body, "sha256")
        return await self.client.call(
            "POST", f"/webhooks/pipeline/{tenant}", role=None, data=body,
            headers={
                "webhook-id": "msg_1", "webhook-timestamp": stamp,
                "webhook-signature": "v1," + b64encode(signed).decode(),
            },
        )  # fmt: skip

    async def kept(self) -> list[str]:
        found = await self.store.fetch(rows.waiting(ACME, NOW, limit=1000))
        return [one.resource_id for one in found]

    def outcomes(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for fact in self.told:
            if isinstance(fact, WebhooksReceived):
                found.update(dict(fact.outcomes))
        return found


@pytest.fixture(params=["aiohttp", "short way"])
async def gate(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Gate]:
    driver = driver_at(tmp_path / "store.db")
    store, told, woken = Full(driver), list[Fact](), list[TenantId]()
    await store.run(tenants.ensure([ACME]))
    inbox = Inbox(
        store=store,
        clock=Still(),
        observe=told.append,
        tenant_of=lambda organisation: ACME if organisation == ORGANISATION else None,
    )
    inbox.on_note = woken.append
    receiver = Receiver(
        inbox,
        xero=XeroWebhookReader((KEY,), clock=Still()),
        pipeline=PipelineWebhookReader({ACME: (SECRET,)}, clock=Still()),
        observe=told.append,
    )
    app = public_application(receiver.routes(), observe=told.append)
    short_way = ShortWay(receiver) if request.param == "short way" else None
    async with listening(app, short_way=short_way) as client:
        yield Gate(client, receiver, store, told, woken)
    await driver.close()


def events(*resources: str, tenant: str = ORGANISATION, category: str = "INVOICE") -> bytes:
    happened = [
        WebhookEvent(
            category="INVOICE",
            type="UPDATE",
            resource_id=each,
            tenant_id=tenant,
            at_ms=1_795_306_509_027,
            by="Bea",
        )
        for each in resources
    ]
    wired = [webhook_body.wire(each) | {"eventCategory": category} for each in happened]
    return webhook_body.body_of(wired, 1, len(wired), "QWERTYUIOPASDFGHJKLZ")


def assert_silent(answer: Answer) -> None:
    """No body, and no cookie: Xero refuses both."""
    assert answer.body == b""
    assert "Set-Cookie" not in answer.headers


async def test_events_are_on_disk_before_the_answer(gate: Gate) -> None:
    answer = await gate.xero(events("x1", "x2"))

    assert answer.status == 200
    assert_silent(answer)
    assert await gate.kept() == ["x1", "x2"]


async def test_intent_to_receive_is_answered_rightly(gate: Gate) -> None:
    body = webhook_body.body_of([], 0, 0, "QWERTYUIOPASDFGHJKLZ")
    right = webhook_body.signature(KEY, body)

    answers = [
        await gate.xero(body, signature)
        for signature in (*[webhook_body.off_by_one(right)] * 3, right)
    ]

    assert [answer.status for answer in answers] == [401, 401, 401, 200]
    for answer in answers:
        assert_silent(answer)


async def test_replay_a_hundred_times_keeps_one(gate: Gate) -> None:
    for _ in range(100):
        assert (await gate.xero(events("x1"))).status == 200

    assert await gate.kept() == ["x1"]
    assert gate.outcomes() == {"kept": 1, "repeated": 99}


async def test_events_nobody_can_use_are_answered_like_the_others(gate: Gate) -> None:
    assert (await gate.xero(events("x1", tenant="somebody-else"))).status == 200
    assert (await gate.xero(events("x2", category="TIMESHEET"))).status == 200

    assert await gate.kept() == []
    assert gate.outcomes() == {"unknown_organisation": 1, "unknown_category": 1}


async def test_full_disk_is_no_success(gate: Gate) -> None:
    gate.store.is_full = True
    refused = await gate.xero(events("x1"))
    gate.store.is_full = False
    again = await gate.xero(events("x1"))

    assert (refused.status, again.status) == (503, 200)
    assert_silent(refused)
    assert await gate.kept() == ["x1"]


async def test_signed_garbage_is_counted_and_never_refused(gate: Gate) -> None:
    answer = await gate.xero(b"[]")

    assert answer.status == 200
    assert_silent(answer)
    assert gate.outcomes() == {"unreadable": 1}


async def test_signed_garbage_among_others_leaves_them_stored(gate: Gate) -> None:
    await gate.receiver.store((events("x1"), b"[]", events("x2"), b'{"events":[]}'))

    assert await gate.kept() == ["x1", "x2"]
    assert gate.outcomes() == {"kept": 2, "unreadable": 1}


async def test_more_than_a_mebibyte_is_refused(gate: Gate) -> None:
    large = io.BytesIO(b" " * (1024 * 1024 + 1))

    answer = await gate.client.call("POST", "/webhooks/xero", role=None, data=large)

    assert answer.status == 413


async def test_bomb_is_refused_before_it_is_read(gate: Gate) -> None:
    bomb = gzip.compress(b"\0" * (64 * 1024 * 1024))

    answer = await gate.xero(bomb, "x", **{"Content-Encoding": "gzip"})

    assert answer.status == 415
    assert await gate.kept() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_nothing_but_posts(gate: Gate, method: str) -> None:
    answer = await gate.client.call(method, "/webhooks/xero", role=None)

    assert answer.status == 405


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/xero/", "/metrics", "/livez"])
async def test_nothing_but_webhooks(gate: Gate, path: str) -> None:
    assert (await gate.client.call("POST", path, role=None)).status == 404


async def test_note_of_pipelines_wakes_the_feed_once_it_is_on_disk(gate: Gate) -> None:
    answer = await gate.pipeline(b'{"type":"invoice.updated"}', secret=SECRET_BYTES)

    assert answer.status == 204
    assert_silent(answer)
    assert gate.woken == [ACME]
    assert gate.outcomes() == {"kept": 1}


@pytest.mark.parametrize(
    ("tenant", "secret"), [("acme", b"another secret"), ("beta", SECRET_BYTES)]
)
async def test_note_of_nobodys_is_refused(gate: Gate, tenant: str, secret: bytes) -> None:
    answer = await gate.pipeline(b'{"type":"x"}', tenant=tenant, secret=secret)

    assert answer.status == 401
    assert_silent(answer)
    assert gate.woken == []

"""Asked at a standby, the holder answers as if it had been asked itself."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import anyio
import pytest
from aiohttp import web

from syncd.cli.commands import plan, report
from syncd.domain.facts import ServiceFailed
from syncd.web.api.running import event_stream
from syncd.web.http.forwarded import HEADER, ReplicaKeys, peers_restored
from syncd.web.standby import forwarding
from tests.store.build import ACME
from tests.web.console.support.browsing import browsing
from tests.web.support.serving import Client, listening, operators
from tests.web.support.standing import KEYS, Standing, standby

API = "/api/v1/tenants"


@dataclass
class Seen:
    """What the holder was asked."""

    requests: list[web.Request] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)


@asynccontextmanager
async def holder(seen: Seen) -> AsyncIterator[Client]:
    async def echo(request: web.Request) -> web.StreamResponse:
        seen.requests.append(request)
        seen.bodies.append(hashlib.sha256(await request.read()).hexdigest())
        answer = web.Response(status=203, text=f"{request.method} {request.raw_path}")
        answer.headers.add("Set-Cookie", "a=1")
        answer.headers.add("Set-Cookie", "b=2")
        answer.headers["X-Of-Ours"] = "kept"
        return answer

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=bytes(5_000_000))

    async def half(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"half of it")
        assert request.transport is not None
        request.transport.abort()
        return answer

    async def packed(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})

    async def silent(_: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    app = web.Application(middlewares=[peers_restored(KEYS)], client_max_size=2**25)
    app.add_routes([web.get("/large", large), web.get("/half", half), web.get("/silent", silent)])
    app.add_routes([web.get("/packed", packed), web.route("*", "/{path:.*}", echo)])
    async with listening(app) as client:
        yield client


async def test_api_answers_a_standbys_client_as_its_own() -> None:
    async with operators() as served, standby(served.client.base) as passing:
        for path, role in ((API, "Office"), (API, None), (f"{API}/nobody", "Admin")):
            own = await served.client.get(path, role=role)
            passed = await passing.client.get(path, role=role)

            assert (passed.status, passed.body) == (own.status, own.body)
            assert {*passed.headers} == {*own.headers}
        assert passing.forwarded == [True, True, True]


async def test_console_signs_in_through_a_standby_and_presses_a_button() -> None:
    async with operators() as served, standby(served.client.base) as passing:
        async with browsing(replace_base(served, passing.client.base)) as browser:
            page = await browser.get("/")
            own_page = {"Origin": passing.client.base}
            strange = await browser.post("/logout", headers={"Origin": "http://elsewhere.example"})
            pressed = await browser.post("/logout", headers=own_page)

        assert page.status == 200
        assert "acme" in page.text
        assert strange.status == 403
        assert pressed.status == 303


def replace_base(served: Any, base: str) -> Any:
    return replace(served, client=replace(served.client, base=base))


async def test_event_stream_passes_each_event_on_as_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_stream, "LOOK_EVERY_S", 0.01)
    async with operators() as served, standby(served.client.base) as passing:
        headers = {"Authorization": "Bearer office-token-0123456789", "Accept": "text/event-stream"}
        url = f"{passing.client.base}{API}/{ACME}/events"
        async with passing.client.session.get(url, headers=headers) as answer:
            assert answer.content_type == "text/event-stream"
            pressed = await passing.client.post(f"{API}/{ACME}/pause")
            assert pressed.status == 200, pressed.body
            with anyio.fail_after(5):
                while not (await answer.content.readline()).startswith(b"data:"):
                    pass


async def test_request_keeps_what_it_is_and_loses_what_is_the_connections() -> None:
    seen = Seen()
    async with holder(seen) as own, standby(own.base) as passing:
        answer = await passing.client.call(
            "PUT", "/a%2Fb?q=%20x&y", role="Admin", data=b"body",
            headers={"Connection": "X-Hop", "X-Hop": "1", "X-End": "é", "Host": "sync.example"},
        )  # fmt: skip

    (request,) = seen.requests
    assert (answer.status, answer.body) == (203, b"PUT /a%2Fb?q=%20x&y")
    assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["X-Of-Ours"] == "kept"
    assert request.host == "sync.example"
    assert request.headers["X-End"] == "é"
    assert request.headers["Authorization"].startswith("Bearer admin")
    assert "X-Hop" not in request.headers


async def test_large_bodies_pass_both_ways() -> None:
    seen, body = Seen(), bytes(range(256)) * 40_000
    async with holder(seen) as own, standby(own.base) as passing:
        await passing.client.call("POST", "/whole", data=io.BytesIO(body))
        parts = aiohttp.AsyncIterablePayload(pieces(body))
        await passing.client.call("POST", "/in-parts", data=parts)
        large = await passing.client.get("/large")

    assert seen.bodies == [hashlib.sha256(body).hexdigest()] * 2
    assert len(large.body) == 5_000_000


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 1_000_000):
        yield body[at : at + 1_000_000]


async def test_packed_answer_stays_packed() -> None:
    async with holder(Seen()) as own, standby(own.base) as passing:
        answer = await passing.client.get("/packed")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.body == b"packed"


async def test_half_an_answer_is_never_given_on_as_a_whole_one() -> None:
    async with holder(Seen()) as own, standby(own.base) as passing:
        with pytest.raises(aiohttp.ClientError):
            await passing.client.get("/half")


async def test_holder_knows_whom_a_request_came_from_and_believes_no_stranger() -> None:
    seen = Seen()
    async with holder(seen) as own, standby(own.base) as passing:
        connector = aiohttp.TCPConnector(local_addr=("127.0.0.9", 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            for base, headers in (
                (passing.client.base, {}),
                (passing.client.base, {HEADER: "10.1.1.1 proof"}),
                (own.base, {HEADER: "10.1.1.1 proof"}),
                (own.base, {HEADER: ReplicaKeys.of("another site").said("10.1.1.1")}),
                (own.base, {HEADER: KEYS.said("10.1.1.1")}),
            ):
                async with session.get(base + "/", headers=headers):
                    pass

    assert [request.remote for request in seen.requests] == [*["127.0.0.9"] * 4, "10.1.1.1"]


async def test_who_somebody_is_passes_only_from_a_proxy_that_may_say_so() -> None:
    seen = Seen()
    for is_vouched_for in (False, True):
        vouching = {"vouched": "X-Remote-User", "is_vouched_for": lambda _, yes=is_vouched_for: yes}
        async with holder(seen) as own, standby(own.base, **vouching) as passing:
            await passing.client.call("GET", "/", headers={"X-Remote-User": "ada"})

    assert [request.headers.get("X-Remote-User") for request in seen.requests] == [None, "ada"]


async def test_what_was_passed_on_once_is_not_passed_on_again() -> None:
    async with standby("http://127.0.0.1:9") as last, standby(last.client.base) as passing:
        answer = await passing.client.get(API)

    assert answer.status == 503
    assert last.forwarded == [False]


async def test_order_that_takes_its_time_is_waited_for_as_long_as_who_typed_it_does() -> None:
    """A plan of large books is read for minutes before its answer begins."""
    assert max(plan.WITHIN_S, report.MOST_S) <= forwarding.ANSWER_WITHIN_S


async def test_holder_that_is_followed_by_another_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forwarding, "LOOK_EVERY_S", 0.01)
    asked, never = anyio.Event(), anyio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await never.wait()
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/hang", hang)])
    async with listening(app) as own, standby(own.base) as passing:
        async with anyio.create_task_group() as group:
            group.start_soon(_follow_when, asked, passing)
            with anyio.fail_after(10):
                answer = await passing.client.get("/hang")
        never.set()

    assert answer.status == 503
    assert passing.forwarded == [False]


async def _follow_when(asked: anyio.Event, passing: Standing) -> None:
    await asked.wait()
    passing.address = "http://127.0.0.1:9"


async def test_holder_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.web.standby.forwarding.ANSWER_WITHIN_S", 0.05)
    async with holder(Seen()) as own, standby(own.base) as passing:
        answer = await passing.client.get("/silent")

    assert answer.status == 503


@pytest.mark.parametrize(
    "target", ["http://elsewhere.example/a%2Fb?q=1", "a://@elsewhere/a%2Fb?q=1"]
)
async def test_whatever_host_a_target_names_the_holder_alone_is_asked(target: str) -> None:
    seen = Seen()
    async with holder(seen) as held, standby(held.base) as passing:
        at = urlsplit(passing.client.base)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        with anyio.fail_after(5):
            said = await reader.read()
        writer.close()

    assert said.startswith(b"HTTP/1.1 203 ")
    assert [one.raw_path for one in seen.requests] == ["/a%2Fb?q=1"]
    assert passing.forwarded == [True]
    assert not any(isinstance(fact, ServiceFailed) for fact in passing.told)

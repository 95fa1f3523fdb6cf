from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Response
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.serve import Served, serve_worlds
from syncd.sandbox.user import User


@asynccontextmanager
async def serving(
    xero: Any, *, pipeline: PipelineWorld | None = None, **more: Any
) -> AsyncIterator[tuple[Served, aiohttp.ClientSession]]:
    pipeline = pipeline or PipelineWorld(clock=xero.clock)
    async with (
        serve_worlds(xero=xero, pipeline=pipeline, **more) as served,
        aiohttp.ClientSession() as client,
    ):
        yield served, client


async def until(met: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not met():  # noqa: ASYNC110 - the world has no event for it
            await anyio.sleep(0.005)


async def test_both_worlds_answer_on_ports_of_their_own(xero: Any) -> None:
    pipeline = PipelineWorld(clock=xero.clock)
    User(pipeline)({"do": "create_customer", "ref": "C", "name": "Māori Art"})
    headers = {"Authorization": f"Bearer {pipeline.keys['demo']}"}
    async with serving(xero, pipeline=pipeline) as (served, client):
        answer = await client.get(f"{served.pipeline_url}/api/v1/changes?limit=5", headers=headers)
        page = await answer.json()
        assert page["changes"][0]["data"]["name"] == "Māori Art"
        assert answer.headers["X-RateLimit-Limit"] == "100000"
        assert answer.headers["Server"] == "sandbox"
        assert answer.headers["Date"] == "Thu, 28 May 2026 20:26:40 GMT"
        assert await (await client.get(f"{served.xero_url}/x")).text() == "ok"


async def test_large_answers_are_zipped_only_for_those_who_ask(xero: Any) -> None:
    xero.answer = Response(status=200, body=b"a" * 50_000)
    async with serving(xero) as (served, client):
        zipped = await client.get(served.xero_url + "/x")
        plain = await client.get(served.xero_url + "/x", headers={"Accept-Encoding": "identity"})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert int(zipped.headers["Content-Length"]) < 1000
        assert "Content-Encoding" not in plain.headers
        assert await zipped.read() == await plain.read() == xero.answer.body


@pytest.mark.parametrize(
    ("drop", "kept"), [("before_commit", 0), ("after_commit", 1), ("truncated", 1)]
)
async def test_dropped_answer_breaks_the_connection(xero: Any, drop: Any, kept: int) -> None:
    xero.answer = Response(status=200, body=b"a" * 100_000, drop=drop)
    async with serving(xero) as (served, client):
        with pytest.raises(aiohttp.ClientError):
            await (await client.post(served.xero_url + "/x", data=b"1")).read()
        assert len(xero.written) == kept


async def test_delayed_answer_comes_late_and_counts_as_in_flight(xero: Any) -> None:
    xero.answer = Response(status=200, delay_s=0.2)
    async with serving(xero) as (served, client), anyio.create_task_group() as group:
        group.start_soon(client.get, served.xero_url + "/slow")
        await until(lambda: xero.in_flight == 1)
        assert (await client.get(served.xero_url + "/second")).status == 429
        await until(lambda: xero.in_flight == 0)
        assert (await client.get(served.xero_url + "/third")).status == 200


async def test_half_a_request_never_reaches_the_world(
    xero: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(xero) as (served, client):
        port = int(served.xero_url.rpartition(":")[2])
        stream = await anyio.connect_tcp("127.0.0.1", port)
        await stream.send(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        await stream.aclose()
        await client.get(served.xero_url + "/after")
        assert xero.written == [b""]
    assert caplog.records == []


async def direct(client: aiohttp.ClientSession, url: str, verb: str, /, **command: Any) -> Any:
    answer = await client.post(f"{url}/_sandbox/{verb}", json=command)
    assert answer.status == 200, await answer.text()
    return await answer.json()


@pytest.mark.parametrize(
    ("at", "kept", "answered"), [("read", 0, False), ("committed", 1, False), ("answered", 1, True)]
)
async def test_kill_strikes_at_the_moment_ordered(
    xero: Any, at: str, kept: int, *, answered: bool
) -> None:
    killed: list[tuple[int, int]] = []
    match = {"method": "POST", "path": "/Invoices"}

    def kill(pid: int) -> None:
        killed.append((pid, len(xero.written)))

    async with serving(xero, kill=kill) as (served, client):
        order = {"pid": 4321, "at": at, "match": match, "after": 1}
        await direct(client, served.xero_url, "faults", kill=order)
        url = served.xero_url + "/api.xro/2.0/Invoices"
        await client.get(url)
        await client.post(url)
        xero.written.clear()
        try:
            got = (await client.post(url, data=b"2")).status
        except aiohttp.ClientError:
            got = 0
        assert bool(got) is answered
        assert killed == [(4321, kept)]
        await client.post(url)
        assert len(killed) == 1


async def test_kill_is_refused_where_nobody_can(xero: Any) -> None:
    async with serving(xero) as (served, client):
        answer = await client.post(
            served.xero_url + "/_sandbox/faults", json={"kill": {"pid": 4321, "at": "read"}}
        )
        assert answer.status == 422


async def test_hold_keeps_the_answer_and_late_commit_survives_the_client(xero: Any) -> None:
    async with serving(xero) as (served, client):
        hold = {"delay_s": 0.1, "at": "read", "match": {"path": "/x"}}
        await direct(client, served.xero_url, "faults", hold=hold)
        with pytest.raises(TimeoutError), anyio.fail_after(0.05):
            await client.post(served.xero_url + "/x", data=b"late")
        assert xero.written == []
        await until(lambda: xero.written == [b"late"])


async def test_control_directs_each_world(xero: Any) -> None:
    pipeline = PipelineWorld(clock=xero.clock)
    async with serving(xero, pipeline=pipeline) as (served, client):
        made = await direct(
            client, served.pipeline_url, "user", do="create_customer", ref="C-1", name="N"
        )
        dump = await (await client.get(f"{served.pipeline_url}/_sandbox/dump")).json()
        assert dump["tenants"]["demo"]["customers"][made["id"]]["ref"] == "C-1"
        await direct(client, served.pipeline_url, "reset")
        assert pipeline.dump()["tenants"]["demo"]["customers"] == {}
        await direct(client, served.pipeline_url, "load", **dump)
        assert json.loads(json.dumps(pipeline.dump())) == dump
        assert await direct(client, served.xero_url, "bookkeeper", do="pay") == {"done": "pay"}
        now = await direct(client, served.xero_url, "clock", advance_s=60)
        assert now == {"now": "2026-05-28T20:27:40+00:00", "rate": 1.0}
        assert pipeline.clock.now() == 1_780_000_060.0


async def test_webhooks_are_posted_until_accepted(xero: Any) -> None:
    seen: list[tuple[str, dict[str, Any]]] = []

    async def receive(request: web.Request) -> web.Response:
        seen.append((request.path, await request.json()))
        return web.Response(status=503 if len(seen) == 1 else 204)

    receiver = web.Application()
    receiver.router.add_post("/{path:.*}", receive)
    runner = web.AppRunner(receiver)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    clock = SandboxClock(anyio.current_time, start=1_780_000_000.0)
    pipeline = PipelineWorld(clock=clock)
    async with serving(xero, pipeline=pipeline, webhooks_poll_s=0.01) as (served, client):
        url = f"http://127.0.0.1:{port}/webhooks/pipeline/{{tenant}}"
        await direct(client, served.pipeline_url, "webhooks", url=url)
        await direct(client, served.pipeline_url, "user", do="create_customer", ref="C", name="N")
        await until(lambda: len(seen) == 1)
        await until(lambda: pipeline.webhooks.sent == 1)
        clock.advance(5)
        await until(lambda: len(seen) == 2)
    await runner.cleanup()
    assert seen[0] == seen[1]
    assert seen[0][0] == "/webhooks/pipeline/demo"
    assert seen[0][1]["type"] == "customer.created"


async def test_sites_of_the_caller_are_used(xero: Any, tmp_path: Any) -> None:
    path = str(tmp_path / "xero.sock")
    async with (
        serve_worlds(
            xero=xero,
            pipeline=PipelineWorld(clock=xero.clock),
            xero_site=lambda runner: web.UnixSite(runner, path),
        ) as served,
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as client,
    ):
        assert (await client.get(f"{served.xero_url}/x")).status == 200

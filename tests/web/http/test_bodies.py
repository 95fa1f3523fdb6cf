"""Bodies: how large, how slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import anyio
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from syncd.domain.facts import Fact, RequestRefused
from syncd.web.http.bodies import Held, bounded
from syncd.web.http.problems import problems_as_answers
from tests.web.support.serving import Client, listening


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[bounded(most_bytes=10, within_s=0.05)], client_max_size=10)
    app.add_routes([web.post("/", echo), web.get("/", echo)])
    async with listening(app) as found:
        yield found


async def test_body_within_the_limits_reaches_its_handler(client: Client) -> None:
    answer = await client.call("POST", "/", data=b"0123456789")

    assert (answer.status, answer.body) == (200, b"0123456789")
    assert (await client.get("/")).status == 200


async def test_body_that_says_it_is_too_large_is_not_read(client: Client) -> None:
    answer = await client.call("POST", "/", data=b"0123456789x")

    assert (answer.status, answer.headers["Connection"]) == (413, "close")


async def test_body_that_does_not_say_is_counted(client: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"01234"
        yield b"56789x"

    answer = await client.call("POST", "/", data=chunks())

    assert answer.status == 413


async def test_body_that_does_not_come_is_given_up(client: Client) -> None:
    port = int(client.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n01")

    line = await asyncio.wait_for(reader.readline(), 5)

    assert b" 408 " in line
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("is_gone_before", [True, False])
async def test_sender_who_leaves_in_the_middle_is_no_error_of_ours(is_gone_before: bool) -> None:
    told: list[Fact] = []
    began, ended = anyio.Event(), anyio.Event()

    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        began.set()
        while is_gone_before and request.transport is not None:  # noqa: ASYNC110 - aiohttp has no event for it
            await asyncio.sleep(0)
        try:
            return await handler(request)
        finally:
            ended.set()

    layers = [watched, problems_as_answers(told.append, "public"), bounded(most_bytes=10)]
    app = web.Application(middlewares=layers)
    app.add_routes([web.post("/", echo)])
    async with listening(app) as client:
        _, writer = await asyncio.open_connection("127.0.0.1", int(client.base.rpartition(":")[2]))
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n01")
        await began.wait()
        writer.transport.abort()
        await ended.wait()

    assert told == [RequestRefused(service="public", status=400, peer="127.0.0.1")]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
async def test_coded_body_is_refused_before_it_is_read(client: Client, coding: str) -> None:
    answer = await client.call("POST", "/", data=b"x", headers={"Content-Encoding": coding})

    assert (answer.status, answer.headers["Connection"]) == (415, "close")
    assert answer.headers["Accept-Encoding"] == "identity"


async def test_body_that_says_it_is_plain_is_taken(client: Client) -> None:
    answer = await client.call("POST", "/", data=b"x", headers={"Content-Encoding": "identity"})

    assert (answer.status, answer.body) == (200, b"x")


async def test_body_that_breaks_in_the_middle_is_the_senders_mistake() -> None:
    told: list[Fact] = []

    @web.middleware
    async def broken(request: web.Request, handler: Handler) -> web.StreamResponse:
        request.content.set_exception(web.RequestPayloadError("not enough data"))
        return await handler(request)

    layers = [problems_as_answers(told.append, "public"), broken, bounded(most_bytes=10)]
    app = web.Application(middlewares=layers)
    app.add_routes([web.post("/", echo)])
    async with listening(app) as client:
        answer = await client.call("POST", "/", data=b"x")

    assert answer.status == 400
    assert told == [RequestRefused(service="public", status=400, peer="127.0.0.1")]


async def test_half_bodies_make_room_for_a_whole_one() -> None:
    """The first begun goes; whoever has something whole to say is served."""
    layers = [bounded(most_bytes=1000, held=Held(2500))]
    app = web.Application(middlewares=layers, client_max_size=1000)
    app.add_routes([web.post("/", echo)])
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    async with listening(app) as client, AsyncExitStack() as stack:
        port = int(client.base.rpartition(":")[2])
        readers = []
        for _ in range(4):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(head + b"half")
            await writer.drain()
            readers.append(reader)
        gone = [await asyncio.wait_for(each.readline(), 5) for each in readers[:2]]
        whole = await client.call("POST", "/", data=b"whole")

    assert [line.split()[1] for line in gone] == [b"408", b"408"]
    assert (whole.status, whole.body) == (200, b"whole")

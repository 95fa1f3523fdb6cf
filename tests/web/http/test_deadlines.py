"""Who keeps a listener waiting does not keep others out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import pytest
from aiohttp import web

from syncd.domain.facts import Fact, RequestRefused
from syncd.web.api.application import public_application
from syncd.web.http.deadlines import OpenConnections
from syncd.web.http.listener import Listener, tcp_site
from tests.web.support.serving import Started

HEAD = b"POST /hook HTTP/1.1\r\nHost: x\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\nok"
HALF_HEADER = HEAD + b"X-Slow: "
HALF_BODY = HEAD + b"Content-Length: 100\r\n\r\nhalf"


@dataclass
class Place:
    open_connections: OpenConnections
    port: int
    go_on: asyncio.Event
    told: list[Fact]

    async def open(self, begun: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(begun)
        await writer.drain()
        return reader, writer

    async def ask(self) -> bytes:
        reader, writer = await self.open(WHOLE)
        try:
            return await asyncio.wait_for(reader.readline(), 5)
        finally:
            writer.close()

    async def inside(self, count: int) -> None:
        """Wait until that many are inside."""
        async with asyncio.timeout(5):
            while len(self.open_connections) != count:  # noqa: ASYNC110  (doors tell nobody)
                await asyncio.sleep(0.005)


@asynccontextmanager
async def place(*, most: int, headers_within_s: float = 5.0) -> AsyncIterator[Place]:
    open_connections, go_on = OpenConnections(most=most), asyncio.Event()
    told: list[Fact] = []
    go_on.set()

    async def hook(request: web.Request) -> web.Response:
        await request.read()
        await go_on.wait()
        return web.Response()

    routes = [web.post("/hook", hook)]
    listener = Listener(
        "test", public_application(routes, observe=told.append), tcp_site("127.0.0.1:0"),
        service="public", observe=told.append, open_connections=open_connections,
        headers_within_s=headers_within_s,
    )  # fmt: skip
    status = Started()
    task = asyncio.create_task(listener.run(task_status=status))
    await status.heard.wait()
    assert listener.port is not None
    yield Place(open_connections, listener.port, go_on, told)
    go_on.set()
    listener.stop()
    await asyncio.wait_for(task, 10)


async def test_five_hundred_stuck_connections_keep_nobody_waiting() -> None:
    async with place(most=100) as at, AsyncExitStack() as stack:
        for number in range(500):
            begun = HALF_HEADER if number % 2 else HALF_BODY
            _, writer = await at.open(begun)
            stack.callback(writer.close)

        began = time.monotonic()
        answer = await at.ask()

        assert answer.startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 3
        assert len(at.open_connections) <= 100
        async with asyncio.timeout(5):  # some may not have been let in yet
            while at.open_connections.cut < 400:  # noqa: ASYNC110  (doors tell nobody)
                await asyncio.sleep(0.005)


async def test_longest_waiting_goes_first() -> None:
    async with place(most=3) as at, AsyncExitStack() as stack:
        readers = []
        for number in range(4):
            reader, writer = await at.open(HALF_HEADER)
            stack.callback(writer.close)
            readers.append(reader)
            await at.inside(min(number + 1, 3))

        assert await asyncio.wait_for(readers[0].read(), 5) == b""
        assert at.open_connections.cut == 1


async def test_request_that_came_whole_is_not_cut_for_another() -> None:
    async with place(most=2) as at, AsyncExitStack() as stack:
        at.go_on.clear()
        reader, writer = await at.open(WHOLE)
        stack.callback(writer.close)
        await at.inside(1)
        await asyncio.sleep(0.05)
        for _ in range(5):
            _, stuck = await at.open(HALF_HEADER)
            stack.callback(stuck.close)
            await asyncio.sleep(0.01)

        at.go_on.set()

        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")


async def test_nobody_gets_in_while_everybody_inside_is_served() -> None:
    async with place(most=1) as at, AsyncExitStack() as stack:
        at.go_on.clear()
        reader, writer = await at.open(WHOLE)
        stack.callback(writer.close)
        await at.inside(1)
        await asyncio.sleep(0.05)

        refused, other = await at.open(WHOLE)
        stack.callback(other.close)

        with suppress(ConnectionResetError):  # the same no, as the kernel says it
            assert await asyncio.wait_for(refused.read(), 5) == b""
        at.go_on.set()
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")


async def test_kept_connection_is_used_again() -> None:
    async with place(most=2) as at:
        reader, writer = await at.open(WHOLE)
        for _ in range(3):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            assert head.startswith(b"HTTP/1.1 200")
            writer.write(WHOLE)
        assert len(at.open_connections) == 1
        writer.close()
        await at.inside(0)


async def test_half_a_header_is_cut_in_time() -> None:
    async with place(most=5, headers_within_s=0.1) as at:
        reader, writer = await at.open(HALF_HEADER)

        assert await asyncio.wait_for(reader.read(), 5) == b""
        await at.inside(0)
        writer.close()


@pytest.mark.parametrize(
    "nonsense",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\nHost x\r\nA secret line\r\n\r\n"],
)
async def test_what_is_no_http_is_answered_in_our_words_and_counted(nonsense: bytes) -> None:
    async with place(most=5) as at:
        reader, writer = await at.open(nonsense)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"400"
    assert b"\r\nServer: syncd\r\n" in head
    assert b"aiohttp" not in answer
    assert b"secret" not in body
    assert at.told == [RequestRefused(service="public", status=400)]

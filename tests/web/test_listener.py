"""A listener starts, says where, answers what is under way, and ends."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from syncd.domain.errors import ConfigError
from syncd.web.listener import Listener, tcp_site
from tests.web.serving import Started, listening


async def fine(_: web.Request) -> web.Response:
    return web.Response(text="fine")


def application() -> web.Application:
    app = web.Application()
    app.add_routes([web.get("/", fine)])
    return app


async def test_taken_address_is_a_configuration_error_that_names_the_listener() -> None:
    async with listening(application()) as client:
        address = client.base.removeprefix("http://")
        second = Listener("operator", application(), tcp_site(address))

        with pytest.raises(ConfigError, match="operator: cannot listen"):
            await second.run()


async def test_stopped_listener_takes_no_more_connections() -> None:
    async with listening(application()) as client:
        assert (await client.get("/")).body == b"fine"
        port = int(client.base.rpartition(":")[2])

    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_request_under_way_is_answered_before_the_end() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await go_on.wait()
        return web.Response(text="done")

    app = web.Application()
    app.add_routes([web.get("/", slow)])
    listener = Listener("test", app, tcp_site("127.0.0.1:0"))
    status = Started()
    task = asyncio.create_task(listener.run(task_status=status))
    await status.heard.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await begun.wait()

    listener.stop()
    go_on.set()
    answer = await asyncio.wait_for(reader.read(), 5)
    await asyncio.wait_for(task, 5)

    assert answer.endswith(b"done")
    writer.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_headers_that_do_not_come_cut_the_connection(begun: bytes) -> None:
    listener = Listener("test", application(), tcp_site("127.0.0.1:0"), headers_within_s=0.05)
    status = Started()
    task = asyncio.create_task(listener.run(task_status=status))
    await status.heard.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(begun)

    assert await asyncio.wait_for(reader.read(), 5) == b""

    writer.close()
    listener.stop()
    await asyncio.wait_for(task, 5)

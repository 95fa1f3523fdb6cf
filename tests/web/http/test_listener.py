"""A listener starts, says where, answers what is under way, and ends."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from aiohttp import web

from syncd.domain.errors import ConfigError
from syncd.web.http.deadlines import OpenConnections
from syncd.web.http.listener import Listener, SiteFactory, tcp_site
from tests.web.support.serving import Started, listening


async def fine(_: web.Request) -> web.Response:
    return web.Response(text="fine")


def application() -> web.Application:
    app = web.Application()
    app.add_routes([web.get("/", fine)])
    return app


def listener_of(
    site: SiteFactory,
    *,
    name: str = "test",
    app: web.Application | None = None,
    headers_within_s: float = 5.0,
) -> Listener:
    return Listener(
        name, app or application(), site, service="test", observe=lambda _: None,
        open_connections=OpenConnections(), headers_within_s=headers_within_s,
    )  # fmt: skip


async def test_taken_address_is_a_configuration_error_that_names_the_setting() -> None:
    async with listening(application()) as client:
        address = client.base.removeprefix("http://")
        second = listener_of(tcp_site(address, "server.listen"))

        with pytest.raises(ConfigError) as caught:
            await second.run()

    why = "another program listens there: end it, or set another port"
    assert str(caught.value) == f"server.listen: {address} cannot be listened on: {why}"


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
    listener = listener_of(tcp_site("127.0.0.1:0"), app=app)
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
    listener = listener_of(tcp_site("127.0.0.1:0"), headers_within_s=0.05)
    status = Started()
    task = asyncio.create_task(listener.run(task_status=status))
    await status.heard.wait()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(begun)

    assert await asyncio.wait_for(reader.read(), 5) == b""

    writer.close()
    listener.stop()
    await asyncio.wait_for(task, 5)


@pytest.mark.parametrize("path", ["/", "/nowhere"])
async def test_packed_body_is_never_unpacked(path: str) -> None:
    """Nor while the rest of it is thrown away: 200 MB of zeros in 200 kB."""
    taken: list[int] = []

    async def counted(request: web.Request) -> web.Response:
        taken.append(len(await request.read()))
        return web.Response(text="fine")

    packed = gzip.compress(bytes(200_000_000), 1)
    app = web.Application(client_max_size=2**20)
    app.add_routes([web.post("/", counted)])
    async with listening(app) as client:
        answer = await client.call("POST", path, data=packed, headers={"Content-Encoding": "gzip"})

    assert (answer.status, taken) == ((200, [len(packed)]) if path == "/" else (404, []))


async def test_rest_of_a_body_nobody_wants_is_let_in_for_a_second_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("syncd.web.http.listener.LINGER_S", 0.05)
    async with listening(application()) as client:
        port = int(client.base.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")

        answer = await asyncio.wait_for(reader.read(), 5)

        assert b" 404 " in answer
        writer.close()

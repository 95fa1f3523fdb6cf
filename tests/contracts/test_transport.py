"""The Transport port's promises, held against a real server on a real socket."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from syncd.domain.errors import NotSent, TooLong
from syncd.ports.transport import HttpRequest, Transport
from syncd.runtime.aiohttp_transport import AiohttpTransport

LONG = b'{"Invoices":[' + b'{"Number":"0000000000"},' * 2000 + b"{}]}"


async def answer(request: web.Request) -> web.Response:
    match request.path:
        case "/moved":
            return web.Response(status=302, headers={"Location": "/trap"})
        case "/gzip":
            return web.Response(
                body=gzip.compress(LONG),
                headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
            )
        case "/long":
            return web.Response(body=LONG)
        case "/cookie":
            reply = web.Response(text=request.headers.get("Cookie", "none"))
            reply.set_cookie("session", "1")
            return reply
        case "/trap":
            request.app[TRAPPED].append(request.path)
            return web.Response()
        case _:
            body = await request.read()
            return web.json_response(
                {
                    "method": request.method,
                    "path": request.raw_path,
                    "body": body.decode(),
                    "agent": request.headers.get("User-Agent"),
                    "mine": request.headers.get("X-Mine"),
                },
                status=int(request.headers.get("X-Want", "200")),
                headers={"X-MinLimit-Remaining": "59"},
            )


TRAPPED = web.AppKey("trapped", list[str])


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, list[str]]]:
    app = web.Application()
    app[TRAPPED] = []
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}", app[TRAPPED]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def over_aiohttp() -> AsyncIterator[Transport]:
    async with AiohttpTransport(aiohttp.TCPConnector()) as transport:
        yield transport


every_transport = pytest.mark.parametrize("carrying", [over_aiohttp])


@every_transport
@pytest.mark.parametrize("status", [200, 400, 404, 429, 500, 503])
async def test_transport_hands_over_every_status(carrying: type, status: int) -> None:
    async with serving() as (url, _), carrying() as transport:
        reply = await transport.send(
            HttpRequest(method="GET", url=url, headers={"X-Want": str(status)})
        )

    assert reply.status == status
    assert reply.headers["x-minlimit-remaining"] == "59"


@every_transport
async def test_transport_carries_bytes_headers_and_the_encoded_address(carrying: type) -> None:
    async with serving() as (url, _), carrying() as transport:
        reply = await transport.send(
            HttpRequest(
                method="PUT",
                url=f"{url}/a%2Fb?where=InvoiceNumber%3D%3D%22x%2By%22",
                headers={"X-Mine": "1"},
                body="£".encode(),
            )
        )

    assert b'"path": "/a%2Fb?where=InvoiceNumber%3D%3D%22x%2By%22"' in reply.body
    assert b'"mine": "1"' in reply.body
    assert b'"agent": "syncd"' in reply.body


@every_transport
async def test_transport_follows_no_redirect(carrying: type) -> None:
    async with serving() as (url, trapped), carrying() as transport:
        reply = await transport.send(HttpRequest(method="GET", url=f"{url}/moved"))

    assert (reply.status, trapped) == (302, [])


@every_transport
async def test_transport_counts_bytes_as_received_and_hands_over_plain_ones(carrying: type) -> None:
    async with serving() as (url, _), carrying() as transport:
        reply = await transport.send(HttpRequest(method="GET", url=f"{url}/gzip"))

    assert reply.body == LONG
    assert reply.wire_bytes == len(gzip.compress(LONG))


@every_transport
@pytest.mark.parametrize("path", ["/gzip", "/long"])
async def test_transport_takes_no_more_than_its_limit(carrying: type, path: str) -> None:
    async with serving() as (url, _), carrying() as transport:
        with pytest.raises(TooLong, match="longer than 1,000 bytes"):
            await transport.send(HttpRequest(method="GET", url=url + path, max_bytes=1000))


@every_transport
async def test_transport_keeps_what_a_sift_keeps_and_counts_that(carrying: type) -> None:
    async with serving() as (url, _), carrying() as transport:
        asked = HttpRequest(
            method="GET",
            url=f"{url}/long",
            max_bytes=8000,
            sift=lambda part: part.replace(b"0", b""),
        )
        reply = await transport.send(replace(asked, max_bytes=40_000))
        for limited in (asked, replace(asked, max_bytes=40_000, max_sifted_bytes=40_000)):
            with pytest.raises(TooLong, match=r"longer than (8|40),000 bytes"):
                await transport.send(limited)

    assert reply.body == LONG.replace(b"0", b"")


@every_transport
async def test_transport_keeps_no_cookies(carrying: type) -> None:
    async with serving() as (url, _), carrying() as transport:
        await transport.send(HttpRequest(method="GET", url=f"{url}/cookie"))
        reply = await transport.send(HttpRequest(method="GET", url=f"{url}/cookie"))

    assert reply.body == b"none"


@every_transport
async def test_transport_says_not_sent_when_nobody_is_there(carrying: type) -> None:
    async with carrying() as transport:
        with pytest.raises(NotSent):
            await transport.send(HttpRequest(method="PUT", url="http://127.0.0.1:1/", body=b"{}"))


def test_exchange_shows_no_secret() -> None:
    request = HttpRequest(
        method="GET", url="http://x", headers={"Authorization": "Bearer canary"}, body=b"canary"
    )

    assert "canary" not in repr(request)


async def test_nothing_leaves_once_it_may_not() -> None:
    """Asked when the connection stands, right before the first byte: whoever was paused is late."""
    allowed: list[bool] = [True, False]
    async with serving() as (url, _):
        made = AiohttpTransport(aiohttp.TCPConnector(), may_leave=lambda: allowed.pop(0))
        async with made as transport:
            first = await transport.send(HttpRequest(method="POST", url=url, body=b"1"))
            with pytest.raises(NotSent, match="works no more"):
                await transport.send(HttpRequest(method="POST", url=url, body=b"2"))

    assert first.status == 200
    assert allowed == []

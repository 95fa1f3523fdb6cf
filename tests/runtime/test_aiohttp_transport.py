"""What only the aiohttp transport can get wrong: second sends, sockets, Unix paths."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import anyio
import pytest
from aiohttp import web

from syncd.domain.errors import NotSent, OutcomeUnknown
from syncd.ports.transport import HttpRequest
from syncd.runtime.aiohttp_transport import AiohttpTransport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    writers: list[asyncio.StreamWriter] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await handler(reader, writer)

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + await reader.readexactly(length)


def transport() -> AiohttpTransport:
    return AiohttpTransport(aiohttp.TCPConnector(limit=5), system="xero")


@pytest.mark.parametrize("method", ["PUT", "GET"])
async def test_transport_never_sends_a_second_time_when_a_kept_alive_connection_drops(
    method: str,
) -> None:
    """aiohttp alone sends idempotent requests again (issue 10790); the server counts arrivals."""
    arrived: list[bytes] = []

    async def answer_once_then_hang_up(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        arrived.append(await read_request(reader))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        with contextlib.suppress(asyncio.IncompleteReadError):
            arrived.append(await read_request(reader))
        writer.close()

    async with listening(answer_once_then_hang_up) as url, transport() as carrier:
        body = b"{}" if method == "PUT" else None
        await carrier.send(HttpRequest(method=method, url=f"{url}/first", body=body))
        with pytest.raises(OutcomeUnknown):
            await carrier.send(HttpRequest(method=method, url=f"{url}/second", body=body))

    assert [line.split(b" ")[1] for line in arrived] == [b"/first", b"/second"]


async def test_half_an_answer_is_an_unknown_outcome() -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Invoices":[')
        await writer.drain()
        writer.close()

    async with listening(half) as url, transport() as carrier:
        with pytest.raises(OutcomeUnknown):
            await carrier.send(HttpRequest(method="POST", url=url, body=b"{}"))


async def test_answer_that_is_no_http_is_an_unknown_outcome() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"hello there\r\n\r\n")
        await writer.drain()
        writer.close()

    async with listening(babble) as url, transport() as carrier:
        with pytest.raises(OutcomeUnknown):
            await carrier.send(HttpRequest(method="POST", url=url, body=b"{}"))


async def test_silence_is_an_unknown_outcome_after_the_requests_own_limit() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with listening(silent) as url, transport() as carrier:
        with pytest.raises(OutcomeUnknown, match=r"within 0\.05 s"):
            await carrier.send(HttpRequest(method="PUT", url=url, body=b"{}", timeout_s=0.05))


async def test_refused_connection_is_surely_not_sent() -> None:
    async with listening(_never) as url:
        pass

    async with transport() as carrier:
        with pytest.raises(NotSent):
            await carrier.send(HttpRequest(method="PUT", url=url, body=b"{}"))


async def test_request_that_no_connection_was_free_for_is_surely_not_sent() -> None:
    arrived = anyio.Event()

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.set()
        await reader.read()
        writer.close()

    one = AiohttpTransport(aiohttp.TCPConnector(limit=1))
    async with listening(busy) as url, one as carrier, anyio.create_task_group() as group:
        group.start_soon(carrier.send, HttpRequest(method="GET", url=f"{url}/slow"))
        await arrived.wait()
        with pytest.raises(NotSent) as caught:
            await carrier.send(
                HttpRequest(method="PUT", url=f"{url}/a?where=canary", body=b"{}", timeout_s=0.2)
            )
        group.cancel_scope.cancel()

    assert "canary" not in str(caught.value)


async def _never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Nobody comes here."""


async def test_error_never_shows_query_headers_or_body() -> None:
    async with transport() as carrier:
        with pytest.raises(NotSent) as caught:
            await carrier.send(
                HttpRequest(
                    method="PUT",
                    url="http://127.0.0.1:1/Invoices?where=canary-1",
                    headers={"Authorization": "Bearer canary-2"},
                    body=b"canary-3",
                )
            )

    assert "canary" not in str(caught.value)
    assert caught.value.system == "xero"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"canary-1\r\n\r\n", "Bad status line"),
        (b"HTTP/1.1 200 OK\r\ncanary-1\r\n\r\n", "Invalid header token"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary-1\r\n", "chunk size"),
        (b"HTTP/1.1 200 OK\r\nA: " + 9000 * b"canary-1" + b"\r\n\r\n", "more than 8190 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\ncanary-1",
            "content-encoding",
        ),
    ],
)
async def test_answer_that_breaks_http_is_told_without_its_bytes_and_the_query(
    answer: bytes, why: str
) -> None:
    """Tokens come in answers, and names and numbers are asked for in queries."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with listening(babble) as url, transport() as carrier:
        with pytest.raises(OutcomeUnknown, match=why) as caught:
            await carrier.send(HttpRequest(method="GET", url=f"{url}/Invoices?where=canary-2"))

    assert "canary" not in str(caught.value)


async def test_transport_runs_over_a_unix_path(tmp_path: Path) -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    app = web.Application()
    app.router.add_get("/{tail:.*}", hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "s")).start()
    try:
        async with AiohttpTransport(aiohttp.UnixConnector(str(tmp_path / "s"))) as carrier:
            answer = await carrier.send(HttpRequest(method="GET", url="http://xero.test/a%2Fb"))
    finally:
        await runner.cleanup()

    assert (answer.status, answer.body) == (200, b"/a/b")


async def test_an_answer_without_a_body_is_an_answer() -> None:
    """204, as Xero answers a disconnect, has no body and no counted bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with listening(answer) as url, transport() as carrier:
        found = await carrier.send(HttpRequest(method="DELETE", url=f"{url}/connections/1"))

    assert (found.status, found.body, found.wire_bytes) == (204, b"", 0)

"""What goes the short way is what aiohttp would have read, and is answered as it would answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpRequestParser
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import StoreFull
from syncd.web.api.application import public_application
from syncd.web.http.deadlines import MOST_HEADERS, OpenConnections
from syncd.web.http.listener import Listener, tcp_site
from syncd.web.http.short_way import MOST_PACKET_BYTES, ShortWay
from tests.web.support.serving import Started

GOOD, BODY = "right", b'{"events":[]}'
WITHIN_S = 5.0
DATE = re.compile(rb"\r\nDate: [^\r]*")


@dataclass
class Books:
    """Stores when it is let; a signature is right when it says so."""

    path: str = "/hook"
    signature: str = "x-signature"
    stored: list[bytes] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    asked: int = 0
    fails: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def is_signed(self, _: bytes, signature: str) -> bool:
        return signature == GOOD

    async def store(self, bodies: Sequence[bytes]) -> None:
        self.asked += 1
        await self.go_on.wait()
        if self.fails:
            self.fails -= 1
            raise StoreFull("no space")
        self.batches.append(len(bodies))
        self.stored += bodies

    async def answer(self, request: web.Request) -> web.Response:
        """The long way."""
        body = await request.read()
        if not self.is_signed(body, request.headers.get(self.signature, "")):
            return web.Response(status=401)
        try:
            await self.store([body])
        except StoreFull:
            return web.Response(status=503)
        return web.Response()


def packet(
    *lines: str, body: bytes = BODY, start: str = "POST /hook HTTP/1.1", signature: str = GOOD
) -> bytes:
    """A request as Xero sends it, `lines` among its headers."""
    fields = ("Host: sync.example.com", "Content-Type: application/json; charset=utf-8", *lines)
    signed = (*fields, f"X-Signature: {signature}", f"Content-Length: {len(body)}")
    return "\r\n".join((start, *signed, "", "")).encode("latin-1") + body


def way() -> ShortWay:
    return ShortWay(Books())


PLAIN = [
    packet(),
    packet("Accept: */*", "Accept-Encoding: gzip,deflate", "User-Agent: Xero/1.0 (a; b)"),
    packet("X-Forwarded-For: 10.0.0.1, 10.0.0.2", "x-forwarded-proto:https", "X-Empty:"),
    packet(body=bytes(range(256))),
    packet(body=b"x" * 9000),
]
"""Of these each is taken."""
NOT_PLAIN = [
    packet(signature="wrong"),
    packet(start="POST /hook/ HTTP/1.1"),
    packet(start="POST /hook?a=b HTTP/1.1"),
    packet(start="POST http://x/hook HTTP/1.1"),
    packet(start="post /hook HTTP/1.1"),
    packet(start="PUT /hook HTTP/1.1"),
    packet(start="POST /hook HTTP/1.0"),
    packet(start="POST  /hook HTTP/1.1"),
    packet("Connection: close"),
    packet("Connection: upgrade", "Upgrade: websocket"),
    packet("Expect: 100-continue"),
    packet("Content-Encoding: gzip"),
    packet("Content-Length: 13"),
    packet("X-Signature: right"),
    packet("Transfer-Encoding: chunked"),
    packet("X-Odd : x"),
    packet("X-Odd: \t x"),
    packet("X-Odd: é"),
    packet("X-Odd: a\r\n folded"),
    packet("X-Odd: \0"),
    packet("no field"),
    packet(*(f"X-{at}: x" for at in range(40))),
    packet("X-Long: " + "a" * 5000),
    packet().replace(b"\r\n", b"\n"),
    packet().replace(b"Content-Length: 13", b"Content-Length: +13"),
    packet().replace(b"Content-Length: 13", b"Content-Length: 013"),
    packet().replace(b"Content-Length: 13", b"Content-Length: 13, 13"),
    packet(body=b""),
    packet(body=bytes(MOST_PACKET_BYTES)),
    packet()[:-1],
    packet() + packet(),
    packet() + b"\r\n",
    packet()[:40],
    b"\x16\x03\x01\x02\x00\x01\x00",
]


@pytest.mark.parametrize("asked", PLAIN)
def test_plain_request_is_taken(asked: bytes) -> None:
    assert way().body_of(asked) == asked.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("asked", NOT_PLAIN)
def test_everything_else_is_not(asked: bytes) -> None:
    assert way().body_of(asked) is None


def as_aiohttp_reads(asked: bytes) -> tuple[str, str, str, bool, bytes]:
    """Method, path, signature, whether the connection is kept, body; of exactly one request."""
    loop = asyncio.new_event_loop()
    try:
        parser = HttpRequestParser(
            BaseProtocol(loop), loop, 2**16, max_headers=MOST_HEADERS, auto_decompress=False
        )
        messages, is_upgraded, tail = parser.feed_data(asked)
        ((message, payload),) = messages
        assert (is_upgraded, tail, payload.is_eof()) == (False, b"", True)
        assert message.compression is None
        assert not message.chunked
        (signature,) = message.headers.getall("x-signature")
        body = payload.read_nowait()
        return message.method, message.path, signature, not message.should_close, body
    finally:
        loop.close()


ODD = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"\0", b"\x80", b",", b"0", b"Content-Length: 3\r\n",
     b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Expect: 100-continue\r\n",
     b"POST /hook HTTP/1.1\r\n", b"X-Signature: right\r\n", b"\r\n\r\n", BODY]
)  # fmt: skip


@given(st.sampled_from(PLAIN), st.data())
def test_whatever_is_taken_aiohttp_reads_the_same(asked: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(asked)))
        to = data.draw(st.integers(at, min(len(asked), at + 20)))
        asked = asked[:at] + data.draw(ODD | st.binary(max_size=3)) + asked[to:]

    taken = way().body_of(asked)

    if taken is not None:
        assert as_aiohttp_reads(asked) == ("POST", "/hook", GOOD, True, taken)


@dataclass
class Place:
    books: Books
    port: int
    doors: OpenConnections
    stop: asyncio.Event

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def answers(self, *packets: bytes) -> bytes:
        """All that is answered to these, one after another, until the line is quiet or cut."""
        reader, writer = await self.open()
        found = b""
        try:
            for each in packets:
                writer.write(each)
                await writer.drain()
                try:
                    while part := await asyncio.wait_for(reader.read(2**16), 0.1):
                        found += part
                except TimeoutError:
                    continue
                return DATE.sub(b"", found) + b"<cut>"
            return DATE.sub(b"", found)
        finally:
            writer.close()

    async def asks(self, count: int) -> None:
        """Wait until so many stores were asked for."""
        async with asyncio.timeout(5):
            while self.books.asked < count:  # noqa: ASYNC110  (books tell nobody)
                await asyncio.sleep(0.005)


@asynccontextmanager
async def place(
    *, is_short: bool = True, within_s: float = WITHIN_S, most: int = 50
) -> AsyncIterator[Place]:
    books, doors = Books(), OpenConnections(most=most)
    books.go_on.set()
    listener = Listener(
        "test",
        public_application([web.post("/hook", books.answer)], observe=lambda _: None),
        tcp_site("127.0.0.1:0"),
        service="public",
        observe=lambda _: None,
        open_connections=doors,
        headers_within_s=within_s,
        short_way=ShortWay(books) if is_short else None,
    )
    status, stop = Started(), asyncio.Event()
    task = asyncio.create_task(listener.run(task_status=status))
    await status.heard.wait()
    assert listener.port is not None

    async def stopping() -> None:
        await stop.wait()
        listener.stop()

    stopper = asyncio.create_task(stopping())
    yield Place(books, listener.port, doors, stop)
    books.go_on.set()
    stop.set()
    await asyncio.wait_for(asyncio.gather(task, stopper), 10)


SERIES = [
    *((each,) for each in PLAIN),
    *((each,) for each in NOT_PLAIN[:24]),
    (packet(), packet()),
    (packet(), packet(signature="wrong"), packet()),
    (packet()[:30], packet()[30:]),
    (packet()[:-3], packet()[-3:]),
    (packet()[:-13], packet()[-13:], packet()),
    (packet() + packet(),),
    (packet(), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", packet()),
]


async def both_ways(packets: tuple[bytes, ...]) -> None:
    async with place() as short, place(is_short=False) as long:
        answers = await asyncio.gather(short.answers(*packets), long.answers(*packets))

    assert answers[0] == answers[1]
    assert short.books.stored == long.books.stored


@pytest.mark.parametrize("packets", SERIES)
async def test_both_ways_answer_the_same(packets: tuple[bytes, ...]) -> None:
    await both_ways(packets)


@pytest.mark.parametrize("packets", SERIES[-7:])
def test_both_ways_answer_the_same_on_the_daemons_loop(packets: tuple[bytes, ...]) -> None:
    uvloop = pytest.importorskip("uvloop")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(both_ways(packets))


async def test_answer_waits_until_it_is_stored() -> None:
    async with place() as at:
        at.books.go_on.clear()
        reader, writer = await at.open()
        writer.write(packet())
        await at.asks(1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)

        at.books.go_on.set()

        assert (await asyncio.wait_for(reader.readline(), 5)) == b"HTTP/1.1 200 OK\r\n"
        assert at.books.stored == [BODY]
        writer.close()


async def test_what_comes_while_others_are_stored_is_stored_together() -> None:
    async with place() as at, AsyncExitStack() as stack:
        at.books.go_on.clear()
        lines = [await at.open() for _ in range(20)]
        for _, writer in lines:
            stack.callback(writer.close)
        lines[0][1].write(packet())
        await at.asks(1)
        for _, writer in lines[1:]:
            writer.write(packet())
        await asyncio.sleep(0.1)
        at.books.go_on.set()

        for reader, _ in lines:
            assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
        assert at.books.batches == [1, 19]


async def test_what_was_not_stored_is_asked_once_more_the_long_way() -> None:
    async with place() as at:
        at.books.fails = 1
        assert (await at.answers(packet())).startswith(b"HTTP/1.1 200")
        at.books.fails = 2
        assert (await at.answers(packet())).startswith(b"HTTP/1.1 503")

    assert at.books.stored == [BODY]


async def test_request_that_is_being_stored_is_not_cut_for_another() -> None:
    async with place(most=1) as at:
        at.books.go_on.clear()
        reader, writer = await at.open()
        writer.write(packet())
        await at.asks(1)
        _, other = await at.open()
        await asyncio.sleep(0.05)
        other.close()

        at.books.go_on.set()

        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_quiet_line_is_closed_in_time_and_one_that_waits_for_its_answer_is_not() -> None:
    async with place(within_s=0.2) as at:
        at.books.go_on.clear()
        quiet, first = await at.open()
        busy, second = await at.open()
        second.write(packet())
        assert await asyncio.wait_for(quiet.read(), 5) == b""
        await asyncio.sleep(0.3)

        at.books.go_on.set()

        assert (await asyncio.wait_for(busy.read(), 5)).startswith(b"HTTP/1.1 200")
        for writer in (first, second):
            writer.close()


async def test_stop_answers_what_is_under_way_and_closes_the_rest() -> None:
    async with place() as at:
        at.books.go_on.clear()
        reader, writer = await at.open()
        quiet, other = await at.open()
        writer.write(packet())
        await at.asks(1)
        at.stop.set()
        await asyncio.sleep(0.05)

        at.books.go_on.set()

        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 200")
        assert await asyncio.wait_for(quiet.read(), 5) == b""
        for each in (writer, other):
            each.close()


async def test_requests_behind_one_that_is_being_stored_are_answered_in_turn() -> None:
    async with place() as at:
        at.books.go_on.clear()
        reader, writer = await at.open()
        writer.write(packet())
        await at.asks(1)
        writer.write(packet(body=b"second"))
        await asyncio.sleep(0.05)
        writer.write(packet(body=b"third"))
        at.books.go_on.set()

        for _ in range(3):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            assert head.startswith(b"HTTP/1.1 200")
        assert at.books.stored == [BODY, b"second", b"third"]
        writer.close()


class Line(asyncio.Transport):
    """A connection of which nothing is asked here."""


@dataclass
class Heard:
    """What aiohttp's protocol is told."""

    told: list[object] = field(default_factory=list)

    def connection_made(self, _: asyncio.BaseTransport) -> None:
        self.told.append("made")

    def pause_writing(self) -> None:
        self.told.append("full")

    def resume_writing(self) -> None:
        self.told.append("not full")

    def data_received(self, data: bytes) -> None:
        self.told.append(data)


async def test_sender_who_reads_no_answers_is_left_to_aiohttp() -> None:
    heard = Heard()
    front = way().in_front(within_s=WITHIN_S)
    line = front(OpenConnections(), lambda: cast("web.RequestHandler", heard))
    line.connection_made(Line())

    line.pause_writing()
    line.data_received(packet())
    line.resume_writing()

    assert heard.told == ["made", "full", packet(), "not full"]

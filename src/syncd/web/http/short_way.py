"""Takes a plain request that came whole in one packet past aiohttp, which gets everything else.

Used in front of the public listener's connections (`listener`), for the one path whose requests
come by the thousand. What is plain says `ShortWay.body_of`: aiohttp reads the same request from
such a packet. All that came while others were being stored is stored together, and only then
answered. 200 is the only answer given here. A signature that does not fit, a store that fails, a
packet that is less or more than a request: such bytes go to aiohttp as they came, and their
connection stays with it, with all its deadlines and answers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, cast

import anyio
from aiohttp import web
from aiohttp.helpers import rfc822_formatted_time

from syncd.web.http.deadlines import NEUTRAL_HEADERS, InFront, MakeInner, OpenConnections

MOST_PACKET_BYTES = 64 * 1024
"""A webhook of Xero's has one or a few kilobytes; a larger one takes the long way."""
MOST_HEAD_BYTES = 4096
MOST_FIELDS = 32
_FIELD = rb"[A-Za-z0-9-]+: ?(?:[!-~](?:[ -~]*[!-~])?)?\r\n"
_PARTS = re.compile(rb"([^:]+): ?([^\r]*)\r\n")
_LENGTH = re.compile(rb"[1-9][0-9]{0,5}")
_NOT_PLAIN = frozenset(
    b"connection content-encoding expect http2-settings keep-alive proxy-connection te trailer "
    b"transfer-encoding upgrade".split()
)
"""They ask for something else than to be read and answered."""
_ANSWER = (
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {}\r\n"
    + "".join(f"{name}: {value}\r\n" for name, value in NEUTRAL_HEADERS.items())
    + "\r\n"
)
"""What aiohttp and `listener` make of an empty 200, byte for byte."""
Ended = Callable[[bool], None]


class Taker(Protocol):
    """Whose requests they are: posted to `path`, signed in the header `signature`."""

    path: str
    signature: str

    def is_signed(self, body: bytes, signature: str) -> bool:
        """Whether the signature belongs to these bytes."""
        ...

    async def store(self, bodies: Sequence[bytes]) -> None:
        """All of them are on disk when this returns; else it raises."""
        ...


class ShortWay:
    """The requests of one `Taker` that have come, and their storing."""

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self._signature = taker.signature.lower().encode()
        self._head = re.compile(
            b"POST %s HTTP/1\\.1\r\n((?:%s){1,%d})\r\n"
            % (re.escape(taker.path.encode()), _FIELD, MOST_FIELDS)
        )
        self._come: list[tuple[bytes, Ended]] = []
        self._wake = anyio.Event()
        self._is_stopping = False

    def in_front(self, *, within_s: float) -> InFront:
        """Makes what meets each connection; one with nothing to say for `within_s` is closed."""
        return partial(_Connection, way=self, within_s=within_s)

    def body_of(self, packet: bytes) -> bytes | None:
        """The body of a packet that is one plain, rightly signed request, no more and no less."""
        if self._is_stopping or len(packet) > MOST_PACKET_BYTES:
            return None
        head = self._head.match(packet, 0, MOST_HEAD_BYTES)
        if head is None:
            return None
        fields = _PARTS.findall(head[1])
        found = {name.lower(): value for name, value in fields}
        if len(found) != len(fields) or not _NOT_PLAIN.isdisjoint(found):
            return None
        body, length = packet[head.end() :], found.get(b"content-length", b"")
        if not _LENGTH.fullmatch(length) or int(length) != len(body):
            return None
        signature = found.get(self._signature, b"").decode("ascii")
        return body if self._taker.is_signed(body, signature) else None

    def take(self, body: bytes, ended: Ended) -> None:
        """Store it with the next; `ended` is told whether it is on disk."""
        self._come.append((body, ended))
        self._wake.set()

    async def run(self) -> None:
        """Store what comes until stopped, and all that came before."""
        while self._come or not self._is_stopping:
            await self._wake.wait()
            self._wake = anyio.Event()
            batch, self._come = self._come, []
            is_stored = bool(batch) and await self._store([body for body, _ in batch])
            for _, ended in batch:
                ended(is_stored)

    def stop(self) -> None:
        """Take nothing more."""
        self._is_stopping = True
        self._wake.set()

    async def _store(self, bodies: Sequence[bytes]) -> bool:
        try:
            await self._taker.store(bodies)
        except Exception:  # noqa: BLE001  (each goes the long way, fails there alone, and is told of)
            return False
        return True


class _Connection(asyncio.Protocol):
    """One connection: its plain requests one after another, until something is not plain.

    From then on it is aiohttp's.
    """

    def __init__(
        self,
        doors: OpenConnections,
        make_inner: MakeInner,
        *,
        way: ShortWay,
        within_s: float,
    ) -> None:
        self._doors = doors
        self._make_inner = make_inner
        self._way = way
        self._within_s = within_s
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._inner: web.RequestHandler | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._quiet_since_s = 0.0
        self._asked: bytes | None = None
        """The request that is being stored, as it came."""
        self._next = b""
        """What came behind it."""
        self._is_full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        whole = cast("asyncio.Transport", transport)
        if not self._doors.opened(whole):
            whole.abort()
            return
        self._transport = whole
        self._quiet_since_s = self._loop.time()
        self._clock = self._loop.call_later(self._within_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is None:
            return
        self._doors.closed(self._transport)
        self._transport = None
        if self._clock is not None:
            self._clock.cancel()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # uvloop asks for this method once a connection, so it cannot be exchanged on the way.
        if self._inner is not None:
            self._inner.data_received(data)
        elif self._transport is None:
            return
        elif self._asked is not None:
            self._next += data
            self._transport.pause_reading()  # no more than one read of it
        elif self._is_full or (body := self._way.body_of(data)) is None:
            self._go_the_long_way(self._transport, data)
        else:
            self._asked = data
            self._doors.begun(self._transport)
            self._way.take(body, self._ended)

    def pause_writing(self) -> None:
        self._is_full = True
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._is_full = False
        if self._inner is not None:
            self._inner.resume_writing()

    def _ended(self, is_stored: bool) -> None:  # noqa: FBT001  (a callback's one word)
        asked, self._asked = self._asked or b"", None
        transport = self._transport
        if transport is None:
            return
        self._doors.ended(transport)
        if transport.is_closing():
            return
        behind, self._next = self._next, b""
        if behind:
            transport.resume_reading()
        if not is_stored:
            self._go_the_long_way(transport, asked + behind)
            return
        transport.write(_ANSWER.format(rfc822_formatted_time()).encode())
        self._quiet_since_s = self._loop.time()
        if behind:
            self.data_received(behind)

    def _look(self) -> None:
        """Close it when it has been quiet for too long; else look again when that may be."""
        if self._transport is None or self._inner is not None:
            return
        now_s = self._loop.time()
        if self._asked is not None:
            self._quiet_since_s = now_s
        due_s = self._quiet_since_s + self._within_s
        if now_s < due_s:
            self._clock = self._loop.call_at(due_s, self._look)
        else:
            self._transport.close()

    def _go_the_long_way(self, transport: asyncio.Transport, data: bytes) -> None:
        inner = self._inner = self._make_inner()
        inner.connection_made(transport)
        if self._is_full:
            inner.pause_writing()
        inner.data_received(data)

"""One end of a pretend connection: an asyncio transport whose wire is the other end's inbox.

Made by `memory_net` in pairs, one for each side. What is posted to an inbox carries its arrival
time and never overtakes; the end's process takes it when the time has come and it is reading.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Protocol

from syncd.lab.virtual.net_policy import Connection, Direction, NetPolicy
from syncd.lab.virtual.processes import OWNER
from syncd.lab.virtual.trace import Trace

SOCKET_BUFFER_BYTES = 65_536
"""What a pretend kernel takes before bytes count as waiting in the sender's own buffer."""
_HIGH_WATER_BYTES = 65_536  # asyncio's own default
_CHUNK_BYTES = 262_144  # asyncio reads at most this much at once


class _End(Enum):
    EOF = auto()
    RESET = auto()


class Wire(Protocol):
    """What an end needs of the network around it."""

    policy: NetPolicy
    trace: Trace

    def forget(self, end: MemoryTransport) -> None:
        """Strike a finished end off the list."""


class MemoryTransport(asyncio.Transport):
    """An ordered, flow-controlled byte stream to `peer`; `outward` is the way its writes go."""

    peer: MemoryTransport

    def __init__(
        self,
        *,
        wire: Wire,
        loop: asyncio.AbstractEventLoop,
        conn: Connection,
        outward: Direction,
        context: contextvars.Context,
        names: Mapping[str, object],
    ) -> None:
        super().__init__(extra=names)
        self.conn = conn
        self.outward = outward
        self.owner = context.get(OWNER)
        self.protocol: asyncio.BaseProtocol | None = None
        self.context = context
        self._wire = wire
        self._loop = loop
        self._inbox: deque[tuple[float, bytes | _End]] = deque()
        self._inbox_bytes = 0  # not yet taken by this end: in flight, or waiting unread
        self._last_arrival_at = -math.inf
        self._is_armed = False  # a callback that takes from the inbox is on its way
        self._is_reading = True
        self._is_closing = False
        self._is_lost = False
        self._has_sent_eof = False
        self._is_write_paused = False
        self._is_resume_due = False
        self._high_bytes, self._low_bytes = _HIGH_WATER_BYTES, _HIGH_WATER_BYTES // 4

    # --- life ---------------------------------------------------------------------------------

    def open(self, factory: Callable[[], asyncio.BaseProtocol]) -> None:
        """Make the protocol and tell it; must run in this end's context."""
        if self._is_lost:
            return
        self.protocol = factory()
        self.protocol.connection_made(self)
        self._arm()

    def is_closing(self) -> bool:
        """Whether this end is closed or about to be."""
        return self._is_closing

    def close(self) -> None:
        """Send what was written, then end of file; this end hears no more."""
        if not self._is_closing:
            self._hang_up()
            self._lose(None)

    def abort(self) -> None:
        """Reset the connection; the peer sees ConnectionResetError."""
        if not self._is_lost:
            self._end_peer(_End.RESET)
            self._lose(None)

    def refuse(self) -> None:
        """Reset a connection that nobody will accept."""
        self._end_peer(_End.RESET)
        self._is_closing = self._is_lost = True
        self._wire.forget(self)

    def die(self) -> None:
        """The owner was killed: the kernel closes the socket, the owner's protocol never knows."""
        if not self._is_closing:
            self._hang_up()
        self._is_closing = self._is_lost = True

    def _hang_up(self) -> None:
        self._is_closing = True
        if self._inbox_bytes:
            self._end_peer(_End.RESET)
        elif not self._has_sent_eof:
            self._end_peer(_End.EOF)

    def _end_peer(self, end: _End) -> None:
        self._is_closing = self._has_sent_eof = True
        self.peer.post(end, self._wire.policy.latency_s(self.conn, self.outward, 0))

    def _lose(self, error: Exception | None) -> None:
        if self._is_lost:
            return
        self._is_closing = self._is_lost = True
        self._inbox.clear()
        self._inbox_bytes = 0
        self._loop.call_soon(self._tell_lost, error, context=self.context)

    def _tell_lost(self, error: Exception | None) -> None:
        self._wire.forget(self)
        if self.protocol is not None:
            self.protocol.connection_lost(error)

    # --- reading ------------------------------------------------------------------------------

    def post(self, item: bytes | _End, latency_s: float) -> None:
        """Let an item arrive here after `latency_s`, behind everything posted before."""
        if self._is_lost:
            if isinstance(item, bytes):  # nobody is there: the kernel answers with a reset
                self.peer.post(_End.RESET, latency_s)
            return
        arrival_at = max(self._last_arrival_at, self._loop.time() + latency_s)
        self._last_arrival_at = arrival_at
        self._inbox.append((arrival_at, item))
        if isinstance(item, bytes):
            self._inbox_bytes += len(item)
        self._arm()

    def is_reading(self) -> bool:
        """Whether this end takes what arrives."""
        return self._is_reading and not self._is_closing

    def pause_reading(self) -> None:
        """Leave what arrives in the inbox."""
        self._is_reading = False

    def resume_reading(self) -> None:
        """Take from the inbox again."""
        self._is_reading = True
        self._arm()

    def _arm(self) -> None:
        if self._is_armed or not self._inbox or not self._is_reading or self.protocol is None:
            return
        arrival_at = self._inbox[0][0]
        if arrival_at == math.inf:
            return
        self._is_armed = True
        if arrival_at <= self._loop.time():
            self._loop.call_soon(self._take, context=self.context)
        else:
            self._loop.call_at(arrival_at, self._take, context=self.context)

    def _take(self) -> None:
        self._is_armed = False
        now = self._loop.time()
        while self._inbox and self._is_reading and self._inbox[0][0] <= now:
            item = self._inbox.popleft()[1]
            if isinstance(item, bytes):
                self._take_bytes(item, now)
            else:
                self._take_end(item)
        self._arm()

    def _take_bytes(self, data: bytes, now: float) -> None:
        inbox = self._inbox
        if inbox and inbox[0][0] <= now and isinstance(inbox[0][1], bytes):
            parts, size = [data], len(data)
            while inbox and inbox[0][0] <= now and size < _CHUNK_BYTES:
                more = inbox[0][1]
                if not isinstance(more, bytes):
                    break
                inbox.popleft()
                parts.append(more)
                size += len(more)
            data = b"".join(parts)
        self._inbox_bytes -= len(data)
        self.peer.room_made()
        way = self.peer.outward.value
        self._wire.trace.note("net", self.conn.number, way, len(data), zlib.crc32(data))
        assert isinstance(self.protocol, asyncio.Protocol)
        try:
            self.protocol.data_received(data)
        except Exception as error:  # noqa: BLE001 - asyncio's transports end the connection likewise
            self._report(error)

    def _report(self, error: Exception) -> None:
        self._loop.call_exception_handler(
            {"message": "Fatal error: protocol.data_received() call failed.", "exception": error}
        )
        self._lose(error)

    def _take_end(self, end: _End) -> None:
        way = self.peer.outward.value
        self._wire.trace.note(end.name.lower(), self.conn.number, way)
        if end is _End.RESET:
            self._lose(ConnectionResetError("Connection reset by peer"))
            return
        assert isinstance(self.protocol, asyncio.Protocol)
        if not self.protocol.eof_received():
            self.close()

    # --- writing ------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; what the policy cuts ends the connection on both sides."""
        if self._is_closing or not data or (self.owner is not None and not self.owner.alive):
            return  # asyncio drops writes to a closed transport as well
        if self._has_sent_eof:
            raise RuntimeError("Cannot call write() after write_eof()")
        policy, sent = self._wire.policy, bytes(data)
        kept = policy.cut(self.conn, self.outward, len(sent))
        if kept is not None:
            sent = sent[:kept]
        if sent:
            self.peer.post(sent, policy.latency_s(self.conn, self.outward, len(sent)))
        if kept is not None:
            self._wire.trace.note("cut", self.conn.number, self.outward.value, len(sent))
            self._end_peer(_End.RESET)
            self._lose(ConnectionResetError("Connection cut"))
        elif not self._is_write_paused and self.get_write_buffer_size() > self._high_bytes:
            self._is_write_paused = True
            if self.protocol is not None:
                self.protocol.pause_writing()

    def can_write_eof(self) -> bool:
        """A half-closed connection is possible."""
        return True

    def write_eof(self) -> None:
        """Tell the peer that nothing more comes; reading goes on."""
        if not self._is_closing and not self._has_sent_eof:
            self._has_sent_eof = True
            self.peer.post(_End.EOF, self._wire.policy.latency_s(self.conn, self.outward, 0))

    def get_write_buffer_size(self) -> int:
        """Bytes not taken by the peer beyond what the pretend kernel holds."""
        return max(0, self.peer._inbox_bytes - SOCKET_BUFFER_BYTES)  # noqa: SLF001 - one pair

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """The low and the high mark, in bytes."""
        return self._low_bytes, self._high_bytes

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the marks; a missing one follows the other as asyncio has it."""
        if high is None:
            high = _HIGH_WATER_BYTES if low is None else 4 * low
        self._high_bytes = high
        self._low_bytes = high // 4 if low is None else low

    def room_made(self) -> None:
        """The peer has taken bytes: let a paused writer go on, in its own process."""
        if self._is_write_paused and not self._is_resume_due and not self._is_lost:
            self._is_resume_due = True
            self._loop.call_soon(self._resume_writer, context=self.context)

    def _resume_writer(self) -> None:
        self._is_resume_due = False
        if not self._is_lost and self.get_write_buffer_size() <= self._low_bytes:
            self._is_write_paused = False
            if self.protocol is not None:
                self.protocol.resume_writing()

    # --- the rest of asyncio's interface ------------------------------------------------------

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the stream to another protocol."""
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The protocol this end feeds."""
        assert self.protocol is not None
        return self.protocol

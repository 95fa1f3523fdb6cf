"""The pretend network: who listens where, and which connections are open, all in memory.

`virtual_loop` answers `create_unix_connection` and `create_unix_server` from here, so aiohttp's own
UnixConnector and UnixSite run unmodified. The path stands for any address, and the rules are TCP's:

    bytes arrive in order, after a latency          a policy decides it per write, in seconds
    close()            peer: end of file            or a reset, where bytes were left unread
    abort(), cut       peer: ConnectionResetError   a cut fails both ends, with k bytes let through
    killed process     as close(), and it learns nothing itself
    a latency of inf   nothing arrives any more     a partition: only timeouts notice

Each end's callbacks run in the context of the process that owns the end.
"""

from __future__ import annotations

import asyncio
import contextvars
import errno
from collections.abc import Callable
from typing import NoReturn

from syncd.lab.virtual.memory_transport import MemoryTransport
from syncd.lab.virtual.net_policy import Connection, Direction, NetPolicy
from syncd.lab.virtual.processes import OWNER, Process
from syncd.lab.virtual.trace import Trace


class MemoryServer(asyncio.AbstractServer):
    """A listening path; closing it frees the path and leaves open connections alone."""

    def __init__(
        self, net: MemoryNet, path: str, factory: Callable[[], asyncio.BaseProtocol]
    ) -> None:
        self.path = path
        self.factory = factory
        self.context = contextvars.copy_context()
        self.owner = OWNER.get()
        self._net = net

    @property
    def sockets(self) -> tuple[()]:
        """No real socket stands behind this server."""
        return ()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop it serves on."""
        return self._net.loop

    def is_serving(self) -> bool:
        """Whether the path still leads here."""
        return self._net.listener(self.path) is self

    def close(self) -> None:
        """Stop listening."""
        self._net.unlisten(self)

    async def start_serving(self) -> None:
        """It serves from the start."""

    async def serve_forever(self) -> NoReturn:
        """Serve until cancelled, then stop listening."""
        try:
            await self._net.loop.create_future()
        finally:
            self.close()
        raise AssertionError("a future that nobody resolves has ended")

    async def wait_closed(self) -> None:
        """Nothing to wait for: closing is immediate."""


class MemoryNet:
    """All listeners and connections of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, policy: NetPolicy, trace: Trace) -> None:
        self.loop = loop
        self.policy = policy
        self.trace = trace
        self._listeners: dict[str, MemoryServer] = {}
        self._ends: dict[MemoryTransport, None] = {}  # a dict, for its order of insertion
        self._connections = 0

    def listener(self, path: str) -> MemoryServer | None:
        """Who listens at this path, if anybody."""
        return self._listeners.get(path)

    def listen(self, path: str, factory: Callable[[], asyncio.BaseProtocol]) -> MemoryServer:
        """Open a listening path; OSError (EADDRINUSE) while somebody else has it."""
        if path in self._listeners:
            raise OSError(errno.EADDRINUSE, f"a server already listens at {path!r}: close it first")
        server = self._listeners[path] = MemoryServer(self, path, factory)
        return server

    def unlisten(self, server: MemoryServer) -> None:
        """Free the path of this server; again is harmless."""
        if self._listeners.get(server.path) is server:
            del self._listeners[server.path]

    def forget(self, end: MemoryTransport) -> None:
        """Strike a finished end off the list."""
        self._ends.pop(end, None)

    async def connect(
        self, path: str, factory: Callable[[], asyncio.BaseProtocol]
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect to whoever listens at `path` when the attempt arrives there.

        Raises ConnectionRefusedError when nobody does, or when the policy says so.
        """
        self._connections += 1
        client, server = OWNER.get(), self._listeners.get(path)
        conn = Connection(
            number=self._connections,
            path=path,
            client=client.name if client else "",
            server=server.owner.name if server and server.owner else "",
        )
        await self._travel(self.policy.latency_s(conn, Direction.TO_SERVER, 0))
        server = self._listeners.get(path)
        if server is None or self.policy.refuses(conn):
            self.trace.note("refused", conn.number, conn.client, path)
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"nobody accepts at {path!r}")
        self.trace.note("connect", conn.number, conn.client, path)
        near = self._end(conn, Direction.TO_SERVER, contextvars.copy_context())
        far = self._end(conn, Direction.TO_CLIENT, server.context.copy())
        near.peer, far.peer = far, near
        self.loop.call_soon(self._accept, server, far, context=far.context)
        near.open(factory)
        return near, near.get_protocol()

    async def _travel(self, latency_s: float) -> None:
        if latency_s > 0:
            arrived: asyncio.Future[None] = self.loop.create_future()
            timer = self.loop.call_later(latency_s, _arrive, arrived)
            try:
                await arrived
            finally:
                timer.cancel()

    def _end(
        self, conn: Connection, outward: Direction, context: contextvars.Context
    ) -> MemoryTransport:
        own, other = ("", conn.path) if outward is Direction.TO_SERVER else (conn.path, "")
        end = MemoryTransport(
            wire=self,
            loop=self.loop,
            conn=conn,
            outward=outward,
            context=context,
            names={"sockname": own, "peername": other},
        )
        self._ends[end] = None
        return end

    def _accept(self, server: MemoryServer, end: MemoryTransport) -> None:
        if server.is_serving():
            end.open(server.factory)
        else:
            end.refuse()  # it stopped listening while the connection was in its queue

    def reap(self, process: Process) -> None:
        """Free the paths and close the connections of a dead process, oldest first."""
        for server in list(self._listeners.values()):
            if server.owner is process:
                self.unlisten(server)
                process.grave.append(server)
        for end in list(self._ends):
            if end.owner is process:
                end.die()
                self.forget(end)
                process.grave.append(end)


def _arrive(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)

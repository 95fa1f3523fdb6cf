"""What durability costs: the public listener's receiver against a handler that forgets.

    python bench/webhooks.py [--requests 6000] [--rounds 5] [--json FILE]

Two servers, each a process of its own on loopback. The durable one is what the daemon runs: doors,
deadlines, signature, events read, inbox, group commit into a real SQLite file with
synchronous=FULL, metrics. The bare one is aiohttp with a handler that reads the body, compares the
HMAC and answers 200. Both are asked in turns by the same client over kept-alive connections, 64 and
256 at once; every request is one Xero event that was never sent before, signed. Told are medians
over the rounds: CPU of the server process per request (all its threads), and requests per second,
as durable / bare. At the end the inbox is counted: every request answered 200 must stand in it.
Exit 1 when it does not.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

KEY = "emulator-signing-key-0001"
ORGANISATION = "96d8fbb9-e7bf-4327-a284-cb5da3384f97"
TENANT = "acme"
CONNECTIONS = (64, 256)
TICKS = os.sysconf("SC_CLK_TCK")
OK = b"HTTP/1.1 200"


# --- the servers


async def serve_bare() -> None:
    """A handler on aiohttp and an HMAC, nothing else."""
    from aiohttp import web  # noqa: PLC0415 - a server's own imports

    key = KEY.encode()

    async def handle(request: web.Request) -> web.Response:
        body = await request.read()
        signed = b64encode(hmac.digest(key, body, "sha256"))
        if not hmac.compare_digest(signed, request.headers["x-xero-signature"].encode()):
            return web.Response(status=401)
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/xero", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def serve_durable(path: Path) -> None:
    """The public listener as the daemon has it, over a real file."""
    from syncd.domain.ids import TenantId  # noqa: PLC0415 - a server's own imports
    from syncd.engine.webhooks.inbox import Inbox  # noqa: PLC0415
    from syncd.pipeline.webhooks import PipelineWebhookReader  # noqa: PLC0415
    from syncd.runtime.aiosqlite_driver import open_driver  # noqa: PLC0415
    from syncd.runtime.system_clock import SystemClock  # noqa: PLC0415
    from syncd.store import migrate, tenants  # noqa: PLC0415
    from syncd.store.unit_of_work import Store  # noqa: PLC0415
    from syncd.telemetry.metrics import Metrics  # noqa: PLC0415
    from syncd.web.api.application import public_application  # noqa: PLC0415
    from syncd.web.http.deadlines import PUBLIC_HEADERS_WITHIN_S, OpenConnections  # noqa: PLC0415
    from syncd.web.http.listener import Listener, tcp_site  # noqa: PLC0415
    from syncd.web.http.short_way import ShortWay  # noqa: PLC0415
    from syncd.web.public.receiver import Receiver  # noqa: PLC0415
    from syncd.xero.webhooks import XeroWebhookReader  # noqa: PLC0415

    clock, driver = SystemClock(), await open_driver(path)
    await migrate.upgrade(driver, clock.now())
    store = Store(driver)
    await store.run(tenants.ensure([TenantId(TENANT)]))
    metrics = Metrics(version="bench", tenants=(TENANT,))
    ours = {ORGANISATION: TenantId(TENANT)}
    inbox = Inbox(store=store, clock=clock, observe=metrics.observe, tenant_of=ours.get)
    await inbox.start_up()
    receiver = Receiver(
        inbox,
        xero=XeroWebhookReader((KEY,), clock=clock),
        pipeline=PipelineWebhookReader({}, clock=clock),
        observe=metrics.observe,
    )
    listener = Listener(
        "public listener",
        public_application(receiver.routes(), observe=metrics.observe),
        tcp_site("127.0.0.1:0"),
        service="public",
        observe=metrics.observe,
        open_connections=OpenConnections(),
        headers_within_s=PUBLIC_HEADERS_WITHIN_S,
        short_way=ShortWay(receiver),
    )

    class Told:
        def started(self, _: None = None) -> None:
            print(listener.port, flush=True)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, listener.stop)
    await listener.run(task_status=Told())
    await driver.close()


@dataclass
class Server:
    """One of them, as a process."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    cpu_us: dict[int, list[float]] = field(default_factory=dict)
    rps: dict[int, list[float]] = field(default_factory=dict)

    def cpu_s(self) -> float:
        """What the process has used so far, all threads, user and system."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICKS


@contextmanager
def started(name: str, *arguments: str) -> Iterator[Server]:
    """A server, ended with the block."""
    command = [sys.executable, __file__, "--serve", name, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own script
    try:
        assert process.stdout is not None
        yield Server(name, process, int(process.stdout.readline()))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# --- the client


class Count:
    """The running count of Xero's webhook."""

    last = 0


def requests(count: int) -> list[bytes]:
    """Whole HTTP requests, each an event never sent before."""
    made = []
    for _ in range(count):
        Count.last += 1
        body = (
            '{"events":[{"resourceUrl":"https://api.xero.com/api.xro/2.0/Invoices/x",'
            f'"resourceId":"{uuid.uuid4()}","tenantId":"{ORGANISATION}",'
            '"tenantType":"ORGANISATION","eventCategory":"INVOICE","eventType":"UPDATE",'
            '"eventDateUtc":"2026-11-22T03:15:09.027"}],'
            f'"firstEventSequence": {Count.last},"lastEventSequence": {Count.last}, '
            '"entropy": "QWERTYUIOPASDFGHJKLZ"}'
        ).encode()
        signed = b64encode(hmac.digest(KEY.encode(), body, "sha256"))
        made.append(
            b"POST /webhooks/xero HTTP/1.1\r\nHost: sync.example.com\r\nAccept: */*\r\n"
            b"Accept-Encoding: gzip,deflate\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"x-xero-signature: " + signed + b"\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
    return made


class Asking(asyncio.Protocol):
    """One kept-alive connection: the next request leaves when the last is answered."""

    def __init__(self, heap: list[bytes], done: asyncio.Future[None], refused: list[bytes]) -> None:
        self._heap = heap
        self._done = done
        self._refused = refused
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Ask again once the answer is whole."""
        self._read += data
        if self._read.endswith(b"\r\n\r\n"):  # no answer has a body
            if not self._read.startswith(OK):
                self._refused.append(self._read)
            self._read = b""
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless all was asked."""
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("cut by the server"))

    def _next(self) -> None:
        assert self._transport is not None
        if self._heap:
            self._transport.write(self._heap.pop())
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()


async def ask(port: int, heap: list[bytes], connections: int) -> float:
    """Send all of them; how long it took. Raises when one was not answered 200."""
    loop, refused = asyncio.get_running_loop(), list[bytes]()
    ends = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(partial(Asking, heap, end, refused), "127.0.0.1", port)
    await asyncio.gather(*ends)
    took_s = time.perf_counter() - began
    if refused:
        raise RuntimeError(f"{len(refused)} were refused, the first with {refused[0][:200]!r}")
    return took_s


async def measure(server: Server, heap: list[bytes], connections: int) -> None:
    """One round of one server."""
    count, before = len(heap), server.cpu_s()
    took_s = await ask(server.port, heap, connections)
    server.cpu_us.setdefault(connections, []).append((server.cpu_s() - before) / count * 1e6)
    server.rps.setdefault(connections, []).append(count / took_s)


async def compare(bare: Server, durable: Server, *, count: int, rounds: int) -> int:
    """All rounds, in turns; how many requests the durable one has answered."""
    kept = 0
    for connections in CONNECTIONS:
        for turn in range(rounds + 1):
            for server in (bare, durable) if turn % 2 else (durable, bare):
                await measure(server, requests(count), connections)
            kept += count
            if turn == 0:  # to warm up
                for server in (bare, durable):
                    server.cpu_us[connections].clear()
                    server.rps[connections].clear()
    return kept


# --- the report


def figures(bare: Server, durable: Server) -> dict[str, float]:
    """The ratios, and what they come from."""
    found: dict[str, float] = {}
    for connections in CONNECTIONS:
        cpu = [statistics.median(one.cpu_us[connections]) for one in (bare, durable)]
        rps = [statistics.median(one.rps[connections]) for one in (bare, durable)]
        found |= {
            f"cpu_ratio_{connections}": round(cpu[1] / cpu[0], 3),
            f"rps_ratio_{connections}": round(rps[1] / rps[0], 3),
            f"cpu_us_bare_{connections}": round(cpu[0], 1),
            f"cpu_us_durable_{connections}": round(cpu[1], 1),
            f"rps_bare_{connections}": round(rps[0]),
            f"rps_durable_{connections}": round(rps[1]),
        }
    return found


def rows_in(path: Path) -> int:
    """How many events stand in the inbox."""
    import sqlite3  # noqa: PLC0415 - only here

    with sqlite3.connect(path) as connection:
        (count,) = connection.execute("SELECT count(*) FROM inbox").fetchone()
    return int(count)


def main(arguments: Sequence[str]) -> int:
    """Serve, or compare; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", choices=("bare", "durable"))
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args(arguments)
    if asked.serve:
        serving = serve_bare() if asked.serve == "bare" else serve_durable(asked.store)
        if find_spec("uvloop"):
            import uvloop  # noqa: PLC0415 - as the daemon does

            uvloop.run(serving)
        else:
            asyncio.run(serving)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "syncd.db"
        with started("bare") as bare, started("durable", "--store", str(path)) as durable:
            comparing = compare(bare, durable, count=asked.requests, rounds=asked.rounds)
            kept = asyncio.run(comparing)
            found = figures(bare, durable)
        stands = rows_in(path)
    for name, figure in found.items():
        print(f"{name:>22} {figure:>10}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    if stands != kept:
        print(f"answered 200: {kept}, in the inbox: {stands}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""aiohttp's own client and server, unmodified, over the pretend network."""

from __future__ import annotations

import asyncio
import gzip
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web

from syncd.lab.net_policy import CalmNet, Connection, Direction
from syncd.lab.processes import Ending
from syncd.lab.virtual_loop import VirtualLoop

PATH = "/pretend/xero.sock"
BIG = 900_000


@dataclass
class Seen:
    """What the server's process let the world see."""

    requests: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    lost: int = 0


def served(seen: Seen) -> web.Application:
    async def echo(request: web.Request) -> web.Response:
        seen.requests.append(request.path)
        return web.json_response({"got": await request.json()})

    async def zipped(request: web.Request) -> web.Response:
        answer = web.json_response({"rows": ["x" * 50] * 2_000})
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    async def slow(request: web.Request) -> web.Response:
        seen.requests.append(request.path)
        try:
            await anyio.sleep(float(request.query["s"]))
        except asyncio.CancelledError:
            seen.lost += 1
            raise
        seen.finished.append(request.path)
        return web.Response(text="done")

    async def big(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(BIG // 10_000):
            await answer.write(b"b" * 10_000)
        return answer

    async def size(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application(client_max_size=10 * BIG)
    app.add_routes(
        [
            web.post("/echo", echo),
            web.get("/zipped", zipped),
            web.post("/slow", slow),
            web.route("*", "/big", big),
            web.put("/size", size),
        ]
    )
    return app


async def serve(seen: Seen) -> None:
    runner = web.AppRunner(served(seen), access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        await web.UnixSite(runner, PATH).start()
        await anyio.sleep_forever()
    finally:
        seen.finished.append("server stopped")
        with anyio.CancelScope(shield=True):
            await runner.cleanup()


@asynccontextmanager
async def session(**options: Any) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.UnixConnector(path=PATH)
    async with aiohttp.ClientSession("http://xero", connector=connector, **options) as made:
        yield made


World = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.close()


def play(world: World, **options: Any) -> tuple[Any, Seen, VirtualLoop]:
    """Run `world(loop, seen)` beside a serving process."""
    seen, loop = Seen(), VirtualLoop(**options)

    async def main() -> Any:
        loop.spawn_process("xero", serve, seen)
        await anyio.sleep(1)
        return await world(loop, seen)

    try:
        return loop.run_until_complete(main()), seen, loop
    finally:
        loop.close()


# --- requests -----------------------------------------------------------------------------------


def test_json_goes_there_and_back_on_one_kept_connection() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> list[Any]:
        async with session() as http:
            answers = []
            for number in range(5):
                async with http.post("/echo", json={"n": number}) as answer:
                    answers.append(await answer.json())
            return answers

    answers, _, loop = play(world, policy=CalmNet(0.05))

    assert answers == [{"got": {"n": number}} for number in range(5)]
    assert [line.split()[1] for line in loop.trace.tail].count("connect") == 1


def test_twenty_requests_at_once_share_the_time() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> float:
        began_at = loop.time()
        async with session() as http, anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(fetch, http, "/slow?s=60")
        return loop.time() - began_at

    took_s, seen, _ = play(world)

    assert took_s == 60
    assert len(seen.finished) == 20


async def fetch(http: aiohttp.ClientSession, path: str) -> bytes:
    """By POST, because aiohttp sends a lost GET or PUT a second time by itself."""
    async with http.post(path) as answer:
        return await answer.read()


def test_gzip_larger_than_a_thread_would_be_given_stays_on_the_loop() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> tuple[str, int]:
        async with session() as http, http.get("/zipped") as answer:
            return answer.headers["Content-Encoding"], len((await answer.json())["rows"])

    assert play(world)[0] == ("gzip", 2_000)


def test_compressed_request_arrives_whole() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> Any:
        body = gzip.compress(b'{"n": "' + b"a" * 20_000 + b'"}')
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        async with session() as http, http.post("/echo", data=body, headers=headers) as answer:
            return len((await answer.json())["got"]["n"])

    assert play(world)[0] == 20_000


def test_big_bodies_flow_both_ways_without_filling_memory() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> tuple[int, str]:
        async with session() as http:
            got = len(await fetch(http, "/big"))
            async with http.put("/size", data=b"u" * BIG) as answer:
                return got, await answer.text()

    assert play(world, policy=CalmNet(0.01))[0] == (BIG, str(BIG))
    assert play(world, seed=4, shuffle=True)[0] == (BIG, str(BIG))


def test_slow_reader_pauses_the_writer() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> int:
        async with session(read_bufsize=1_024) as http, http.get("/big") as answer:
            await anyio.sleep(200)
            held = max(end._inbox_bytes for end in loop.net._ends)
            assert len(await answer.read()) == BIG
            return held

    assert play(world)[0] < 200_000


def test_hour_of_waiting_costs_virtual_time_only() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> float:
        began_at = loop.time()
        async with session(timeout=aiohttp.ClientTimeout(total=None)) as http:
            assert await fetch(http, "/slow?s=3600") == b"done"
        return loop.time() - began_at

    assert play(world)[0] == 3_600


def test_total_timeout_expires_in_virtual_time() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> float:
        began_at = loop.time()
        async with session(timeout=aiohttp.ClientTimeout(total=5)) as http:
            with pytest.raises(TimeoutError):
                await fetch(http, "/slow?s=3600")
        await anyio.sleep(0)
        return loop.time() - began_at

    took_s, seen, _ = play(world)

    assert took_s == 5
    assert seen.lost == 1


def test_date_header_tells_the_pretend_time() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> list[str]:
        async with session() as http:
            dates = []
            for _ in range(2):
                async with http.post("/slow?s=0") as answer:
                    dates.append(answer.headers["Date"])
                await anyio.sleep(3_600)
            return dates

    assert play(world)[0] == ["Fri, 01 Jan 2027 00:16:41 GMT", "Fri, 01 Jan 2027 01:16:41 GMT"]


def test_pooled_connection_ages_in_virtual_time() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> None:
        async with session() as http:
            for _ in range(3):
                await fetch(http, "/slow?s=0")
                await anyio.sleep(16)  # aiohttp's client keeps a connection for 15 s

    _, _, loop = play(world)

    assert [line.split()[1] for line in loop.trace.tail].count("connect") == 3


# --- deaths -------------------------------------------------------------------------------------


def test_client_of_a_killed_server_sees_an_error_at_once() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> float:
        async with session() as http, anyio.create_task_group() as group:

            async def ask() -> None:
                with pytest.raises(aiohttp.ServerDisconnectedError):
                    await fetch(http, "/slow?s=60")

            group.start_soon(ask)
            await anyio.sleep(10)
            loop.kill("xero")
        with pytest.raises(aiohttp.ClientConnectorError):
            async with session() as http:
                await fetch(http, "/slow?s=0")
        return loop.time()

    ended_at, seen, _ = play(world)

    assert ended_at == 1_011
    assert seen == Seen(requests=["/slow"])


def test_restarted_server_serves_under_the_same_path() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> bytes:
        async with session() as http:
            await fetch(http, "/slow?s=0")
            loop.kill("xero")
            loop.spawn_process("xero", serve, seen)
            await anyio.sleep(1)
            return await fetch(http, "/slow?s=0")

    answer, seen, _ = play(world)

    assert answer == b"done"
    assert "server stopped" not in seen.finished


def test_server_sees_a_killed_client_leave_and_no_finally_runs_there() -> None:
    regrets: list[str] = []

    async def client() -> None:
        try:
            async with session() as http:
                await fetch(http, "/slow?s=60")
        finally:
            regrets.append("finally")

    async def world(loop: VirtualLoop, seen: Seen) -> None:
        process = loop.spawn_process("client", client)
        await anyio.sleep(10)
        loop.kill(process)
        await anyio.sleep(100)

    _, seen, _ = play(world, policy=CalmNet(0.1))

    assert regrets == []
    assert (seen.requests, seen.finished, seen.lost) == (["/slow"], [], 1)


def test_process_that_ends_well_leaves_no_connection_behind() -> None:
    async def client() -> None:
        async with session() as http:
            await fetch(http, "/slow?s=1")

    async def world(loop: VirtualLoop, seen: Seen) -> int:
        process = loop.spawn_process("client", client)
        assert await process.wait() is Ending.RETURNED
        await anyio.sleep(1)
        return len(loop.net._ends)

    assert play(world)[0] == 0


def test_request_can_be_killed_between_any_two_callbacks() -> None:
    """The Nth-callback sweep: whatever the instant, the world sees an answer or an error."""

    async def world(loop: VirtualLoop, seen: Seen) -> str:
        left = countdown

        def count(step: asyncio.Handle) -> None:
            nonlocal left
            left -= 1
            if left == 0 and loop.process("xero"):
                loop.kill("xero")

        loop.on_step = count
        async with session(timeout=aiohttp.ClientTimeout(total=30)) as http:
            try:
                return (await fetch(http, "/slow?s=1")).decode()
            except aiohttp.ClientError as error:
                return type(error).__name__

    endings = set()
    for countdown in range(1, 60):
        endings.add(play(world)[0])

    assert endings == {"ClientOSError", "ServerDisconnectedError", "done"}


# --- faults -------------------------------------------------------------------------------------


class Scripted(CalmNet):
    """Cuts, partitions or refuses as told; otherwise calm."""

    def __init__(
        self,
        *,
        cut: tuple[Direction, int] | None = None,
        silent: Direction | None = None,
        refuse: bool = False,
    ) -> None:
        super().__init__(0.01)
        self._cut, self._silent, self._refuse = cut, silent, refuse

    def refuses(self, conn: Connection) -> bool:
        return self._refuse

    def latency_s(self, conn: Connection, direction: Direction, n_bytes: int) -> float:
        return math.inf if n_bytes and direction is self._silent else 0.01

    def cut(self, conn: Connection, direction: Direction, n_bytes: int) -> int | None:
        return self._cut[1] if self._cut and direction is self._cut[0] else None


@pytest.mark.parametrize("kept", [0, 30])
def test_cut_answer_is_an_error_for_the_client_after_the_server_did_its_work(kept: int) -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> None:
        async with session() as http:
            with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
                async with http.post("/echo", json={}) as answer:
                    await answer.json()

    _, seen, _ = play(world, policy=Scripted(cut=(Direction.TO_CLIENT, kept)))

    assert seen.requests == ["/echo"]


def test_cut_request_never_reaches_the_handler() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> None:
        async with session() as http:
            with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
                await http.post("/echo", json={"n": 1})

    assert play(world, policy=Scripted(cut=(Direction.TO_SERVER, 20)))[1].requests == []


def test_partition_is_noticed_by_timeouts_only() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> float:
        began_at = loop.time()
        async with session(timeout=aiohttp.ClientTimeout(total=30)) as http:
            with pytest.raises(TimeoutError):
                await http.post("/echo", json={})
        return loop.time() - began_at

    took_s, seen, _ = play(world, policy=Scripted(silent=Direction.TO_CLIENT))

    assert 30 <= took_s < 31
    assert seen.requests == ["/echo"]


def test_refused_connection_is_told_as_such() -> None:
    async def world(loop: VirtualLoop, seen: Seen) -> None:
        async with session() as http:
            with pytest.raises(aiohttp.ClientConnectorError, match="nobody accepts"):
                await fetch(http, "/slow?s=0")

    play(world, policy=Scripted(refuse=True))


def test_taken_path_is_refused_until_its_server_closes(loop: VirtualLoop) -> None:
    async def main() -> None:
        server = await loop.create_unix_server(asyncio.Protocol, PATH)
        with pytest.raises(OSError, match="already listens"):
            await loop.create_unix_server(asyncio.Protocol, PATH)
        server.close()
        assert not server.is_serving()
        async with await loop.create_unix_server(asyncio.Protocol, PATH) as again:
            assert again.is_serving()

    loop.run_until_complete(main())


def test_tls_and_real_sockets_are_refused(loop: VirtualLoop) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="a path only"):
            await loop.create_unix_connection(asyncio.Protocol, PATH, ssl=True)

    loop.run_until_complete(main())


def test_half_closed_stream_still_answers(loop: VirtualLoop) -> None:
    """asyncio streams: the client ends its half, the server answers all the same."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read())[::-1])
        writer.close()

    async def main() -> bytes:
        await asyncio.start_unix_server(answer, PATH)
        reader, writer = await asyncio.open_unix_connection(PATH)
        writer.write(b"abc")
        writer.write_eof()
        with pytest.raises(RuntimeError, match="after write_eof"):
            writer.write(b"d")
        reply = await reader.read()
        writer.close()
        await writer.wait_closed()
        return reply

    assert loop.run_until_complete(main()) == b"cba"


def test_write_to_a_closed_peer_is_answered_by_a_reset(loop: VirtualLoop) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def main() -> None:
        await asyncio.start_unix_server(hang_up, PATH)
        reader, writer = await asyncio.open_unix_connection(PATH)
        writer.write(b"abc")
        with pytest.raises(ConnectionResetError):
            await reader.read()

    loop.run_until_complete(main())

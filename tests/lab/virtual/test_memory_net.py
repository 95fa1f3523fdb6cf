"""aiohttp's own client and server, unmodified, over the pretend network."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import anyio
import anyio.lowlevel
import pytest

from syncd.lab.virtual.net_policy import CalmNet, Connection
from syncd.lab.virtual.processes import Ending
from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_json_goes_there_and_back_on_one_kept_connection(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> list[Any]:
        async with pretend.session() as http:
            answers = []
            for number in range(5):
                async with http.post("/echo", json={"n": number}) as answer:
                    answers.append(await answer.json())
            return answers

    answers, _, loop = pretend.play(world, policy=CalmNet(0.05))

    assert answers == [{"got": {"n": number}} for number in range(5)]
    assert [line.split()[1] for line in loop.trace.tail].count("connect") == 1


def test_twenty_requests_at_once_share_the_time(pretend: Any) -> None:
    async def world(loop: VirtualLoop, _seen: Any) -> float:
        began_at = loop.time()
        async with pretend.session() as http, anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(pretend.fetch, http, "/slow?s=60")
        return loop.time() - began_at

    took_s, seen, _ = pretend.play(world)

    assert took_s == 60
    assert len(seen.finished) == 20


def test_hour_of_waiting_costs_virtual_time_only(pretend: Any) -> None:
    async def world(loop: VirtualLoop, _seen: Any) -> float:
        began_at = loop.time()
        async with pretend.session(timeout=aiohttp.ClientTimeout(total=None)) as http:
            assert await pretend.fetch(http, "/slow?s=3600") == b"done"
        return loop.time() - began_at

    assert pretend.play(world)[0] == 3_600


def test_total_timeout_expires_in_virtual_time(pretend: Any) -> None:
    async def world(loop: VirtualLoop, _seen: Any) -> float:
        began_at = loop.time()
        async with pretend.session(timeout=aiohttp.ClientTimeout(total=5)) as http:
            with pytest.raises(TimeoutError):
                await pretend.fetch(http, "/slow?s=3600")
        await anyio.lowlevel.checkpoint()
        return loop.time() - began_at

    took_s, seen, _ = pretend.play(world)

    assert took_s == 5
    assert seen.lost == 1


def test_client_of_a_killed_server_sees_an_error_at_once(pretend: Any) -> None:
    async def world(loop: VirtualLoop, _seen: Any) -> float:
        async with pretend.session() as http, anyio.create_task_group() as group:

            async def ask() -> None:
                with pytest.raises(aiohttp.ServerDisconnectedError):
                    await pretend.fetch(http, "/slow?s=60")

            group.start_soon(ask)
            await anyio.sleep(10)
            loop.kill("xero")
        with pytest.raises(aiohttp.ClientConnectorError):
            async with pretend.session() as http:
                await pretend.fetch(http, "/slow?s=0")
        return loop.time()

    ended_at, seen, _ = pretend.play(world)

    assert ended_at == 1_011
    assert (seen.requests, seen.finished) == (["/slow"], [])


def test_restarted_server_serves_under_the_same_path(pretend: Any) -> None:
    async def world(loop: VirtualLoop, seen: Any) -> bytes:
        async with pretend.session() as http:
            await pretend.fetch(http, "/slow?s=0")
            loop.kill("xero")
            pretend.start(loop, seen)
            await anyio.sleep(1)
            return await pretend.fetch(http, "/slow?s=0")

    answer, seen, _ = pretend.play(world)

    assert answer == b"done"
    assert "server stopped" not in seen.finished


def test_server_sees_a_killed_client_leave_and_no_finally_runs_there(pretend: Any) -> None:
    regrets: list[str] = []

    async def client() -> None:
        try:
            async with pretend.session() as http:
                await pretend.fetch(http, "/slow?s=60")
        finally:
            regrets.append("finally")

    async def world(loop: VirtualLoop, _seen: Any) -> None:
        process = loop.spawn_process("client", client)
        await anyio.sleep(10)
        loop.kill(process)
        await anyio.sleep(100)

    _, seen, _ = pretend.play(world, policy=CalmNet(0.1))

    assert regrets == []
    assert (seen.requests, seen.finished, seen.lost) == (["/slow"], [], 1)


def test_process_that_ends_well_leaves_no_connection_behind(pretend: Any) -> None:
    async def client() -> None:
        async with pretend.session() as http:
            await pretend.fetch(http, "/slow?s=1")

    async def world(loop: VirtualLoop, _seen: Any) -> int:
        process = loop.spawn_process("client", client)
        assert await process.wait() is Ending.RETURNED
        await anyio.sleep(1)
        return len(loop.net._ends)

    assert pretend.play(world)[0] == 0


def test_request_can_be_killed_between_any_two_callbacks(pretend: Any) -> None:
    """The Nth-callback sweep: whatever the instant, the world sees an answer or an error."""

    async def world(loop: VirtualLoop, _seen: Any) -> str:
        left = countdown

        def count(_step: asyncio.Handle) -> None:
            nonlocal left
            left -= 1
            if left == 0 and loop.process("xero"):
                loop.kill("xero")

        loop.on_step = count
        async with pretend.session(timeout=aiohttp.ClientTimeout(total=30)) as http:
            try:
                return (await pretend.fetch(http, "/slow?s=1")).decode()
            except aiohttp.ClientError as error:
                return type(error).__name__

    endings = set()
    for instant in range(1, 60):
        countdown = instant
        endings.add(pretend.play(world)[0])

    assert endings == {"ClientOSError", "ServerDisconnectedError", "done"}


class Refusing(CalmNet):
    def refuses(self, _conn: Connection) -> bool:
        return True


def test_refused_connection_is_told_as_such(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> None:
        async with pretend.session() as http:
            with pytest.raises(aiohttp.ClientConnectorError, match="nobody accepts"):
                await pretend.fetch(http, "/slow?s=0")

    pretend.play(world, policy=Refusing())


def test_taken_path_is_refused_until_its_server_closes(loop: VirtualLoop, pretend: Any) -> None:
    async def main() -> None:
        server = await loop.create_unix_server(asyncio.Protocol, pretend.path)
        with pytest.raises(OSError, match="already listens"):
            await loop.create_unix_server(asyncio.Protocol, pretend.path)
        server.close()
        assert not server.is_serving()
        async with await loop.create_unix_server(asyncio.Protocol, pretend.path) as again:
            assert again.is_serving()

    loop.run_until_complete(main())


def test_tls_and_real_sockets_are_refused(loop: VirtualLoop, pretend: Any) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="a path only"):
            await loop.create_unix_connection(asyncio.Protocol, pretend.path, ssl=True)

    loop.run_until_complete(main())

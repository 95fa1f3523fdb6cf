"""Bytes on the pretend wire: flow control, cuts, partitions, half-closed streams."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import aiohttp
import anyio
import pytest

from syncd.lab.virtual.net_policy import CalmNet, Connection, Direction
from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_big_bodies_flow_both_ways_without_filling_memory(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> tuple[int, str]:
        async with pretend.session() as http:
            got = len(await pretend.fetch(http, "/big"))
            async with http.put("/size", data=b"u" * pretend.big) as answer:
                return got, await answer.text()

    assert pretend.play(world, policy=CalmNet(0.01))[0] == (pretend.big, str(pretend.big))
    assert pretend.play(world, seed=4, shuffle=True)[0] == (pretend.big, str(pretend.big))


def test_slow_reader_pauses_the_writer(pretend: Any) -> None:
    async def world(loop: VirtualLoop, _seen: Any) -> int:
        async with pretend.session(read_bufsize=1_024) as http, http.get("/big") as answer:
            await anyio.sleep(200)
            held = max(end._inbox_bytes for end in loop.net._ends)
            assert len(await answer.read()) == pretend.big
            return held

    assert pretend.play(world)[0] < 200_000


class Scripted(CalmNet):
    """Cuts or partitions as told; otherwise calm."""

    def __init__(
        self,
        *,
        cut: tuple[Direction, int] | None = None,
        silent: Direction | None = None,
    ) -> None:
        super().__init__(0.01)
        self._cut, self._silent = cut, silent

    def latency_s(self, _conn: Connection, direction: Direction, n_bytes: int) -> float:
        return math.inf if n_bytes and direction is self._silent else 0.01

    def cut(self, _conn: Connection, direction: Direction, _n_bytes: int) -> int | None:
        return self._cut[1] if self._cut and direction is self._cut[0] else None


@pytest.mark.parametrize("kept", [0, 30])
def test_cut_answer_is_an_error_for_the_client_after_the_server_did_its_work(
    kept: int, pretend: Any
) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> None:
        async with pretend.session() as http:
            with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
                async with http.post("/echo", json={}) as answer:
                    await answer.json()

    _, seen, _ = pretend.play(world, policy=Scripted(cut=(Direction.TO_CLIENT, kept)))

    assert seen.requests == ["/echo"]


def test_cut_request_never_reaches_the_handler(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> None:
        async with pretend.session() as http:
            with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
                await http.post("/echo", json={"n": 1})

    assert pretend.play(world, policy=Scripted(cut=(Direction.TO_SERVER, 20)))[1].requests == []


def test_partition_is_noticed_by_timeouts_only(pretend: Any) -> None:
    async def world(loop: VirtualLoop, _seen: Any) -> float:
        began_at = loop.time()
        async with pretend.session(timeout=aiohttp.ClientTimeout(total=30)) as http:
            with pytest.raises(TimeoutError):
                await http.post("/echo", json={})
        return loop.time() - began_at

    took_s, seen, _ = pretend.play(world, policy=Scripted(silent=Direction.TO_CLIENT))

    assert 30 <= took_s < 31
    assert seen.requests == ["/echo"]


def test_half_closed_stream_still_answers(loop: VirtualLoop, pretend: Any) -> None:
    """asyncio streams: the client ends its half, the server answers all the same."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read())[::-1])
        writer.close()

    async def main() -> bytes:
        await asyncio.start_unix_server(answer, pretend.path)
        reader, writer = await asyncio.open_unix_connection(pretend.path)
        writer.write(b"abc")
        writer.write_eof()
        with pytest.raises(RuntimeError, match="after write_eof"):
            writer.write(b"d")
        reply = await reader.read()
        writer.close()
        await writer.wait_closed()
        return reply

    assert loop.run_until_complete(main()) == b"cba"


def test_write_to_a_closed_peer_is_answered_by_a_reset(loop: VirtualLoop, pretend: Any) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def main() -> None:
        await asyncio.start_unix_server(hang_up, pretend.path)
        reader, writer = await asyncio.open_unix_connection(pretend.path)
        writer.write(b"abc")
        with pytest.raises(ConnectionResetError):
            await reader.read()

    loop.run_until_complete(main())


def test_unread_bytes_turn_a_close_into_a_reset(loop: VirtualLoop) -> None:
    async def close_without_reading(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.transport.pause_reading()
        await anyio.sleep(1)
        writer.close()

    async def main() -> None:
        await asyncio.start_unix_server(close_without_reading, "/pretend")
        reader, writer = await asyncio.open_unix_connection("/pretend")
        await anyio.sleep(0.5)
        writer.write(b"never read")
        with pytest.raises(ConnectionResetError):
            await reader.read()

    loop.run_until_complete(main())


def test_write_marks_follow_each_other_as_in_asyncio(loop: VirtualLoop) -> None:
    async def main() -> None:
        await loop.create_unix_server(asyncio.Protocol, "/pretend")
        transport, protocol = await loop.create_unix_connection(asyncio.Protocol, "/pretend")
        assert transport.get_protocol() is protocol
        transport.set_write_buffer_limits(low=100)
        assert transport.get_write_buffer_limits() == (100, 400)
        transport.set_write_buffer_limits(high=100)
        assert transport.get_write_buffer_limits() == (25, 100)

    loop.run_until_complete(main())

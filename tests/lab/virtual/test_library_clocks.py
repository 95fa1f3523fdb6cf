"""aiohttp held to the loop's time, and whole runs that repeat byte for byte."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio

from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_gzip_larger_than_a_thread_would_be_given_stays_on_the_loop(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> tuple[str, int]:
        async with pretend.session() as http, http.get("/zipped") as answer:
            return answer.headers["Content-Encoding"], len((await answer.json())["rows"])

    assert pretend.play(world)[0] == ("gzip", 2_000)


def test_compressed_request_arrives_whole(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> Any:
        body = gzip.compress(b'{"n": "' + b"a" * 20_000 + b'"}')
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        async with (
            pretend.session() as http,
            http.post("/echo", data=body, headers=headers) as answer,
        ):
            return len((await answer.json())["got"]["n"])

    assert pretend.play(world)[0] == 20_000


def test_date_header_tells_the_pretend_time(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> list[str]:
        async with pretend.session() as http:
            dates = []
            for _ in range(2):
                async with http.post("/slow?s=0") as answer:
                    dates.append(answer.headers["Date"])
                await anyio.sleep(3_600)
            return dates

    assert pretend.play(world)[0] == [
        "Fri, 01 Jan 2027 00:16:41 GMT",
        "Fri, 01 Jan 2027 01:16:41 GMT",
    ]


def test_pooled_connection_ages_in_virtual_time(pretend: Any) -> None:
    async def world(_loop: VirtualLoop, _seen: Any) -> None:
        async with pretend.session() as http:
            for _ in range(3):
                await pretend.fetch(http, "/slow?s=0")
                await anyio.sleep(16)  # aiohttp's client keeps a connection for 15 s

    _, _, loop = pretend.play(world)

    assert [line.split()[1] for line in loop.trace.tail].count("connect") == 3


# --- whole runs, each in a process of its own ---------------------------------------------------


def run_of(order: str, *, hash_seed: str, earlier_runs: int = 0) -> dict[str, Any]:
    program = Path(__file__).with_name("world_for_determinism.py")
    finished = subprocess.run(  # noqa: S603 - our own program, our own arguments
        [sys.executable, str(program), order, str(earlier_runs)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        timeout=60,
    )
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def test_run_repeats_in_another_process_after_other_runs_under_another_hash_seed() -> None:
    first = run_of("fifo", hash_seed="1")
    again = run_of("fifo", hash_seed="2", earlier_runs=2)

    for fact in ("digest", "events", "steps", "virtual_s", "books", "dead"):
        assert first[fact] == again[fact]


def test_shuffled_runs_differ_in_order_and_agree_in_results() -> None:
    first = run_of("1", hash_seed="3")
    again = run_of("1", hash_seed="4")
    other = run_of("2", hash_seed="3")

    assert first["digest"] == again["digest"]
    assert first["digest"] != other["digest"]
    assert (
        first["books"] == other["books"] == {f"{c}/{n}": n for c in "abcdefgh" for n in range(10)}
    )

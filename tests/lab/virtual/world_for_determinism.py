"""A small busy world, run as a program: prints the trace's digest, its results and its speed.

python world_for_determinism.py SEED SHUFFLE EARLIER_SEEDS
"""

from __future__ import annotations

import json
import random
import sys
import time

import aiohttp
import anyio
from aiohttp import web

from syncd.lab.virtual.library_clocks import deterministic_aiohttp
from syncd.lab.virtual.net_policy import CalmNet, Connection, Direction
from syncd.lab.virtual.processes import forget_the_dead
from syncd.lab.virtual.virtual_loop import VirtualLoop

PATH = "ledger.example:443"


class Weather(CalmNet):
    """Random latency and rare cuts."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(seed)  # noqa: S311 - weather, not a secret

    def latency_s(self, _conn: Connection, _direction: Direction, _n_bytes: int) -> float:
        return self._dice.uniform(0.001, 0.4)

    def cut(self, _conn: Connection, _direction: Direction, n_bytes: int) -> int | None:
        return self._dice.randrange(n_bytes) if self._dice.random() < 0.02 else None


async def ledger(books: dict[str, int]) -> None:
    async def put(request: web.Request) -> web.Response:
        wanted = await request.json()
        await anyio.sleep(0.05)
        books[wanted["name"]] = wanted["value"]
        answer = web.json_response({"names": list(books)[-40:]})
        answer.enable_compression()
        return answer

    app = web.Application()
    app.add_routes([web.post("/put", put)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, PATH).start()
    await anyio.sleep_forever()


async def daemon(rounds: int) -> None:
    timeout = aiohttp.ClientTimeout(total=5)
    connector = aiohttp.UnixConnector(path=PATH, limit=4)
    async with aiohttp.ClientSession("http://ledger", connector=connector, timeout=timeout) as http:

        async def push(name: str) -> None:
            for number in range(rounds):
                body = {"name": f"{name}/{number}", "value": number}
                while True:
                    try:
                        async with http.post("/put", json=body) as answer:
                            await answer.json()
                            break
                    except (aiohttp.ClientError, TimeoutError):
                        await anyio.sleep(1)

        async with anyio.create_task_group() as group:
            for letter in "abcdefgh":
                group.start_soon(push, letter)


async def world(loop: VirtualLoop, books: dict[str, int], seed: int, rounds: int) -> None:
    dice = random.Random(f"kills/{seed}")  # noqa: S311 - fate, not a secret
    loop.spawn_process("ledger", ledger, books)
    await anyio.sleep(1)
    worker = loop.spawn_process("daemon", daemon, rounds)
    for name in ("ledger", "daemon", "ledger"):
        await anyio.sleep(dice.uniform(0.2, 1.5))
        loop.kill(name)
        await anyio.sleep(dice.uniform(0, 3))
        if name == "ledger":
            loop.spawn_process("ledger", ledger, books)
        else:
            worker = loop.spawn_process("daemon", daemon, rounds)
    await worker.wait()


def play(weather: int, *, order: str, rounds: int) -> dict[str, object]:
    books: dict[str, int] = {}
    began_at = time.perf_counter()
    shuffle = order != "fifo"
    with deterministic_aiohttp(seed=weather):
        loop = VirtualLoop(
            seed=int(order) if shuffle else 0, shuffle=shuffle, policy=Weather(weather)
        )
        loop.run_until_complete(world(loop, books, weather, rounds))
        loop.close()
    took_s = time.perf_counter() - began_at
    dead = forget_the_dead()
    return {
        "digest": loop.trace.digest(),
        "events": loop.trace.count,
        "steps": loop.steps,
        "virtual_s": loop.time(),
        "books": dict(sorted(books.items())),
        "dead": dead,
        "steps_per_s": round(loop.steps / took_s),
    }


if __name__ == "__main__":
    for earlier in range(int(sys.argv[2])):
        play(1_000 + earlier, order="fifo", rounds=3)
    length = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    sys.stdout.write(json.dumps(play(7, order=sys.argv[1], rounds=length)))

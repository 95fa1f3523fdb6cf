"""What every test of the lab needs: stilled libraries, forgotten dead, a small HTTP world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web

from syncd.lab.virtual.library_clocks import deterministic_aiohttp
from syncd.lab.virtual.processes import forget_the_dead
from syncd.lab.virtual.virtual_loop import VirtualLoop

PATH = "/pretend/xero.sock"
BIG = 900_000


@pytest.fixture(autouse=True)
def stilled() -> Iterator[None]:
    with deterministic_aiohttp():
        yield
        forget_the_dead()


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.close()


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run a coroutine function under anyio, on a loop made with the options."""

    def run_on_virtual_loop(main: Callable[[], Coroutine[Any, Any, Any]], **options: Any) -> Any:
        factory = {"loop_factory": lambda: VirtualLoop(**options)}
        return anyio.run(main, backend="asyncio", backend_options=factory)

    return run_on_virtual_loop


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

    async def zipped(_request: web.Request) -> web.Response:
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


async def fetch(http: aiohttp.ClientSession, path: str) -> bytes:
    """By POST, because aiohttp sends a lost GET or PUT a second time by itself."""
    async with http.post(path) as answer:
        return await answer.read()


@dataclass(frozen=True)
class HttpWorld:
    """A server process, and the means to talk to it."""

    path: str = PATH
    big: int = BIG

    def play(
        self, world: Callable[..., Coroutine[Any, Any, Any]], **options: Any
    ) -> tuple[Any, Seen, VirtualLoop]:
        """Run `world(loop, seen)` beside the serving process."""
        seen, loop = Seen(), VirtualLoop(**options)

        async def main() -> Any:
            self.start(loop, seen)
            await anyio.sleep(1)
            return await world(loop, seen)

        try:
            return loop.run_until_complete(main()), seen, loop
        finally:
            loop.close()

    def start(self, loop: VirtualLoop, seen: Seen) -> None:
        loop.spawn_process("xero", serve, seen)

    def session(self, **options: Any) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        return session(**options)

    async def fetch(self, http: aiohttp.ClientSession, path: str) -> bytes:
        return await fetch(http, path)


@pytest.fixture
def pretend() -> HttpWorld:
    return HttpWorld()

"""What libraries ask of the loop: anyio, signals, threads, addresses."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from syncd.lab.virtual.processes import Ending
from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_threads_are_refused(loop: VirtualLoop) -> None:
    async def resolves() -> None:
        await loop.getaddrinfo("localhost", 80)

    with pytest.raises(RuntimeError, match="threads end determinism"):
        loop.run_in_executor(None, print)
    with pytest.raises(RuntimeError, match="threads end determinism"):
        loop.run_until_complete(resolves())


def test_anyio_works_on_virtual_time(run: Callable[..., Any]) -> None:
    async def main() -> list[str]:
        heard: list[str] = []
        send, receive = anyio.create_memory_object_stream[str](1)
        limiter = anyio.CapacityLimiter(2)
        most = 0

        async def speak(word: str) -> None:
            nonlocal most
            async with limiter:
                most = max(most, int(limiter.borrowed_tokens))
                await anyio.sleep(10)
                await send.send(word)

        async def listen() -> None:
            async with receive:
                heard.extend([word async for word in receive])

        began_at = anyio.current_time()
        async with anyio.create_task_group() as listening:
            listening.start_soon(listen)
            async with anyio.create_task_group() as speaking:
                for word in "abcdef":
                    speaking.start_soon(speak, word)
            await send.aclose()
        assert anyio.current_time() - began_at == 30
        assert most == 2
        with pytest.raises(TimeoutError):
            with anyio.fail_after(5):
                await anyio.sleep(6)
        with anyio.move_on_after(7) as scope:
            await anyio.Event().wait()
        assert scope.cancelled_caught
        assert anyio.current_time() - began_at == 42
        return heard

    assert run(main) == list("abcdef")
    assert sorted(run(main, seed=3, shuffle=True)) == list("abcdef")


def test_failing_task_cancels_its_group(run: Callable[..., Any]) -> None:
    cleaned: list[int] = []

    async def main() -> None:
        async def stay(number: int) -> None:
            try:
                await anyio.sleep_forever()
            finally:
                cleaned.append(number)

        async def fail() -> None:
            await anyio.sleep(3)
            raise LookupError

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(stay, number)
            group.start_soon(fail)

    with pytest.raises(ExceptionGroup):
        run(main)
    assert cleaned == [0, 1, 2, 3, 4]


def test_signal_reaches_the_process_that_listens(loop: VirtualLoop) -> None:
    heard: list[signal.Signals] = []

    async def daemon() -> None:
        with anyio.open_signal_receiver(signal.SIGTERM) as signals:
            async for number in signals:
                heard.append(number)
                return

    async def main() -> None:
        process = loop.spawn_process("daemon", daemon)
        assert not loop.send_signal(process, signal.SIGTERM)  # it has not started to listen
        await anyio.sleep(1)
        assert loop.send_signal(process, signal.SIGTERM)
        assert await process.wait() is Ending.RETURNED
        assert not loop.send_signal(process, signal.SIGTERM)

    loop.run_until_complete(main())

    assert heard == [signal.SIGTERM]

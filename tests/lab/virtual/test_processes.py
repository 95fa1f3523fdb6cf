"""Pretend processes: killed is not cancelled, and the dead stay dead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from syncd.lab.virtual.processes import Ending, Process, forget_the_dead, owner_of
from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_killed_process_runs_no_finally_and_no_timer(
    loop: VirtualLoop, caplog: pytest.LogCaptureFixture
) -> None:
    written: list[str] = []

    async def victim() -> None:
        asyncio.get_running_loop().call_later(5, written.append, "timer")
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep, 50)
                await anyio.sleep(10)
        finally:
            written.append("finally")

    async def main() -> Process:
        process = loop.spawn_process("victim", victim)
        await anyio.sleep(1)
        loop.kill("victim")
        assert await process.wait() is Ending.KILLED
        await anyio.sleep(100)
        return process

    process = loop.run_until_complete(main())

    assert not process.alive
    assert written == []
    assert caplog.records == []
    loop.close()
    assert forget_the_dead() == 1


def test_runner_ends_although_killed_tasks_never_do(run: Callable[..., Any]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)

        async def values() -> Any:
            while True:
                yield await anyio.sleep(1)

        async def victim() -> None:
            async for _ in values():
                pass

        loop.spawn_process("victim", victim)
        await anyio.sleep(3)
        loop.kill("victim")

    run(main)


def test_waking_a_dead_task_does_nothing(loop: VirtualLoop) -> None:
    woken: list[str] = []

    async def victim(bell: asyncio.Event) -> None:
        await bell.wait()
        woken.append("victim")

    async def main() -> None:
        bell = asyncio.Event()
        loop.spawn_process("victim", victim, bell)
        await anyio.sleep(1)
        loop.kill("victim")
        bell.set()
        await anyio.sleep(1)

    loop.run_until_complete(main())

    assert woken == []


def test_process_may_kill_itself_and_ends_at_its_next_await(loop: VirtualLoop) -> None:
    said: list[str] = []

    async def victim() -> None:
        loop.kill("victim")
        said.append("last word")
        asyncio.get_running_loop().call_soon(said.append, "callback")
        await anyio.lowlevel.checkpoint()
        said.append("ghost")

    async def main() -> None:
        loop.spawn_process("victim", victim)
        await anyio.sleep(5)

    loop.run_until_complete(main())

    assert said == ["last word"]


def test_name_can_be_spawned_again_after_death_only(loop: VirtualLoop) -> None:
    async def main() -> None:
        first = loop.spawn_process("daemon", anyio.sleep, 100)
        with pytest.raises(RuntimeError, match="is alive"):
            loop.spawn_process("daemon", anyio.sleep, 100)
        await anyio.sleep(1)
        loop.kill(first)
        with pytest.raises(LookupError):
            loop.kill(first)
        second = loop.spawn_process("daemon", anyio.sleep, 100)
        with pytest.raises(LookupError):
            loop.kill(first)
        assert (second.incarnation, loop.process("daemon")) == (2, second)
        assert await second.wait() is Ending.RETURNED

    loop.run_until_complete(main())


def test_process_that_raises_says_so(loop: VirtualLoop) -> None:
    async def fails() -> None:
        await anyio.sleep(1)
        raise ValueError("no ledger")

    async def main() -> None:
        process = loop.spawn_process("daemon", fails)
        assert await process.wait() is Ending.RAISED
        assert isinstance(process.error, ValueError)

    loop.run_until_complete(main())


def test_every_callback_knows_its_owner_before_it_runs(loop: VirtualLoop) -> None:
    seen: set[str] = set()

    async def two() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 1)
            group.start_soon(anyio.sleep, 2)

    def watch(step: asyncio.Handle) -> None:
        owner = owner_of(step)
        seen.add(owner.name if owner else "")
        if owner is not None and loop.time() > 1_001.5:
            loop.kill(owner)

    async def main() -> None:
        process = loop.spawn_process("two", two)
        loop.on_step = watch
        assert await process.wait() is Ending.KILLED
        assert loop.time() == 1_002

    loop.run_until_complete(main())

    assert seen == {"", "two"}

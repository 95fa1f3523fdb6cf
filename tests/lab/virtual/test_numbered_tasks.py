"""Sets of tasks keep their order."""

from __future__ import annotations

import asyncio

import anyio

from syncd.lab.virtual.virtual_loop import VirtualLoop


def test_sets_of_tasks_and_futures_iterate_by_age(loop: VirtualLoop) -> None:
    async def main() -> None:
        tasks = {asyncio.create_task(anyio.sleep(1), name=f"t{n}") for n in range(30)}
        futures = {loop.create_future() for _ in range(30)}
        for members in (tasks, futures):
            serials = [member.serial for member in members]  # type: ignore[attr-defined]  # our own tasks
            turn = serials.index(min(serials))
            assert serials[turn:] + serials[:turn] == sorted(serials)
        await asyncio.wait(tasks)

    loop.run_until_complete(main())

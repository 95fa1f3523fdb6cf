"""Virtual time, the order of callbacks and the limits of a run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from syncd.lab.virtual.virtual_loop import VirtualLoop
from syncd.lab.virtual.virtual_time import Stuck, TooLate, TooManySteps


def test_sleep_moves_virtual_time_only(loop: VirtualLoop) -> None:
    began_at = loop.time()

    loop.run_until_complete(anyio.sleep(30 * 86_400))

    assert loop.time() - began_at == 30 * 86_400


def test_timers_of_one_instant_ring_in_the_order_they_were_set(loop: VirtualLoop) -> None:
    rung: list[int] = []
    for number in range(50):
        loop.call_at(loop.time() + 1, rung.append, number)

    loop.run_until_complete(anyio.sleep(2))

    assert rung == list(range(50))


def test_cancelled_timers_are_swept_and_never_ring(loop: VirtualLoop) -> None:
    rung: list[int] = []
    timers = [loop.call_later(5, rung.append, number) for number in range(1_000)]
    for timer in timers[1:]:
        timer.cancel()

    loop.run_until_complete(anyio.sleep(1))
    assert len(loop._timers) < 10
    loop.run_until_complete(anyio.sleep(10))

    assert rung == [0]


def test_infinite_timer_never_rings_and_does_not_hide_a_stuck_run(loop: VirtualLoop) -> None:
    with pytest.raises(Stuck, match="task-1 of the world at sleep"):
        loop.run_until_complete(anyio.sleep_forever())


def test_stuck_run_names_who_waits_where(loop: VirtualLoop) -> None:
    async def waits_for_godot() -> None:
        await anyio.Event().wait()

    loop.spawn_process("vladimir", waits_for_godot)

    with pytest.raises(Stuck, match=r"vladimir of vladimir at .*waits_for_godot"):
        loop.run_until_complete(anyio.Event().wait())


def test_spinning_run_hits_the_step_limit(run: Callable[..., Any]) -> None:
    async def spin() -> None:
        while True:
            await anyio.lowlevel.checkpoint()

    with pytest.raises(TooManySteps, match="1000 steps"):
        run(spin, max_steps=1_000)


def test_endless_run_hits_the_time_limit(run: Callable[..., Any]) -> None:
    async def tick() -> None:
        async with anyio.create_task_group() as group:
            await anyio.sleep(60)
            group.start_soon(tick)

    with pytest.raises(TooLate, match="the limit is 4600"):
        run(tick, max_time_s=3_600)


def test_callback_from_another_thread_is_refused(loop: VirtualLoop) -> None:
    caught: list[BaseException] = []

    def intrude() -> None:
        try:
            loop.call_soon_threadsafe(print)
        except RuntimeError as error:
            caught.append(error)

    async def main() -> None:
        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()

    loop.run_until_complete(main())

    assert len(caught) == 1


def order_of_ready_callbacks(run: Callable[..., Any], **options: Any) -> list[int]:
    seen: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in range(20):
            loop.call_soon(seen.append, number)
        await anyio.sleep(1)

    run(main, **options)
    return seen


def test_order_is_first_come_first_served_by_default(run: Callable[..., Any]) -> None:
    assert order_of_ready_callbacks(run, seed=5) == list(range(20))


def test_shuffled_order_follows_from_the_seed(run: Callable[..., Any]) -> None:
    first = order_of_ready_callbacks(run, seed=1, shuffle=True)

    assert first == order_of_ready_callbacks(run, seed=1, shuffle=True)
    assert first != order_of_ready_callbacks(run, seed=2, shuffle=True)
    assert sorted(first) == list(range(20))

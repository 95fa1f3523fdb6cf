"""The Scheduler port's promises, by event: nothing here waits for a fixed time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from syncd.lab.virtual_scheduler import VirtualScheduler
from syncd.ports.scheduler import Scheduler
from syncd.runtime.apscheduler_timer import ApschedulerTimer

every_scheduler = pytest.mark.parametrize("make", [ApschedulerTimer, VirtualScheduler])
LIMIT_S = 5


@every_scheduler
async def test_beat_added_before_start_wakes_in_the_loops_own_thread(
    make: type[Scheduler],
) -> None:
    scheduler = make()
    woken, threads = asyncio.Event(), []

    def wake() -> None:
        threads.append(threading.current_thread())
        woken.set()

    scheduler.every("feed", 0.05, wake)
    scheduler.start()
    async with asyncio.timeout(LIMIT_S):
        await woken.wait()
    scheduler.stop()

    assert threads[0] is threading.current_thread()


@every_scheduler
async def test_beat_added_after_start_wakes_again_and_again(make: type[Scheduler]) -> None:
    scheduler = make()
    beats = asyncio.Semaphore(0)
    scheduler.start()
    scheduler.every("sweep", 0.05, beats.release)

    async with asyncio.timeout(LIMIT_S):
        for _ in range(3):
            await beats.acquire()
    scheduler.stop()


@every_scheduler
async def test_no_beat_comes_after_stop(make: type[Scheduler]) -> None:
    scheduler = make()
    beats: list[str] = []
    first = asyncio.Event()

    def wake() -> None:
        beats.append("beat")
        scheduler.stop()
        first.set()

    scheduler.every("feed", 0.05, wake)
    scheduler.start()
    async with asyncio.timeout(LIMIT_S):
        await first.wait()
    scheduler.stop()
    await asyncio.sleep(0.12)

    assert beats == ["beat"]

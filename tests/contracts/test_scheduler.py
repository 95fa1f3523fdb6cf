"""The Scheduler port's promises, by event: nothing here waits for a fixed time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from syncd.lab.virtual.virtual_scheduler import VirtualScheduler
from syncd.ports.scheduler import Scheduler
from syncd.runtime.apscheduler_timer import ApschedulerTimer

LIMIT_S = 5
DAY_S = 86_400.0


class Wall:
    """The machine's wall clock, which somebody sets."""

    def __init__(self) -> None:
        self.set_s = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.set_s)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """A wall clock that may be set, for us and for APScheduler, which reads it by itself."""
    shared = Wall()

    class SetDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a stand-in
            assert tz is UTC
            return shared.now()

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", SetDatetime)
    return shared


@pytest.fixture(params=["apscheduler", "virtual"])
def scheduler(request: pytest.FixtureRequest, wall: Wall) -> Scheduler:
    make: dict[str, Callable[[], Scheduler]] = {
        "apscheduler": lambda: ApschedulerTimer(wall),
        "virtual": VirtualScheduler,
    }
    return make[request.param]()


async def test_beat_added_before_start_wakes_in_the_loops_own_thread(
    scheduler: Scheduler,
) -> None:
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


async def test_beat_added_after_start_wakes_again_and_again(scheduler: Scheduler) -> None:
    beats = asyncio.Semaphore(0)
    scheduler.start()
    scheduler.every("sweep", 0.05, beats.release)

    async with asyncio.timeout(LIMIT_S):
        for _ in range(3):
            await beats.acquire()
    scheduler.stop()


async def test_no_beat_comes_after_stop(scheduler: Scheduler) -> None:
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


@pytest.mark.parametrize("set_s", [-3600.0, 3600.0, -DAY_S, DAY_S, -40 * DAY_S, 40 * DAY_S])
async def test_beat_comes_at_its_own_pace_when_the_wall_clock_is_set(
    scheduler: Scheduler, wall: Wall, set_s: float
) -> None:
    loop = asyncio.get_running_loop()
    beats: asyncio.Queue[float] = asyncio.Queue()
    scheduler.every("feed", 0.1, lambda: beats.put_nowait(loop.time()))
    scheduler.every("rare", 3600.0, lambda: beats.put_nowait(-1.0))
    scheduler.start()

    async with asyncio.timeout(LIMIT_S):
        await beats.get()
        wall.set_s += set_s
        came = [await beats.get() for _ in range(4)]
    scheduler.stop()

    assert min(came) > 0, "what was due in an hour came at once"
    assert came[-1] - came[0] >= 0.15, "missed beats were made up for"


@pytest.mark.parametrize("set_s", [-DAY_S, DAY_S])
async def test_next_beat_that_was_set_comes_then_whatever_the_wall_clock_says(
    scheduler: Scheduler, wall: Wall, set_s: float
) -> None:
    woken = asyncio.Event()
    scheduler.every("tokens", 3600.0, woken.set)
    scheduler.start()

    scheduler.set_next("tokens", 0.1)
    wall.set_s += set_s
    before = scheduler.next_runs()["tokens"]
    async with asyncio.timeout(LIMIT_S):
        await woken.wait()
    after = scheduler.next_runs()["tokens"]
    scheduler.stop()

    assert before < 1.0, "the wall clock moved it"
    assert 3590.0 < after <= 3600.0


async def test_next_beat_may_be_set_before_the_start(scheduler: Scheduler) -> None:
    woken = asyncio.Event()
    scheduler.every("tokens", 3600.0, woken.set)
    scheduler.set_next("tokens", 0.05)
    none_yet = scheduler.next_runs()

    scheduler.start()
    async with asyncio.timeout(LIMIT_S):
        await woken.wait()
    scheduler.stop()

    assert none_yet == {}


async def test_next_runs_name_every_job_with_its_distance(scheduler: Scheduler) -> None:
    scheduler.every("feed", 60.0, lambda: None)
    scheduler.every("sweep", 900.0, lambda: None)
    scheduler.start()

    told = scheduler.next_runs()
    scheduler.stop()

    assert 59.0 < told["feed"] <= 60.0
    assert 899.0 < told["sweep"] <= 900.0


async def test_set_next_after_stop_is_nothing(scheduler: Scheduler) -> None:
    scheduler.every("feed", 60.0, lambda: None)
    scheduler.start()
    scheduler.stop()

    scheduler.set_next("feed", 0.01)

    assert scheduler.next_runs() == {}


async def test_forgotten_job_beats_no_more_and_another_of_its_name_may_come(
    scheduler: Scheduler,
) -> None:
    old: list[str] = []
    woken = asyncio.Event()
    scheduler.forget("nobody")
    scheduler.every("feed", 0.02, lambda: old.append("beat"))
    scheduler.start()

    scheduler.forget("feed")
    scheduler.forget("feed")
    between = scheduler.next_runs()
    scheduler.every("feed", 0.05, woken.set)
    async with asyncio.timeout(LIMIT_S):
        await woken.wait()
    scheduler.stop()

    assert (dict(between), old) == ({}, [])

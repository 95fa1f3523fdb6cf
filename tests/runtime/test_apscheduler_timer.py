"""How the timer drives APScheduler: its promises to callers stand in tests/contracts."""

from __future__ import annotations

import pytest
from anyio.lowlevel import checkpoint

from syncd.runtime.apscheduler_timer import ApschedulerTimer
from syncd.runtime.system_clock import SystemClock


async def test_every_replaces_a_beat_of_the_same_name() -> None:
    timer = ApschedulerTimer(SystemClock())
    timer.start()

    timer.every("feed", 60, lambda: None)
    timer.every("feed", 30, lambda: None)

    (job,) = timer._scheduler.get_jobs()
    timer.stop()
    assert job.trigger.interval.total_seconds() == 30
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)


async def test_stop_may_come_first_and_twice() -> None:
    timer = ApschedulerTimer(SystemClock())

    timer.stop()
    timer.stop()


async def test_a_beat_that_a_stop_finds_on_its_way_wakes_nobody_and_fails_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    woken: list[str] = []
    timer = ApschedulerTimer(SystemClock())
    timer.every("feed", 60, lambda: woken.append("feed"))
    timer.start()
    timer.set_next("feed", 0.0)

    timer.stop()  # APScheduler ends in the next turn of the loop
    timer._scheduler._process_jobs()
    for _ in range(5):
        await checkpoint()

    assert woken == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []

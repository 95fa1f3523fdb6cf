"""The Scheduler port over APScheduler 3.11: named jobs that only wake, by the loop's clock.

No job store that outlives the process: what is due is known by the database, never by a timer.
APScheduler plans by the wall clock, which people and time servers set. So before it looks for what
is due, all its plans are moved by as much as the wall clock was set since it last looked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from syncd.ports.clock import Clock

# Less is the two clocks' own unevenness, and no beat needs to be more exact.
_SET_S = 0.02


class ApschedulerTimer:
    """One job per name; missed beats coalesce into one, however late."""

    def __init__(self, clock: Clock) -> None:
        self._has_stopped = False
        self._scheduler = _LoopScheduler(
            clock,
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, name: str, seconds: float, wake: Callable[[], None]) -> None:
        """Call `wake` in the loop's thread every `seconds`; a second call of a name replaces it."""
        self._scheduler.add_job(
            self._beat(wake),
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id=name,
            name=name,
            replace_existing=True,
            next_run_time=self._scheduler.now() + timedelta(seconds=seconds),
        )

    def set_next(self, name: str, in_s: float) -> None:
        """Let a job's next beat come in so many seconds."""
        if not self._has_stopped:
            at = self._scheduler.now() + timedelta(seconds=in_s)
            self._scheduler.modify_job(name, next_run_time=at)

    def forget(self, name: str) -> None:
        """No beat of this job any more."""
        if not self._has_stopped and self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)

    def next_runs(self) -> Mapping[str, float]:
        """In how many seconds each job's next beat comes; empty unless it runs."""
        if self._has_stopped or not self._scheduler.running:
            return {}
        now = self._scheduler.now()
        return {
            job.id: max(0.0, (job.next_run_time - now).total_seconds())
            for job in self._scheduler.get_jobs()
        }

    def start(self) -> None:
        """Begin; asks for a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; no beat after this. Idempotent."""
        self._has_stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _beat(self, wake: Callable[[], None]) -> Callable[[], Awaitable[None]]:
        # A plain function would run in a thread of APScheduler's; a coroutine stays in the loop.
        async def beat() -> None:
            if not self._has_stopped:  # APScheduler ends one turn of the loop after `stop`
                wake()

        return beat


class _Beats(AsyncIOExecutor):  # type: ignore[misc]  # the library is untyped
    """Beats that a stop finds on their way end by themselves, waking nobody.

    The library would cancel them, and print that as a job's failure.
    """

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002, ARG002  (the library's)
        """Nothing is waited for: a beat takes one turn of the loop."""
        self._pending_futures.clear()


class _LoopScheduler(AsyncIOScheduler):  # type: ignore[misc]  # the library is untyped
    """APScheduler whose plans follow the loop's clock when the wall clock is set.

    Its timer is the loop's already; what it compares with `datetime.now` is moved along.
    """

    def __init__(self, clock: Clock, **options: Any) -> None:
        self._clock = clock
        self._ahead_s: float | None = None
        super().__init__(**options)

    def now(self) -> datetime:
        """The wall clock, with every plan moved along to it."""
        now = self._clock.now()
        ahead_s = now.timestamp() - anyio.current_time()
        set_s = 0.0 if self._ahead_s is None else ahead_s - self._ahead_s
        if self._ahead_s is None or abs(set_s) > _SET_S:
            self._ahead_s = ahead_s
        if abs(set_s) > _SET_S:
            self._move_plans(timedelta(seconds=set_s))
        return now

    def _move_plans(self, by: timedelta) -> None:
        with self._jobstores_lock:
            for job, _, _ in self._pending_jobs:  # before the start
                job.next_run_time += by
            for store in self._jobstores.values():
                for job in store.get_all_jobs():
                    job.next_run_time += by
                    store.update_job(job)

    def _create_default_executor(self) -> _Beats:
        return _Beats()

    def _process_jobs(self) -> float | None:
        self.now()
        wait_s: float | None = super()._process_jobs()
        return wait_s

"""The Scheduler port over APScheduler 3.11: beats that only wake, by the machine's clock.

No job store that outlives the process: what is due is known by the database, never by a timer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger


class ApschedulerTimer:
    """A beat per name; missed beats coalesce into one, however late."""

    def __init__(self) -> None:
        self._has_stopped = False
        self._scheduler = AsyncIOScheduler(
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
        )

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

"""Named jobs: each wakes a service when it is due. They only wake; the work stays in the service.

Time is the loop's own: a wall clock that is set, back or forward, moves no beat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol


class Scheduler(Protocol):
    """One job per name."""

    def every(self, name: str, seconds: float, wake: Callable[[], None]) -> None:
        """Call `wake` every `seconds`, coalescing missed beats. Before or after `start`.

        A second call of a name replaces the job.
        """
        ...

    def set_next(self, name: str, in_s: float) -> None:
        """Let a job's next beat come in so many seconds; the ones after it come every `seconds`."""
        ...

    def forget(self, name: str) -> None:
        """No beat of this job any more; a name nobody knows is none."""
        ...

    def next_runs(self) -> Mapping[str, float]:
        """In how many seconds each job's next beat comes, by name; empty before `start`."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End; no beat after this."""
        ...

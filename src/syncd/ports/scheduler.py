"""Wakes services by the clock. Jobs only wake; the work stays in its service's own task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Scheduler(Protocol):
    """A beat per name."""

    def every(self, name: str, seconds: float, wake: Callable[[], None]) -> None:
        """Call `wake` every `seconds`, coalescing missed beats. Before or after `start`."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End; no beat after this."""
        ...

"""Wall time, for instants that are stored or shown. Durations come from the event loop."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of wall time."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

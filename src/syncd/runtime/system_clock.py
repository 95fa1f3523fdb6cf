"""The Clock port on the real machine: the only reader of its wall clock for the daemon."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return datetime.now(UTC)

"""The Clock port on the real machine: the only reader of its wall clock for the daemon."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return datetime.now(UTC)


def since_boot_s() -> float:
    """Seconds that also count while the machine sleeps, where the system counts them (Linux)."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot(told_by: Path = _BOOT) -> str:
    """Which boot of which machine this is: as long as it is the same, so is the loop's time.

    Linux draws a random id at every boot; elsewhere empty: unknown.
    """
    try:
        return told_by.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""

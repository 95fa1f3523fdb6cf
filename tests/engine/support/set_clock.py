"""The machine's clock, as somebody may set it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.ports.clock import Clock


@dataclass
class Wall:
    """The Clock port over another, set by so much."""

    inner: Clock
    set_by: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.inner.now() + self.set_by

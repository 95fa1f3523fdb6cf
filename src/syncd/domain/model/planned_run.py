"""A task's next round, as the schedule plans it: told with samples, shown to operators."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value


class PlannedRun(Value, frozen=True, kw_only=True):
    """When a task's next round is due; the scheduler wakes it then, and news may wake it before."""

    task: str
    tenant: TenantId | None
    """None: a task for all of them."""
    next_run_at: datetime
    is_working: bool = False
    """A round is under way."""
    failures: int = 0
    """So many rounds in a row have failed: it backs off."""

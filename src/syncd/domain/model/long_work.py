"""Slow work that a person orders, and the files that are kept of it: plans and reports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.model.value import Value


class WorkKind(StrEnum):
    """What was ordered; one at a time of each kind and tenant."""

    PLAN = "plan"
    APPLY = "apply"
    REPORT = "report"
    CHECK = "check"
    """Of the journal's chain."""
    REPLAY = "replay"
    """Of webhooks."""


class WorkState(StrEnum):
    """Where it stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """The daemon ended before it: nothing is half done."""


class KeptFile(Value, frozen=True, kw_only=True):
    """One plan or report: its hash or digest, when and by whom it was made.

    `applied_at` is a plan's, the rest a report's.
    """

    name: str
    made_at: datetime
    made_by: str
    applied_at: datetime | None
    ties_out: bool | None
    reviewed_at: datetime | None
    reviewed_by: str | None

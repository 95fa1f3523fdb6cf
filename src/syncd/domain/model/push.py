"""What became of a push, in the words that metrics count by."""

from __future__ import annotations

from enum import StrEnum


class PushOutcome(StrEnum):
    """What became of one job of a round; a closed label set."""

    CREATED = "created"
    UPDATED = "updated"
    VOIDED = "voided"
    UNCHANGED = "unchanged"
    HELD = "held"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"

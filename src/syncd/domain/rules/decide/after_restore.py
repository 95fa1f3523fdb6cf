"""After `db restore`: what a base from the backup can answer for, and what waits for a person.

Between the backup and now an earlier run wrote, and people edited, and nothing here remembers it.
Where both sides show the same, nothing was lost. Where they differ, a base answers for a document
only while Xero has not touched that document since the base knew it: "only Pipeline moved" may
else be a bookkeeper's way back over a write this store has forgotten. The same holds for an update
that was never answered: it may have landed, and have been taken back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.domain.rules.decide.situation import Verdict, VerdictKind

MARGIN = timedelta(days=1)
"""Xero's clock, ours, and what became visible late: looks begin that much before the backup."""
LOOK_DELAY_S = 30.0
"""What waits for the look is released by its end; this is in case that word was lost."""
LOOK_FIRST = "The store was restored: what Xero has of ours since the backup is read first."
NOTHING = datetime(1970, 1, 1, tzinfo=UTC)
"""Up to when a base answers that rests on nothing but an intent from the backup."""
RESTORED = "The store was restored from a backup and Xero's document was changed since then:"
UNANSWERED = "Xero never answered a change of it, and its document was changed since then:"
_ONE_SIDED = (VerdictKind.UPDATE, VerdictKind.WITHDRAW, VerdictKind.XERO_MOVED)


def is_doubtful(unverified_from: datetime | None, updated_at: datetime) -> bool:
    """Whether a document last changed at `updated_at` was touched after its base knew it.

    `unverified_from` is the newest change the store knew of when it was restored, None for a base
    agreed on since.
    """
    return unverified_from is not None and updated_at > unverified_from


def withheld(verdict: Verdict, why: str) -> Verdict:
    """The same row, but one-sided movement that nobody can vouch for is shown to a person."""
    if verdict.kind not in _ONE_SIDED:
        return verdict
    return replace(
        verdict,
        kind=VerdictKind.OUT_OF_SYNC,
        text=f"{why} nothing tells who changed it. Compare the two and resolve.",
    )

"""Every kind of end the daemon knows, counted over a sweep: holds, findings, verdicts on events.

The list is made of the domain's own enums, so that a new kind that no day ever brings shows as
NEVER in the summary.
"""

from __future__ import annotations

from collections import Counter

from syncd.domain.model.finding import FindingKind
from syncd.domain.model.inbox import NoticeOutcome
from syncd.domain.model.job import JobKind, PublicState, Reason
from syncd.lab.watch.store_reader import StoreReader

KINDS = (
    *(f"{kind}: {state}" for kind in JobKind for state in PublicState),
    *(f"held for {reason}" for reason in Reason),
    *(f"finding: {kind}" for kind in FindingKind),
    *(f"event: {verdict}" for verdict in NoticeOutcome),
)


def counted(store: StoreReader) -> Counter[str]:
    """How many of each stand in the store at a day's end; findings and events ever had."""
    return Counter(store.kinds())

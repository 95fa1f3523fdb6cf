"""A change in the state of an invoice or customer, as the journal's detail keeps it."""

from __future__ import annotations

from enum import StrEnum

from syncd.domain.model.job import Reason
from syncd.domain.model.result import Difference
from syncd.domain.model.value import Value


class StateChangeKind(StrEnum):
    """What changed. A confirmed write without incident is none: its entry has no detail."""

    HELD = "held"
    OUT_OF_SYNC = "out_of_sync"
    RESUMED = "resumed"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    FOUND = "found"
    SENT_AGAIN = "sent_again"
    NOT_TAKEN = "not_taken"
    ADOPTED = "adopted"
    EDITED_MEANWHILE = "edited_meanwhile"
    ENDED = "ended"
    NEVER_SENT = "never_sent"
    ACCEPTED = "accepted"


class StateChange(Value, frozen=True, kw_only=True):
    """What changed, and what explains it.

    `reason` is why it waits or waited; `text` says it to people; `pipeline_by` is who changed it in
    Pipeline last; `fields` are those a bookkeeper edited while it was being written, or whose edit
    was accepted.
    """

    not_shown = ("text", "differences", "pipeline_by")

    what: StateChangeKind
    reason: Reason | None = None
    text: str = ""
    differences: tuple[Difference, ...] = ()
    fields: tuple[str, ...] = ()
    pipeline_by: str | None = None

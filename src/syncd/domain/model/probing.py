"""An uncertain write as it is stored, what a probe found of it, and what to do about it.

Values of the protocol in `rules.queue.uncertain_write`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from syncd.domain.model.invoice import StepKind
from syncd.domain.model.value import Value


class ProbeLimits(Value, frozen=True, kw_only=True):
    """The waits of the protocol, as configured."""

    probe_after_s: float = 20
    replay_within_s: float = 300
    """Less than the six minutes Xero remembers a key, by a whole call's time limit."""
    late_commit_s: float = 420
    """After this long, no byte sent can still take effect."""
    clean_looks: int = 3
    """How many good looks must have found nothing before a create is made anew."""


class CallRecord(Value, frozen=True, kw_only=True):
    """One write call as it is stored.

    `last_sent_at` is when the last byte of the latest send left; where a crash hides that, the
    latest instant it can have been. `any_uncertain_before` says that a send before the latest one
    had no usable answer, also one of an earlier call for the same create.
    """

    first_sent_at: datetime
    last_sent_at: datetime
    sends: int = 1
    any_uncertain_before: bool = False


class IntentState(StrEnum):
    """What is known of an open intent."""

    OPEN = "open"
    NUMBER_REFUSED = "number_refused"
    """The latest answer said that the number (or a contact's name) is not unique."""


class IntentRecord(Value, frozen=True, kw_only=True):
    """One element of a call. `clean_looks` counts those since the latest send: a replay clears it.

    `number_sent` is the invoice number, or a contact's name, the element was sent with.
    """

    step: StepKind
    state: IntentState = IntentState.OPEN
    number_sent: str | None = None
    clean_looks: int = 0
    look_at: datetime | None = None
    """When the latest StayUncertain asked to look again; None since the latest send."""


class Sibling(StrEnum):
    """Another element of the same call, as the same probe found it."""

    UNMOVED = "unmoved"
    """An update: it equals its base. A create: it is not there."""
    APPLIED = "applied"
    """It shows what was sent."""
    MOVED = "moved"
    """It shows something else, or was written again since."""
    UNREAD = "unread"


# --- what a probe found ------------------------------------------------------------------------


class ReadFailed(Value, frozen=True, kw_only=True):
    """The read failed, or a part of it: never a clean look.

    `is_its_own`: Xero answered, and asked again soon would answer the same.
    """

    why: str
    is_its_own: bool = False


class FoundNothing(Value, frozen=True, kw_only=True):
    """Every way of looking answered, and none shows the document."""


class FoundOurs(Value, frozen=True, kw_only=True):
    """Our document, by mark and id; `is_as_sent` when it shows the intent's content."""

    is_as_sent: bool


class FoundUnmanaged(Value, frozen=True, kw_only=True):
    """The number stands on a document we do not manage, or another of ours; `text` names it."""

    text: str


class FoundUnmoved(Value, frozen=True, kw_only=True):
    """The document still equals its base."""


class FoundMoved(Value, frozen=True, kw_only=True):
    """The document shows neither its base nor the intent's content."""


class FoundGone(Value, frozen=True, kw_only=True):
    """DELETED or VOIDED, or a contact that is absent: no update can be applied to it any more."""


ProbeResult = (
    ReadFailed | FoundNothing | FoundOurs | FoundUnmanaged | FoundUnmoved | FoundMoved | FoundGone
)


# --- what to do --------------------------------------------------------------------------------


class WaitUntil(Value, frozen=True, kw_only=True):
    """Nothing before `at`."""

    at: datetime


class ProbeById(Value, frozen=True, kw_only=True):
    """Read the document by its id."""


class ProbeByNumber(Value, frozen=True, kw_only=True):
    """Read by each of `numbers`, and by mark among what this app made, changed since `since`."""

    numbers: tuple[str, ...]
    since: datetime


Move = WaitUntil | ProbeById | ProbeByNumber


class RecordApplied(Value, frozen=True, kw_only=True):
    """It was applied: record it so, never send it again."""


class Adopt(Value, frozen=True, kw_only=True):
    """The create was applied and edited since: what was sent becomes the base."""


class ReplaySame(Value, frozen=True, kw_only=True):
    """Send the same bytes with the same key again; the clean looks start from none."""


class StayUncertain(Value, frozen=True, kw_only=True):
    """Nobody can say yet: store both values and look again at `look_at`."""

    look_at: datetime
    clean_looks: int


class GiveUp(Value, frozen=True, kw_only=True):
    """It did not land, and cannot any more: close the intent, decide anew, by a new call."""


class HoldForNumber(Value, frozen=True, kw_only=True):
    """Another document has the number; `text` says which, or that Xero does not show it."""

    text: str


ProbeVerdict = RecordApplied | Adopt | ReplaySame | StayUncertain | GiveUp | HoldForNumber


class Definite(Value, frozen=True, kw_only=True):
    """The refusal counts: no send of this element can have been applied."""


class ProbeNow(Value, frozen=True, kw_only=True):
    """The number is not unique: mark the intent NUMBER_REFUSED and look at once."""


RefusalMove = Definite | ProbeNow | StayUncertain

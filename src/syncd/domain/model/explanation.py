"""The explanation of an invoice: what both systems' histories say of it, as sentences."""

from __future__ import annotations

from datetime import datetime

from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.result import Difference
from syncd.domain.model.state_change import StateChange
from syncd.domain.model.value import Value


class XeroNote(Value, frozen=True, kw_only=True):
    """One record of a document's History and Notes in Xero."""

    not_shown = ("details",)

    at: datetime
    who: str
    what: str
    details: str


class JournalLine(Value, frozen=True, kw_only=True):
    """One entry of our journal, with the state change in its detail, if it has one."""

    not_shown = ("text",)

    at: datetime
    who: str
    text: str
    state_change: StateChange | None = None


class CurrentState(Value, frozen=True, kw_only=True):
    """How the invoice stands now. `changed_by` is who changed it in Pipeline last."""

    number: str
    state: PublicState
    reason: Reason | None
    why: str
    version: int
    changed_by: str
    changed_at: datetime
    is_withdrawn: bool = False
    differences: tuple[Difference, ...] = ()
    taken_in: str = ""
    """What was new in Xero and has been read just now, in words."""
    next_look_at: datetime | None = None
    """When it is looked at by itself."""
    is_stopped: bool = False
    """Nothing is written now, whatever the invoice; `why` says for what."""
    is_unread: bool = False
    """What Xero shows at this moment could not be read."""
    is_unheard: bool = False
    """What changed in Pipeline cannot be read at the moment."""


class Sentence(Value, frozen=True, kw_only=True):
    """One thing that happened; `where` is Pipeline, Xero or syncd.

    `kind` is what it was: `saved` or `deleted` in Pipeline, `note` of Xero's History, `entry` of
    the journal, or the state change in it. `fields` are those it is about, `differences` the same
    in words.
    """

    not_shown = ("text", "differences")

    at: datetime
    where: str
    who: str
    kind: str
    text: str
    fields: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


class Mover(Value, frozen=True, kw_only=True):
    """Who moved a field that differs now, on each side, as far as it is known.

    In Pipeline it is who changed the invoice last; in Xero who edited it last by its History.
    """

    field: str
    pipeline_by: str | None = None
    pipeline_at: datetime | None = None
    xero_by: str | None = None
    xero_at: datetime | None = None


class Explanation(Value, frozen=True, kw_only=True):
    """Oldest first; then how it stands now, and what a person can do about it."""

    sentences: tuple[Sentence, ...]
    now: tuple[str, ...]
    can_do: str
    movers: tuple[Mover, ...] = ()

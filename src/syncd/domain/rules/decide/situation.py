"""Situation and verdict: all a decision about one invoice is drawn from, and what it says.

The values threeway classifies and answers with; policy and plan read them on.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.value import Value
from syncd.domain.rules.compare.comparison import Moves
from syncd.domain.rules.compare.ownership_mark import FOREIGN, Owner, Ownership


class DesiredState(StrEnum):
    """What Pipeline shows. UNSEEN: not read yet, or not found by one point read only."""

    PRESENT = "present"
    WITHDRAWN = "withdrawn"
    UNSEEN = "unseen"


class LiveState(StrEnum):
    """What Xero shows. ABSENT needs a good look; GONE is DELETED or VOIDED; UNREAD is no answer."""

    UNREAD = "unread"
    ABSENT = "absent"
    ALIVE = "alive"
    GONE = "gone"


class VerdictKind(StrEnum):
    """What follows from a row."""

    PROBE = "probe"
    READ_PIPELINE = "read_pipeline"
    READ_XERO = "read_xero"
    ADOPT = "adopt"
    """Make a base of the found document (see bases), then classify again."""
    VOIDED = "voided"
    """Done: withdrawn here, and nothing of it lives in Xero."""
    WITHDRAW = "withdraw"
    CREATE = "create"
    IN_SYNC = "in_sync"
    LEFT = "left"
    """Deleted in Pipeline, and left standing in Xero by decision."""
    CONVERGED = "converged"
    """Move both halves of the base and release the hold."""
    UPDATE = "update"
    XERO_MOVED = "xero_moved"
    """To be turned by policy into OUT_OF_SYNC, ACCEPT or MIRROR."""
    ACCEPT = "accept"
    MIRROR = "mirror"
    OUT_OF_SYNC = "out_of_sync"
    HOLD = "hold"


REMEDY = (
    "Review the differences and correct one system, or resolve it by taking one side; the sync "
    "will resume once the data is consistent."
)
"""What a person can do about an invoice out of sync, in the product's words."""


ALTERED = (
    "Xero took what was sent, but shows something else in its place: that was never agreed, and "
    f"further sync is blocked. {REMEDY}"
)
"""What is said where Xero itself altered what we wrote."""


class Situation(Value, frozen=True, kw_only=True):
    """All a verdict is drawn from. `mark` speaks of a document that was found, ALIVE or GONE.

    `moves` is needed wherever a base and a living document stand beside each other, and without a
    base where Pipeline's side is present and the document is ours.
    """

    desired: DesiredState
    live: LiveState
    has_base: bool
    open_intent: bool = False
    earlier_intent: bool = False
    """A settled or given-up create of ours is stored, with the snapshot it was sent with."""
    restore_outstanding: bool = False
    """After `db restore`, until every document of this app has been matched by its mark."""
    is_left: bool = False
    """A person decided, of this very Pipeline version, to leave Xero as it is."""
    mark: Ownership = FOREIGN
    moves: Moves | None = None
    missing: tuple[Objection, ...] = ()
    """What leads nowhere in Xero yet, so that those words cannot be compared."""

    @property
    def compared(self) -> Moves:
        """The moves, in rows that cannot do without them."""
        assert self.moves is not None, f"this situation must be compared first: {self}"
        return self.moves

    @property
    def is_kept(self) -> bool:
        """Xero stands as decided: alive although withdrawn, or gone although wanted."""
        is_alive = self.live is LiveState.ALIVE
        return self.is_left and is_alive is (self.desired is DesiredState.WITHDRAWN)

    @property
    def is_found(self) -> bool:
        """A document is there, whatever its status."""
        return self.live in (LiveState.ALIVE, LiveState.GONE)

    @property
    def is_ours(self) -> bool:
        """A document is there and carries our mark for this very invoice."""
        return self.is_found and self.mark.owner is Owner.OURS

    @property
    def is_unread(self) -> bool:
        """Nobody can say what Xero shows; a look without a base proves little after a restore."""
        uncertain = self.live is LiveState.ABSENT and self.restore_outstanding and not self.has_base
        return self.live is LiveState.UNREAD or uncertain


class Verdict(Value, frozen=True, kw_only=True):
    """What follows, from which row; `text` in plain words, `reason` from the public set."""

    row: int
    kind: VerdictKind
    text: str
    reason: Reason | None = None

    def held(self, reason: Reason, text: str) -> Verdict:
        """The same row, but waiting for `reason` to go away."""
        return replace(self, kind=VerdictKind.HOLD, reason=reason, text=text)


def live_side(live: LiveInvoice | None) -> LiveState:
    """How a good read answers: None when it found no such document."""
    if live is None:
        return LiveState.ABSENT
    return LiveState.GONE if live.status.is_gone else LiveState.ALIVE

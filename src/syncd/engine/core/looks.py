"""What the prober works on: uncertain calls with their elements, and what a look showed of each.

Shared by the looks at invoices and at contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from syncd.domain.errors import RemoteError
from syncd.domain.ids import CallId, IntentId
from syncd.domain.model.probing import (
    LookFailed,
    LookResult,
    SeenNothing,
    SeenOurs,
    SeenUnmoved,
    Sibling,
)
from syncd.store.calls import Call
from syncd.store.intents import Intent

D = TypeVar("D")
"""The document a look may find: a live invoice or contact."""
_REST = Sibling.MOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Generic[D]):
    """What a look showed of one element, with the document where there is one."""

    result: LookResult
    live: D | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks(Generic[D]):
    """One round's looks by intent; `failed` is why none could be made."""

    by_intent: Mapping[IntentId, Look[D]] = field(default_factory=dict)
    looked_at: datetime
    failed: RemoteError | None = None

    def of(self, intent: Intent) -> Look[D]:
        """What was seen of one element; a failed read is never a clean look."""
        if self.failed is not None:
            return Look(result=LookFailed(why=str(self.failed)))
        return self.by_intent.get(intent.id, Look(result=LookFailed(why="was not looked at")))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCalls:
    """Uncertain calls and every element of theirs, open or closed, by call."""

    calls: Mapping[CallId, Call]
    elements: Mapping[CallId, Sequence[Intent]]

    def siblings(self, intent: Intent) -> list[Intent]:
        """The other elements of an intent's call."""
        return [one for one in self.elements[intent.call] if one.id != intent.id]


def as_sibling(result: LookResult) -> Sibling:
    """A look at one element, as another element's protocol sees it."""
    match result:
        case LookFailed():
            return Sibling.UNREAD
        case SeenOurs(is_as_sent=True):
            return Sibling.LANDED
        case SeenNothing() | SeenUnmoved():
            return Sibling.UNMOVED
        case _:
            return _REST

"""What a probe works on: uncertain calls with their elements, and what was read of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from syncd.domain.errors import Refused, RemoteError
from syncd.domain.ids import CallId, IntentId
from syncd.domain.model.probing import (
    FoundNothing,
    FoundOurs,
    FoundUnmoved,
    ProbeResult,
    ReadFailed,
    Sibling,
)
from syncd.domain.model.value import Value
from syncd.engine.core import unreadable_rows
from syncd.store.calls import Call
from syncd.store.intents import Intent

D = TypeVar("D")
"""The document a probe may find: a live invoice or contact."""
_REST = Sibling.MOVED


class ProbeRead(Value, Generic[D], frozen=True, kw_only=True):
    """What a probe read of one element, with the document where there is one."""

    result: ProbeResult
    live: D | None = None


class ProbeReads(Value, Generic[D], frozen=True, kw_only=True, gc=True):
    """One round's reads by intent; `failed` is why what is not there could not be read."""

    by_intent: Mapping[IntentId, ProbeRead[D]] = {}
    read_at: datetime
    failed: RemoteError | None = None

    def of(self, intent: Intent) -> ProbeRead[D]:
        """What was seen of one element; a failed read is never a clean look."""
        why = "was not looked at" if self.failed is None else str(self.failed)
        failed = ReadFailed(why=why, is_its_own=isinstance(self.failed, Refused))
        return self.by_intent.get(intent.id, ProbeRead(result=failed))


class OpenCalls(Value, frozen=True, kw_only=True):
    """Uncertain calls and every element of theirs, open or closed, by call."""

    calls: Mapping[CallId, Call]
    elements: Mapping[CallId, Sequence[Intent]]

    def still(self, intent: Intent | None) -> Intent | None:
        """The same with what was meant, where it is open still."""
        if intent is None:
            return None
        (found,) = [one for one in self.elements[intent.call] if one.id == intent.id]
        return found if found.end is None else None

    def siblings(self, intent: Intent) -> list[Intent]:
        """The other elements of an intent's call."""
        return [one for one in self.elements[intent.call] if one.id != intent.id]


def hidden_by(problem: str, what: str = unreadable_rows.DOCUMENT) -> ProbeRead[D]:
    """Nothing is known of what an unreadable row may be."""
    why = unreadable_rows.in_words(problem, what)
    return ProbeRead(result=ReadFailed(why=why, is_its_own=True))


def as_sibling(one: Intent, result: ProbeResult) -> Sibling:
    """A read of one element, as another element's protocol sees it.

    One that is settled may have been written since, also back to what it was: it counts as unmoved
    no more, for a repeat of the call would send its old content along.
    """
    match result:
        case ReadFailed():
            return Sibling.UNREAD
        case FoundOurs(is_as_sent=True):
            return Sibling.APPLIED
        case FoundNothing() | FoundUnmoved() if one.end is None:
            return Sibling.UNMOVED
        case _:
            return _REST

"""Documents by id, in the order of their last change, and as they were a moment ago.

Called by `books` for each kind of document. The order by UpdatedDateUTC, then id, is kept with each
write, so that a list by If-Modified-Since is a cut and not a sort. The past is kept only while
reads are set to lag behind writes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, Self, TypeVar


class Document(Protocol):
    """What the shelf asks of a document."""

    id: str
    updated_ms: int

    def snapshot(self) -> Self:
        """The document as it stands now."""


T = TypeVar("T", bound=Document)


class Shelf(Generic[T]):
    """All documents of one kind in one organisation."""

    def __init__(self, lag_ms: Callable[[], int]) -> None:
        self.by_id: dict[str, T] = {}
        self._order: list[tuple[int, str]] = []
        self._lag_ms = lag_ms
        # id -> what it was until then, oldest first; None: it was not there
        self._past: dict[str, list[tuple[int, T | None]]] = {}

    def __len__(self) -> int:
        return len(self.by_id)

    def truth(self) -> Iterator[T]:
        """Every document as it is, oldest change first."""
        return (self.by_id[identifier] for _, identifier in self._order)

    def add(self, document: T, at_ms: int) -> None:
        """Put a new document on the shelf, changed at that instant."""
        if self._lag_ms():
            self._past.setdefault(document.id, []).append((at_ms, None))
        self.by_id[document.id] = document
        document.updated_ms = at_ms
        self._insert((at_ms, document.id))

    def remember(self, document: T, at_ms: int) -> None:
        """Keep the document as it is, before it changes at that instant."""
        if lag_ms := self._lag_ms():
            past = self._past.setdefault(document.id, [])
            past.append((at_ms, document.snapshot()))
            while past and past[0][0] < at_ms - lag_ms:
                del past[0]
        elif self._past:
            self._past.clear()

    def bump(self, document: T, at_ms: int) -> None:
        """Move the document to the end of the order: it changed at that instant."""
        if at_ms == document.updated_ms:
            return
        place = bisect_left(self._order, (document.updated_ms, document.id))
        del self._order[place]
        document.updated_ms = at_ms
        self._insert((at_ms, document.id))

    def seen(self, identifier: str, now_ms: int) -> T | None:
        """The document as a read at this instant shows it."""
        lag_ms = self._lag_ms()
        if lag_ms and identifier in self._past:
            for until_ms, was in self._past[identifier]:
                if until_ms > now_ms - lag_ms:
                    return was
        return self.by_id.get(identifier)

    def rows(self, now_ms: int, since_ms: int = 0) -> list[T]:
        """The documents a read shows, changed at or after `since_ms`, oldest change first."""
        lag_ms = self._lag_ms()
        if lag_ms and self._past:
            shown = [self.seen(identifier, now_ms) for _, identifier in self._order]
            late = [each for each in shown if each is not None and each.updated_ms >= since_ms]
            return sorted(late, key=lambda each: (each.updated_ms, each.id))
        start = bisect_left(self._order, (since_ms, "")) if since_ms else 0
        by_id = self.by_id
        if start == 0:
            return [by_id[identifier] for _, identifier in self._order]
        return [by_id[self._order[place][1]] for place in range(start, len(self._order))]

    def _insert(self, entry: tuple[int, str]) -> None:
        if not self._order or entry > self._order[-1]:
            self._order.append(entry)
        else:
            insort(self._order, entry)

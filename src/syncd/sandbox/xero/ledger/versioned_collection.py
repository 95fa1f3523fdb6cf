"""A collection of documents by id, in the order of their last change, with their recent versions.

Called by `books` for each kind of document. The order by UpdatedDateUTC, then by id as SQL Server
orders ids (facts §3.4), is kept with each write, so that a list by If-Modified-Since is a cut and
not a sort. The past is kept only while reads are set to lag behind writes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, Self, TypeVar, overload

from syncd.sandbox.xero.ledger.identifiers import sql_order


class Document(Protocol):
    """What the collection asks of a document."""

    id: str
    updated_ms: int

    def snapshot(self) -> Self:
        """The document as it stands now."""


T = TypeVar("T", bound=Document)
Place = tuple[int, str, str]
"""Where a document stands: its last change, its id as it is ordered, its id."""


def place_of(document: Document) -> Place:
    """Where a document stands in every list that nobody orders otherwise."""
    return document.updated_ms, sql_order(document.id), document.id


class CollectionSlice(Sequence[T]):
    """The documents from a place of the order on; only those that are looked at are fetched."""

    def __init__(self, by_id: Mapping[str, T], order: Sequence[Place], start: int) -> None:
        self._by_id, self._order, self._start = by_id, order, start

    def __len__(self) -> int:
        return len(self._order) - self._start

    def __iter__(self) -> Iterator[T]:
        by_id, order = self._by_id, self._order
        return (by_id[order[place][2]] for place in range(self._start, len(order)))

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...

    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        places = range(self._start, len(self._order))[place]
        if isinstance(places, int):
            return self._by_id[self._order[places][2]]
        return [self._by_id[self._order[each][2]] for each in places]


class VersionedCollection(Generic[T]):
    """All documents of one kind in one organisation."""

    def __init__(self, lag_ms: Callable[[], int]) -> None:
        self.by_id: dict[str, T] = {}
        self._order: list[Place] = []
        self._lag_ms = lag_ms
        # id -> what it was until then, oldest first; None: it was not there
        self._past: dict[str, list[tuple[int, T | None]]] = {}

    def __len__(self) -> int:
        return len(self.by_id)

    def current(self) -> Iterator[T]:
        """Every document as it is, oldest change first."""
        return (self.by_id[identifier] for *_, identifier in self._order)

    def add(self, document: T, at_ms: int) -> None:
        """Add a new document, changed at that instant."""
        if self._lag_ms():
            self._past.setdefault(document.id, []).append((at_ms, None))
        self.by_id[document.id] = document
        document.updated_ms = at_ms
        self._insert(place_of(document))

    def keep_version(self, document: T, at_ms: int) -> None:
        """Keep the document as it is, before it changes at that instant."""
        if lag_ms := self._lag_ms():
            past = self._past.setdefault(document.id, [])
            past.append((at_ms, document.snapshot()))
            while past and past[0][0] < at_ms - lag_ms:
                del past[0]
        elif self._past:
            self._past.clear()

    def touch(self, document: T, at_ms: int) -> None:
        """Move the document to the end of the order: it changed at that instant."""
        if at_ms == document.updated_ms:
            return
        place = bisect_left(self._order, place_of(document))
        del self._order[place]
        document.updated_ms = at_ms
        self._insert(place_of(document))

    def visible(self, identifier: str, now_ms: int) -> T | None:
        """The document as a read at this instant shows it."""
        lag_ms = self._lag_ms()
        if lag_ms and identifier in self._past:
            for until_ms, was in self._past[identifier]:
                if until_ms > now_ms - lag_ms:
                    return was
        return self.by_id.get(identifier)

    def newest(self, count: int) -> list[T]:
        """The last documents to change as they are, newest first."""
        return [self.by_id[identifier] for *_, identifier in reversed(self._order[-count:])]

    def rows(self, now_ms: int, since_ms: int = 0) -> Sequence[T]:
        """The documents a read shows, changed at or after `since_ms`, oldest change first.

        The answer is valid until the next write.
        """
        lag_ms = self._lag_ms()
        if lag_ms and self._past:
            shown = [self.visible(identifier, now_ms) for *_, identifier in self._order]
            late = [each for each in shown if each is not None and each.updated_ms >= since_ms]
            return sorted(late, key=place_of)
        start = bisect_left(self._order, (since_ms, "", "")) if since_ms else 0
        return CollectionSlice(self.by_id, self._order, start)

    def _insert(self, entry: Place) -> None:
        if not self._order or entry > self._order[-1]:
            self._order.append(entry)
        else:
            insort(self._order, entry)

"""What a read of Xero's lists has found: rows, and those that are there and cannot be read.

A row that breaks the contract stops no other. It is not absent either: whoever would conclude
something from a document's absence asks first whether it may be among the unread ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from syncd.domain.model.value import Value


class Own(Protocol):
    """What has an id of its own."""

    @property
    def id(self) -> str:
        """Its own id."""
        ...


R = TypeVar("R", bound=Own)


class Unread(Value, frozen=True, kw_only=True):
    """A row that breaks the contract: what can be read of it, and what is wrong with it.

    `names` are the texts it is known by (ids, numbers, names, marks); `has_gaps`: one of them
    cannot be read, so it may be anything.
    """

    id: str = ""
    label: str = ""
    names: frozenset[str] = frozenset()
    has_gaps: bool = False
    problem: str

    def may_be(self, *texts: str) -> bool:
        """Whether it may be what is known by one of these."""
        return self.has_gaps or any(plain(text) in self.names for text in texts)


class Rows(Generic[R]):
    """Rows by their id, in the order they came, and the unread ones."""

    __slots__ = ("_by_id", "rows", "unread")

    def __init__(self, rows: Iterable[R] = (), unread: Iterable[Unread] = ()) -> None:
        self.rows: tuple[R, ...] = tuple(rows)
        self.unread: tuple[Unread, ...] = tuple(unread)
        self._by_id: Mapping[str, R] = {plain(row.id): row for row in self.rows}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rows):
            return NotImplemented
        return self.rows == other.rows and self.unread == other.unread

    __hash__ = None  # type: ignore[assignment]  # compared by what they hold

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, own_id: str) -> R | None:
        """The row with that id, however it is spelt; None: absent, or unread."""
        return self._by_id.get(plain(own_id))

    def may_hide(self, *texts: str) -> str:
        """What is wrong with a row that may be the one known by these; empty when none may."""
        return next((one.problem for one in self.unread if one.may_be(*texts)), "")

    def lacks(self, own_id: str) -> bool:
        """Whether this good read by id says that it is absent."""
        return self.get(own_id) is None and not self.may_hide(own_id)


def plain(text: str) -> str:
    """A name as people read it: without regard to case and outer blanks."""
    return text.strip().casefold()

"""Reading lists of Xero's to their end: by page, and by seeking along the time of change.

Called by `ledger`. Every loop has a bound; every list is asked for with a page, for without one
Xero sends neither lines nor merges (facts §3.4).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

from syncd.domain.errors import Garbled
from syncd.domain.model.value import Value
from syncd.domain.rules.inbound.change_cursor import STEP_BACK, ListPosition, next_place
from syncd.ports.ledger_sweeps import ListPage
from syncd.xero import wire
from syncd.xero.wire import PagingWire

PAGE_SIZE = 100
ROWS_A_PAGE = 1000
"""The most Xero gives (facts §3.4)."""
MOST_PAGES = 1000


class Dated(Protocol):
    """What a seek needs of a row; a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str:
        """Its own id."""
        ...

    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
        ...


_T = TypeVar("_T")
_D = TypeVar("_D", bound=Dated)


class Query(Value, frozen=True, kw_only=True):
    """A list to be read: its path, what it filters by, and since when it was modified."""

    operation: str
    path: str
    filters: Mapping[str, str]
    page: int = 1
    page_size: int = PAGE_SIZE
    since: datetime | None = None

    @property
    def target(self) -> str:
        """Path and query below the API's base."""
        paging = {"page": str(self.page), "pageSize": str(self.page_size)}
        query = urlencode({**self.filters, **paging}, quote_via=quote, safe="")
        return f"{self.path}?{query}"

    @property
    def modified_since(self) -> str | None:
        """The header's text."""
        return None if self.since is None else wire.write_instant(self.since)

    def at(self, page: int, since: datetime | None) -> Query:
        """The same list, elsewhere in it."""
        return replace(self, page=page, since=since)

    def in_part(self, page: int, page_size: int) -> Query:
        """The same list in other pages."""
        return replace(self, page=page, page_size=page_size)


Read = Callable[[Query], Awaitable[ListPage[_T]]]


def not_ahead(rows: Sequence[_D], as_of: datetime | None) -> list[_D]:
    """The rows, none changed after the answer that showed it.

    Xero has rows whose time of change is hours ahead (facts §3.6); whoever believed one would take
    everything until then for known.
    """
    if as_of is None:
        return list(rows)
    return [row if row.updated_at <= as_of else replace(row, updated_at=as_of) for row in rows]


async def every_page(read: Read[_D], query: Query) -> AsyncIterator[ListPage[_D]]:
    """Every page of a list that is short by its filters. Raises Garbled when it never ends."""
    for number in range(1, MOST_PAGES + 1):
        page = await read(query.at(number, query.since))
        yield replace(page, rows=tuple(not_ahead(page.rows, page.as_of)))
        if page.is_last:
            return
    raise _endless(query)


class ByChange(Generic[_D]):
    """Reads a list ordered by time of change: the rows of each page, each state once.

    It goes through the list as sweeps do (`rules.inbound.change_cursor`); and as no sweep follows
    that would find what moved to the end meanwhile, it reads on there. Where a read failed, the
    next one goes on: what changed meanwhile has moved to the end.
    """

    def __init__(self, query: Query) -> None:
        assert query.since is not None
        self._query = query
        self._seen: dict[str, datetime] = {}
        self._place: ListPosition | None = ListPosition(
            since=(query.since - STEP_BACK).replace(microsecond=0)
        )

    async def pages(self, read: Read[_D]) -> AsyncIterator[ListPage[_D]]:
        """The pages that are left. Raises what `read` does, and Garbled when it never ends."""
        for _ in range(MOST_PAGES):
            if (place := self._place) is None:
                return
            page = await read(self._query.at(place.page, place.since))
            fresh = [row for row in page.rows if self._seen.get(row.id) != row.updated_at]
            self._seen.update((row.id, row.updated_at) for row in fresh)
            following = next_place(place, page.last_at, is_last=page.is_last)
            if following is None and place.is_back:
                following = ListPosition(since=place.since + STEP_BACK)
            self._place = following
            if fresh or page.unread:
                yield replace(page, rows=tuple(not_ahead(fresh, page.as_of)))
        raise _endless(self._query)


def is_last(paging: PagingWire | None, query: Query, rows: int) -> bool:
    """Whether this page ends the list: as Xero says, else by its having room left."""
    if paging is not None and paging.page_count:
        return query.page >= paging.page_count
    return rows < query.page_size


def _endless(query: Query) -> Garbled:
    return Garbled(
        f"{query.path} had not ended after {MOST_PAGES} pages",
        system="xero",
    )

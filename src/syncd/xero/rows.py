"""Rows of Xero's lists: each read alone, and a list too long to be taken asked for in parts.

Called by the reading and the sweeping part of the ledger. A row that breaks the contract becomes
Unread, with every name of it that can be read; a page is Garbled only when it is no list at all.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

import anyio
import msgspec

from syncd.domain.errors import Garbled, ServerTrouble, TooLong
from syncd.domain.ids import XeroInvoiceId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.summary import InvoiceSummary
from syncd.domain.model.value import Value
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.quoted import quoted
from syncd.ports.ledger_sweeps import ListedInvoice, ListPage
from syncd.ports.rows import Own, Unread, plain
from syncd.xero import listing, wire, wire_contacts, wire_invoices, wire_summaries
from syncd.xero.listing import Dated, Query
from syncd.xero.wire import ListWire, PagingWire

ROWS_A_TURN = 100
"""So many rows are taken apart before others on the loop go on."""
_LONGEST_LABEL = 60
_PARTS = re.compile(r"[/?&=]")
"""A link of ours on an invoice carries its mark as one part of the address."""
R = TypeVar("R", bound=Own)
Ask = Callable[[Query], Awaitable[bytes]]
"""The body of a page; empty where Xero says that nothing is there."""


_PAGE = msgspec.json.Decoder(ListWire)
_TEXT = msgspec.json.Decoder(str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[R]):
    """How the rows of one list are read. `names`: members by which a row is known, label first."""

    whole: msgspec.json.Decoder[Any]
    """The envelope with every row in it: the fast way, for lists without an odd one."""
    one: msgspec.json.Decoder[Any]
    element: str
    id: str
    names: tuple[str, ...]
    to_row: Callable[[Any], R]
    changed_at: Callable[[R], datetime | None]


class _Taken(Value, frozen=True, kw_only=True):
    """A page as it came: wire rows, or their raw texts where not all can be read together."""

    rows: Sequence[Any]
    paging: PagingWire | None
    as_of: datetime | None


async def page_of(ask: Ask, kind: Kind[R], query: Query) -> ListPage[R]:
    """One page. Where it is too long or does not come, the same rows in smaller pages.

    Raises RemoteError.
    """
    try:
        body = await ask(query)
    except TooLong:
        if query.page_size == 1:
            odd = Unread(has_gaps=True, problem=f"row {query.page} of {query.path} is too long")
            return ListPage(rows=(), is_last=False, count=0, unread=(odd,))
        parts = next(n for n in (2, 3, 5, query.page_size) if query.page_size % n == 0)
        return await _in_parts(ask, kind, query, parts)
    except ServerTrouble as error:
        if error.status or query.page_size <= listing.PAGE_SIZE:
            raise
        # No answer came: so many rows may take Xero longer than anybody waits.
        sizes = (n for n in range(2, query.page_size + 1) if query.page_size % n == 0)
        parts = next(n for n in sizes if query.page_size // n <= listing.PAGE_SIZE)
        return await _in_parts(ask, kind, query, parts)
    if not body:
        return ListPage(rows=(), is_last=True, count=0)
    taken = _taken(kind, body)
    read: list[R] = []
    unread: list[Unread] = []
    for start in range(0, len(taken.rows), ROWS_A_TURN):
        for row in taken.rows[start : start + ROWS_A_TURN]:
            one = _read(kind, row)
            if isinstance(one, Unread):
                unread.append(one)
            else:
                read.append(one)
        await anyio.lowlevel.checkpoint()
    count = len(taken.rows)
    return ListPage(
        rows=tuple(read),
        is_last=listing.is_last(taken.paging, query, count),
        count=count if taken.paging is None else max(taken.paging.item_count, count),
        last_at=kind.changed_at(read[-1]) if read else None,
        as_of=taken.as_of,
        unread=tuple(unread),
    )


async def _in_parts(ask: Ask, kind: Kind[R], query: Query, parts: int) -> ListPage[R]:
    """The rows of a page in as many smaller ones, the last first.

    A row that changes meanwhile moves to the end of its list: read forwards, the one behind it
    would be passed over.
    """
    first = (query.page - 1) * parts + 1
    pages = [
        await page_of(ask, kind, query.in_part(first + at, query.page_size // parts))
        for at in reversed(range(parts))
    ]
    pages.reverse()
    return ListPage(
        rows=tuple(row for page in pages for row in page.rows),
        is_last=pages[-1].is_last,
        count=max(page.count for page in pages),
        last_at=next((page.last_at for page in reversed(pages) if page.rows), None),
        as_of=pages[0].as_of,
        unread=tuple(one for page in pages for one in page.unread),
    )


def _taken(kind: Kind[Any], body: bytes) -> _Taken:
    """The page's rows. Raises Garbled when it is no page."""
    try:
        found: ListWire = wire.decode(kind.whole, body)
    except Garbled:
        rest, rows = json_text.apart(body, kind.element)
        if rows is None:
            raise
        found, listed = json_text.readable(_PAGE, rest) or ListWire(), rows
    else:
        listed = getattr(found, kind.element.lower())
    return _Taken(rows=listed, paging=found.pagination, as_of=_as_of(found))


def _as_of(found: ListWire) -> datetime | None:
    try:
        return found.as_of
    except Garbled:
        return None


def _read(kind: Kind[R], row: Any) -> R | Unread:
    """One row in our words, or what is known of it."""
    try:
        found = wire.decode(kind.one, row) if isinstance(row, bytes) else row
        return kind.to_row(found)
    except wire.Broken as broken:
        return _unread(kind, row, broken.what)


def _unread(kind: Kind[Any], row: Any, problem: str) -> Unread:
    members = json_text.members(row if isinstance(row, bytes) else msgspec.json.encode(row))
    texts = {name: _text(members, name) for name in (kind.id, *kind.names)}
    known = [part for text in texts.values() if text for part in (text, *_PARTS.split(text))]
    label = next((texts[name] for name in kind.names if texts[name]), "") or ""
    return Unread(
        id=texts[kind.id] or "",
        label=quoted(label, longest=_LONGEST_LABEL),
        names=frozenset(map(plain, known)),
        has_gaps=not texts[kind.id] or None in texts.values(),
        problem=problem,
    )


def _text(members: Mapping[str, bytes], name: str) -> str | None:
    """A member's text, empty where Xero left it out; None where it cannot be read."""
    return json_text.readable(_TEXT, members.get(name, b'""'))


def _changed_at(row: Dated) -> datetime | None:
    return row.updated_at


def _whole(found: wire_invoices.InvoiceWire) -> LiveInvoice:
    return wire_invoices.to_live(found, is_whole=True)


INVOICES: Kind[LiveInvoice] = Kind(
    whole=wire_invoices.READ,
    one=wire_invoices.READ_ONE,
    element="Invoices",
    id="InvoiceID",
    names=("InvoiceNumber", "Url"),
    to_row=_whole,
    changed_at=_changed_at,
)
CONTACTS: Kind[LiveContact] = Kind(
    whole=wire_contacts.READ,
    one=wire_contacts.READ_ONE,
    element="Contacts",
    id="ContactID",
    names=("Name", "ContactNumber", "AccountNumber"),
    to_row=wire_contacts.to_live,
    changed_at=_changed_at,
)
CONTACT_SUMMARIES: Kind[LiveContact] = replace(
    CONTACTS, to_row=partial(wire_contacts.to_live, is_whole=False)
)
"""Of which only the time of change is wanted."""


def _of_summaries(
    to_row: Callable[[wire_invoices.SummaryWire], R],
    changed_at: Callable[[R], datetime | None],
) -> Kind[R]:
    return Kind(
        whole=wire_summaries.READ,
        one=wire_summaries.READ_ONE,
        element="Invoices",
        id="InvoiceID",
        names=("InvoiceNumber", "Url"),
        to_row=to_row,
        changed_at=changed_at,
    )


def _listed(found: wire_invoices.SummaryWire) -> ListedInvoice:
    return ListedInvoice(
        id=XeroInvoiceId(wire.required(found.invoice_id, "InvoiceID")),
        digest=wire_summaries.digest(found),
        summary=partial(_summary, found),
    )


def _summary(found: wire_invoices.SummaryWire, as_of: datetime | None) -> InvoiceSummary | Unread:
    one = _read(SUMMARIES, found)
    return one if isinstance(one, Unread) else listing.not_ahead([one], as_of)[0]


SUMMARIES: Kind[InvoiceSummary] = _of_summaries(wire_summaries.to_summary, _changed_at)
LISTED: Kind[ListedInvoice] = _of_summaries(_listed, lambda _: None)
"""Summaries of which hardly one is put into our words."""

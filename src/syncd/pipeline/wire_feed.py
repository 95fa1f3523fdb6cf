"""The change feed and the answers to results, on the wire of Pipeline's sync API.

Called by `billing`. One object that breaks the contract does not stop the feed: its entry stays, as
something a person can look at (Pipeline: sync-api.yaml).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from syncd.domain.errors import Garbled
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.pipeline import wire
from syncd.pipeline.wire import Wire
from syncd.ports.billing import (
    Change,
    ChangeKind,
    ChangePage,
    PutAnswer,
    PutOutcome,
    UnreadableChange,
)

_KINDS = frozenset(ChangeKind)


class ChangeWire(Wire):
    """An entry of the feed; its object is looked at on its own."""

    seq: int
    kind: str
    id: str
    version: int
    at: str
    deleted: bool
    data: msgspec.Raw
    by: str | None = None


class PageWire(Wire):
    """A page of the feed."""

    changes: list[ChangeWire]
    next_cursor: str
    has_more: bool


class PutAnswerWire(Wire):
    """What became of one result."""

    index: int
    outcome: PutOutcome
    revision: int | None = None
    detail: str | None = None


class PutAnswersWire(Wire):
    """What became of all of them."""

    results: list[PutAnswerWire]


_PAGE = msgspec.json.Decoder(PageWire)
_ANSWERS = msgspec.json.Decoder(PutAnswersWire)


def read_page(body: bytes) -> ChangePage:
    """A page of the feed. An entry whose object breaks the contract stays, as UnreadableChange.

    Entries of a kind this contract does not know are none of ours and left out. Raises Garbled
    when the page itself cannot be read.
    """
    page = wire.decode(_PAGE, body)
    return ChangePage(
        changes=tuple(_change(entry) for entry in page.changes if entry.kind in _KINDS),
        next_cursor=page.next_cursor,
        has_more=page.has_more,
    )


def read_put_answers(body: bytes, sent: int) -> tuple[PutAnswer, ...]:
    """An answer per result, in the order they were sent. Raises Garbled."""
    found = {one.index: one for one in wire.decode(_ANSWERS, body).results}
    missing = [place for place in range(sent) if place not in found]
    if missing:
        raise wire.garbled("results", f"no answer for the results at {missing} of {sent}")
    return tuple(
        PutAnswer(outcome=one.outcome, revision=one.revision, detail=one.detail or "")
        for one in (found[place] for place in range(sent))
    )


def _change(entry: ChangeWire) -> Change | UnreadableChange:
    kind = ChangeKind(entry.kind)
    try:
        content = None if entry.deleted else _content(kind, entry.data)
        at = wire.instant(_parsed(entry.at), "at")
    except Garbled as error:
        return UnreadableChange(
            seq=entry.seq, kind=kind, id=entry.id, version=entry.version, problem=str(error)
        )
    return Change(
        seq=entry.seq,
        kind=kind,
        id=entry.id,
        version=entry.version,
        at=at,
        by=entry.by or "",
        content=content,
    )


def _content(kind: ChangeKind, data: msgspec.Raw) -> Invoice | Customer:
    return wire.read_invoice(data) if kind is ChangeKind.INVOICE else wire.read_customer(data)


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise wire.garbled("at", error) from error

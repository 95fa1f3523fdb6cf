"""The change feed and the answers to results, on the wire of Pipeline's sync API.

Called by `billing`. Every entry is read alone, so that one which breaks the contract stops no
other: it stays as something a person can look at (Pipeline: sync-api.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from syncd.domain.errors import Garbled
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.domain.rules.text import json_text
from syncd.domain.rules.text.quoted import quoted
from syncd.pipeline import wire
from syncd.pipeline.wire import Broken, Id, Version, Wire
from syncd.ports.billing import (
    Change,
    ChangeKind,
    ChangePage,
    NamelessChange,
    PutAnswer,
    PutOutcome,
    UnreadableChange,
)

T = TypeVar("T")
LONGEST_CURSOR = 2048
"""It travels in an address: a longer one would be refused there for ever."""
LONGEST_LABEL = 60
HIGHEST_REVISION = 2**53 - 1
"""What every JSON reader keeps exactly. A higher one could not be outbid: it says nothing to us."""
_KINDS = frozenset(ChangeKind)


class ChangeWire(Wire):
    """An entry of the feed; its object is looked at on its own."""

    seq: Version
    kind: str
    id: Id
    version: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    at: str
    deleted: bool
    data: msgspec.Raw
    by: str | None = None


class PageWire(Wire):
    """A page of the feed."""

    changes: list[msgspec.Raw]
    next_cursor: Annotated[str, Meta(max_length=LONGEST_CURSOR)]
    has_more: bool


class PutAnswerWire(Wire):
    """What became of one result."""

    index: int
    outcome: PutOutcome
    revision: Annotated[int, Meta(ge=0, le=HIGHEST_REVISION)] | None = None
    detail: str | None = None


class PutAnswersWire(Wire):
    """What became of all of them."""

    results: list[msgspec.Raw]


_PAGE = msgspec.json.Decoder(PageWire)
_CHANGE = msgspec.json.Decoder(ChangeWire)
_ANSWERS = msgspec.json.Decoder(PutAnswersWire)
_ANSWER = msgspec.json.Decoder(PutAnswerWire)
_KIND = msgspec.json.Decoder(str)
_ID = msgspec.json.Decoder(Id)
_VERSION = msgspec.json.Decoder(Annotated[int, Meta(ge=1, le=2**63 - 1)])
_TEXT = msgspec.json.Decoder(str)


def read_page(body: bytes) -> ChangePage:
    """A page of the feed. An entry that breaks the contract stays: unreadable, or nameless.

    Entries of a kind this contract does not know are none of ours and left out. Raises Garbled
    when the page itself cannot be read.
    """
    page, entries = _page(body)
    read = [one for one in map(_entry, entries) if one is not None]
    return ChangePage(
        changes=tuple(one for one in read if not isinstance(one, NamelessChange)),
        next_cursor=page.next_cursor,
        has_more=page.has_more,
        nameless=tuple(one for one in read if isinstance(one, NamelessChange)),
    )


def _page(body: bytes) -> tuple[PageWire, list[bytes | msgspec.Raw]]:
    """The page and its entries; cut by hand where no parser takes it whole. Raises Garbled."""
    try:
        page = wire.decode(_PAGE, body)
    except Garbled:
        envelope, entries = json_text.apart(body, "changes")
        if entries is None:
            raise
        return wire.decode(_PAGE, envelope), [*entries]
    return page, [*page.changes]


def read_put_answers(body: bytes, sent: int) -> tuple[PutAnswer | None, ...]:
    """An answer per result, in the order they were sent; None for one that cannot be read.

    Raises Garbled when none can.
    """
    found: dict[int, PutAnswer] = {}
    for raw in wire.decode(_ANSWERS, body).results:
        if one := json_text.readable(_ANSWER, raw):
            found[one.index] = PutAnswer(
                outcome=one.outcome, revision=one.revision, detail=quoted(one.detail or "")
            )
    answers = tuple(found.get(place) for place in range(sent))
    if not any(answers):
        raise wire.garbled("results", f"no readable answer to any of {sent} results")
    return answers


def _entry(raw: bytes | msgspec.Raw) -> Change | UnreadableChange | NamelessChange | None:
    """One entry; None for a kind that is none of ours."""
    try:
        entry = wire.decode(_CHANGE, raw)
    except Broken as broken:
        return _partly_read(bytes(raw), broken.what)
    if entry.kind not in _KINDS:
        return None
    kind = ChangeKind(entry.kind)
    try:
        content = None if entry.deleted else _content(kind, entry)
        at = wire.instant(_parsed(entry.at), "at")
    except Broken as broken:
        return UnreadableChange(
            kind=kind,
            id=entry.id,
            version=entry.version,
            problem=broken.what,
            label=_label(json_text.members(bytes(entry.data))),
        )
    return Change(
        kind=kind,
        id=entry.id,
        version=entry.version,
        at=at,
        by=entry.by or "",
        content=content,
    )


def _content(kind: ChangeKind, entry: ChangeWire) -> Invoice | Customer:
    read = wire.read_invoice if kind is ChangeKind.INVOICE else wire.read_customer
    return wire.its_own(read(entry.data), entry.id)


def _partly_read(raw: bytes, problem: str) -> UnreadableChange | NamelessChange | None:
    """What can be read of an entry that breaks the contract itself."""
    entry = json_text.members(raw)
    data = json_text.members(entry.get("data", b""))
    kind = _one(_KIND, entry, "kind")
    if kind is not None and kind not in _KINDS:
        return None
    own_id = _one(_ID, entry, "id") or _one(_ID, data, "id")
    version = _one(_VERSION, entry, "version") or _one(_VERSION, data, "version")
    label = _label(data)
    if kind is None or own_id is None or version is None:
        return NamelessChange(problem=problem, label=label or own_id or "")
    return UnreadableChange(
        kind=ChangeKind(kind),
        id=own_id,
        version=version,
        problem=problem,
        label=label,
    )


def _one(decoder: msgspec.json.Decoder[T], some: Mapping[str, bytes], name: str) -> T | None:
    """One member, where it is what it should be."""
    return json_text.readable(decoder, some.get(name, b""))


def _label(data: Mapping[str, bytes]) -> str:
    """What people call the object, where that can be read."""
    found = _one(_TEXT, data, "number") or _one(_TEXT, data, "name") or ""
    return quoted(found, longest=LONGEST_LABEL)


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise wire.garbled("at", "expected an instant") from error

"""The feed reads on past one bad object, and every result gets its answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.domain.errors import Garbled
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.pipeline import wire_feed
from syncd.ports.billing import Change, ChangeKind, PutOutcome, UnreadableChange
from tests.pipeline.objects import AT, CUSTOMER, EXACT, INVOICE


def change(seq: int | str = 1, **fields: Any) -> dict[str, Any]:
    plain = {"kind": "invoice", "id": "i-1", "version": 3, "at": AT, "deleted": False}
    return {"seq": seq, **plain, "data": INVOICE, **fields}


def page(*changes: dict[str, Any]) -> bytes:
    return EXACT.encode({"changes": changes, "nextCursor": "c", "hasMore": False})


def test_unreadable_object_stays_in_the_feed_and_its_neighbours_are_read() -> None:
    found = wire_feed.read_page(
        page(
            change(1),
            change(2, id="i-2", data=INVOICE | {"total": "much"}),
            change(3, kind="customer", id="c-1", data=CUSTOMER),
        )
    )

    first, second, third = found.changes
    assert isinstance(first, Change)
    assert isinstance(first.content, Invoice)
    assert isinstance(second, UnreadableChange)
    assert (second.seq, second.kind, second.id, second.version) == (2, ChangeKind.INVOICE, "i-2", 3)
    assert "total" in second.problem
    assert isinstance(third, Change)
    assert isinstance(third.content, Customer)


@pytest.mark.parametrize(
    "fields",
    [
        {"data": None},
        {"data": []},
        {"data": CUSTOMER},
        {"at": "yesterday"},
        {"at": "2026-11-22T00:15:12"},
    ],
)
def test_entry_without_a_good_object_is_unreadable(fields: dict[str, Any]) -> None:
    (found,) = wire_feed.read_page(page(change(**fields))).changes

    assert isinstance(found, UnreadableChange)


def test_tombstone_has_no_content() -> None:
    (found,) = wire_feed.read_page(page(change(deleted=True, data=None, by="Ann"))).changes

    assert isinstance(found, Change)
    assert (found.content, found.by) == (None, "Ann")


def test_entries_of_kinds_to_come_are_none_of_ours() -> None:
    assert wire_feed.read_page(page(change(kind="quote"))).changes == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"changes":[{}],"nextCursor":"c","hasMore":false}',
        b'{"changes":[],"hasMore":false}',
        page(change(seq="x")),
    ],
)
def test_page_that_cannot_be_read_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        wire_feed.read_page(body)


def test_put_answers_come_in_the_order_sent() -> None:
    body = json.dumps(
        {
            "results": [
                {"index": 1, "outcome": "stale", "revision": 9},
                {"index": 0, "outcome": "stored", "revision": 5, "detail": "x"},
            ]
        }
    ).encode()

    first, second = wire_feed.read_put_answers(body, 2)

    assert (first.outcome, first.revision, first.detail) == (PutOutcome.STORED, 5, "x")
    assert (second.outcome, second.revision, second.detail) == (PutOutcome.STALE, 9, "")


@pytest.mark.parametrize(
    "body",
    [b'{"results":[]}', b'{"results":[{"index":0,"outcome":"lost"}]}', b"", b'{"results":7}'],
)
def test_put_answers_that_miss_one_are_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        wire_feed.read_put_answers(body, 1)

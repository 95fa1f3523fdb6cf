"""The feed reads on past one bad object, and every result gets its answer."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.pipeline import wire_feed
from syncd.ports.billing import Change, ChangeKind, PutAnswer, PutOutcome, UnreadableChange
from tests.pipeline.objects import AT, CUSTOMER, EXACT, INVOICE, LINE


def change(seq: int | str = 1, **fields: Any) -> dict[str, Any]:
    plain = {"kind": "invoice", "id": "i-1", "version": 3, "at": AT, "deleted": False}
    entry = {"seq": seq, **plain, "data": INVOICE, **fields}
    if isinstance(entry["data"], dict) and entry["data"].get("id") == INVOICE["id"]:
        entry["data"] = entry["data"] | {"id": entry["id"]}
    return entry


def page(*changes: Any) -> bytes:
    return EXACT.encode({"changes": changes, "nextCursor": "c", "hasMore": False})


def test_unreadable_object_stays_in_the_feed_and_its_neighbours_are_read() -> None:
    found = wire_feed.read_page(
        page(
            change(1),
            change(2, id="i-2", data=INVOICE | {"id": "i-2", "total": "much"}),
            change(3, kind="customer", id="c-1", data=CUSTOMER),
        )
    )

    first, second, third = found.changes
    assert isinstance(first, Change)
    assert isinstance(first.content, Invoice)
    assert isinstance(second, UnreadableChange)
    assert (second.kind, second.id, second.version) == (ChangeKind.INVOICE, "i-2", 3)
    assert "total" in second.problem
    assert isinstance(third, Change)
    assert isinstance(third.content, Customer)


@pytest.mark.parametrize(
    "fields",
    [
        {"data": None},
        {"data": []},
        {"data": CUSTOMER},
        {"data": INVOICE | {"id": "i-2"}},
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
        b'{"changes":[],"hasMore":false}',
        b'{"changes":7,"nextCursor":"c","hasMore":false}',
        EXACT.encode({"changes": [], "nextCursor": "c" * 2049, "hasMore": False}),
    ],
)
def test_page_that_cannot_be_read_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        wire_feed.read_page(body)


def put_answers(*answers: Any) -> bytes:
    return json.dumps({"results": answers}).encode()


def test_put_answers_come_in_the_order_sent() -> None:
    body = put_answers(
        {"index": 1, "outcome": "stale", "revision": 9},
        {"index": 0, "outcome": "stored", "revision": 5, "detail": "x"},
    )

    first, second = wire_feed.read_put_answers(body, 2)

    assert first == PutAnswer(outcome=PutOutcome.STORED, revision=5, detail="x")
    assert second == PutAnswer(outcome=PutOutcome.STALE, revision=9)


@pytest.mark.parametrize(
    "body",
    [b'{"results":[]}', b'{"results":[{"index":0,"outcome":"lost"}]}', b"", b'{"results":7}'],
)
def test_put_answers_without_a_good_one_are_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        wire_feed.read_put_answers(body, 1)


@pytest.mark.parametrize(
    "odd",
    [
        {"index": 1, "outcome": "lost"},
        {"index": 1, "outcome": "stale", "revision": 2**53},
        {"index": 1, "outcome": "stale", "revision": 2**63},
        {"index": "1", "outcome": "stored"},
        {},
        7,
        None,
    ],
)
def test_odd_answer_leaves_its_result_alone_unanswered(odd: Any) -> None:
    body = put_answers({"index": 0, "outcome": "stored"}, odd, {"index": 2, "outcome": "stored"})

    found = wire_feed.read_put_answers(body, 3)

    assert [one is None for one in found] == [False, True, False]


# --- the law of the odd element ------------------------------------------------------------------

LAST = "9999-12-31T23:59:59-13:00"
DEEP = b"[" * 2000 + b"]" * 2000
UNREADABLE: list[tuple[str, dict[str, Any]]] = [
    ("the first year", change(2, id="i-2", at="0001-01-01T00:00:00+13:00")),
    ("no instant", change(2, id="i-2", at=None)),
    ("no flag", change(2, id="i-2", deleted="no")),
    ("a date before all dates", change(2, id="i-2", data=INVOICE | {"invoiceDate": "0001-01-01"})),
    ("a date after all dates", change(2, id="i-2", data=INVOICE | {"dueDate": "9999-12-31"})),
    ("an instant out of range", change(2, id="i-2", data=INVOICE | {"updatedAt": LAST})),
    ("an absurd amount", change(2, id="i-2", data=INVOICE | {"total": Decimal("1e400")})),
    ("a vast amount", change(2, id="i-2", data=INVOICE | {"nett": Decimal("1e999999")})),
    ("a long amount", change(2, id="i-2", data=INVOICE | {"tax": Decimal("9" * 100_000)})),
    ("a fine amount", change(2, id="i-2", data=INVOICE | {"tax": Decimal("1e-400")})),
    ("a version above 63 bits", change(2, id="i-2", data=INVOICE | {"version": 2**63})),
    ("a long number", change(2, id="i-2", data=INVOICE | {"number": "N" * 256})),
    (
        "a long text",
        change(2, id="i-2", data=INVOICE | {"lines": [LINE | {"description": "x" * 4001}]}),
    ),
    ("many lines", change(2, id="i-2", data=INVOICE | {"lines": [LINE] * 501})),
    ("no version, but inside", {k: v for k, v in change(2, id="i-2").items() if k != "version"}),
    ("no id, but inside", change(2, id=None, data=INVOICE | {"id": "i-2"})),
]
NAMELESS: list[tuple[str, Any]] = [
    ("no id", change(2, id=None, data=INVOICE | {"id": None})),
    ("empty id", change(2, id="", data=INVOICE | {"id": ""})),
    ("a long id", change(2, id="i" * 65, data=None)),
    ("no version", change(2, id="i-2", version=None, data=None)),
    ("a version above 63 bits", change(2, id="i-2", version=2**63, data=None)),
    ("no kind", change(2, id="i-2", kind=None)),
    ("a list", []),
    ("a word", "x"),
    ("nothing", None),
]


@pytest.mark.parametrize(
    "odd", [odd for _, odd in UNREADABLE], ids=[name for name, _ in UNREADABLE]
)
def test_odd_entry_beside_good_ones_is_kept_by_its_id(odd: dict[str, Any]) -> None:
    found = wire_feed.read_page(page(change(1), odd, change(3, id="i-3")))

    first, second, third = found.changes
    assert isinstance(first, Change)
    assert isinstance(second, UnreadableChange)
    assert (second.kind, second.id, second.version) == (ChangeKind.INVOICE, "i-2", 3)
    assert second.label.startswith(("INV-1", "N"))
    assert isinstance(third, Change)
    assert (found.nameless, found.next_cursor) == ((), "c")


@pytest.mark.parametrize("odd", [odd for _, odd in NAMELESS], ids=[name for name, _ in NAMELESS])
def test_odd_entry_without_a_name_is_set_aside_and_told(odd: Any) -> None:
    found = wire_feed.read_page(page(change(1), odd, change(3, id="i-3")))

    assert [one.id for one in found.changes] == ["i-1", "i-3"]
    (nameless,) = found.nameless
    assert nameless.problem


@pytest.mark.parametrize(
    "odd",
    [DEEP, b'{"a":01}', b'{"a":"\\q"}', b'{"a":"\xff"}', b'{"a":tru}', b'{"a":1e}'],
    ids=["deep nesting", "a number", "an escape", "bytes", "a word", "an exponent"],
)
def test_odd_text_in_an_entry_no_parser_takes_costs_that_entry_alone(odd: bytes) -> None:
    body = page(change(1), change(2, id="i-2", data="ODD"), change(3, id="i-3"))

    found = wire_feed.read_page(body.replace(b'"ODD"', odd))

    first, second, third = found.changes
    assert isinstance(first, Change)
    assert isinstance(second, UnreadableChange)
    assert (second.id, second.version) == ("i-2", 3)
    assert isinstance(third, Change)
    assert found.next_cursor == "c"


@pytest.mark.parametrize("field", ["number", "reference"])
def test_half_an_emoji_is_read_with_a_mark_in_its_place(field: str) -> None:
    body = page(change(1, data=INVOICE | {field: "HALF"}), change(2, id="i-2"))

    found = wire_feed.read_page(body.replace(b'"HALF"', b'"cut \\ud83d"'))

    first, second = found.changes
    assert isinstance(first, Change)
    assert getattr(first.content, field) == "cut \N{REPLACEMENT CHARACTER}"
    assert isinstance(second, Change)


@given(
    odd=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(change())), inner),
        max_leaves=8,
    ),
    place=st.integers(0, 2),
)
def test_anything_beside_good_entries_leaves_them_readable(odd: Any, place: int) -> None:
    entries: list[Any] = [change(1), change(3, id="i-3")]
    entries.insert(place, odd)

    found = wire_feed.read_page(page(*entries))

    good = [one.id for one in found.changes if isinstance(one, Change)]
    assert good == ["i-1", "i-3"]

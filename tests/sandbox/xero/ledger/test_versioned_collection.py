"""The order of last changes, kept with every write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.xero.ledger.identifiers import sql_order
from syncd.sandbox.xero.ledger.versioned_collection import VersionedCollection


@dataclass
class Note:
    id: str
    updated_ms: int = 0
    text: str = ""

    def snapshot(self) -> Self:
        return replace(self)


WRITES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), max_size=40)


@given(WRITES, st.integers(1, 60))
def test_rows_are_sorted_by_change_then_id_and_cut_by_time(
    writes: list[tuple[int, int]], since_ms: int
) -> None:
    collection: VersionedCollection[Note] = VersionedCollection(lambda: 0)
    for place, at_ms in writes:
        key = f"n{place}"
        if key in collection.by_id:
            collection.keep_version(collection.by_id[key], at_ms)
            collection.touch(collection.by_id[key], at_ms)
        else:
            collection.add(Note(key), at_ms)

    expected = sorted(collection.by_id.values(), key=lambda each: (each.updated_ms, each.id))
    assert list(collection.rows(0)) == list(collection.current()) == expected
    assert [collection.rows(0)[at] for at in range(-len(expected), 0)] == expected
    assert collection.rows(0)[1:3] == expected[1:3]
    assert collection.newest(2) == expected[:-3:-1]
    assert list(collection.rows(0, since_ms)) == [
        each for each in expected if each.updated_ms >= since_ms
    ]


def test_lagging_read_shows_the_past_until_it_is_over() -> None:
    collection: VersionedCollection[Note] = VersionedCollection(lambda: 10)
    note = Note("a", text="old")
    collection.add(note, 100)
    assert collection.visible("a", 109) is None

    collection.keep_version(note, 115)
    note.text = "new"
    collection.touch(note, 115)

    visible = collection.visible("a", 124)
    assert visible is not None
    assert visible.text == "old"
    assert [each.text for each in collection.rows(124)] == ["old"]
    assert collection.visible("a", 125) is note


@given(st.lists(st.uuids().map(str), unique=True, max_size=20), st.integers(0, 1))
def test_documents_of_one_instant_stand_in_sql_servers_order(ids: list[str], apart: int) -> None:
    """Facts §3.4; the touch puts each in its place, wherever the others are."""
    collection: VersionedCollection[Note] = VersionedCollection(lambda: 0)
    for place, identifier in enumerate(ids):
        collection.add(Note(identifier), place)
    for identifier in ids:
        collection.touch(collection.by_id[identifier], 100 + apart)

    assert [each.id for each in collection.rows(0)] == sorted(ids, key=sql_order)

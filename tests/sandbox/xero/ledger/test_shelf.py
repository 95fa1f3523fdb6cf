"""The order of last changes, kept with every write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.xero.ledger.shelf import Shelf


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
    shelf: Shelf[Note] = Shelf(lambda: 0)
    for place, at_ms in writes:
        key = f"n{place}"
        if key in shelf.by_id:
            shelf.remember(shelf.by_id[key], at_ms)
            shelf.bump(shelf.by_id[key], at_ms)
        else:
            shelf.add(Note(key), at_ms)

    expected = sorted(shelf.by_id.values(), key=lambda each: (each.updated_ms, each.id))
    assert list(shelf.rows(0)) == list(shelf.truth()) == expected
    assert [shelf.rows(0)[at] for at in range(-len(expected), 0)] == expected
    assert shelf.rows(0)[1:3] == expected[1:3]
    assert shelf.newest(2) == expected[:-3:-1]
    assert list(shelf.rows(0, since_ms)) == [
        each for each in expected if each.updated_ms >= since_ms
    ]


def test_lagging_read_shows_the_past_until_it_is_over() -> None:
    shelf: Shelf[Note] = Shelf(lambda: 10)
    note = Note("a", text="old")
    shelf.add(note, 100)
    assert shelf.seen("a", 109) is None

    shelf.remember(note, 115)
    note.text = "new"
    shelf.bump(note, 115)

    seen = shelf.seen("a", 124)
    assert seen is not None
    assert seen.text == "old"
    assert [each.text for each in shelf.rows(124)] == ["old"]
    assert shelf.seen("a", 125) is note

"""Absence is only said of what no unread row may be."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from syncd.ports.rows import Rows, Unread


@dataclass(frozen=True)
class Row:
    id: str


KNOWN = Unread(id="B", label="two", names=frozenset({"b", "two"}), problem="Status: what?")
NAMELESS = Unread(has_gaps=True, problem="no text")


@pytest.mark.parametrize(
    ("unread", "own_id", "lacks"),
    [
        ((), "a", False),
        ((), "A ", False),
        ((), "c", True),
        ((KNOWN,), "b", False),
        ((KNOWN,), " B", False),
        ((KNOWN,), "c", True),
        ((KNOWN, NAMELESS), "c", False),
        ((NAMELESS,), "a", False),
    ],
)
def test_row_is_absent_only_where_nothing_unread_may_be_it(
    unread: tuple[Unread, ...], own_id: str, *, lacks: bool
) -> None:
    assert Rows([Row("a")], unread).lacks(own_id) is lacks


def test_problem_is_told_of_the_row_that_may_be_meant() -> None:
    found = Rows[Row](unread=(KNOWN, NAMELESS))

    assert found.may_hide("TWO") == "Status: what?"
    assert found.may_hide("three") == "no text"
    assert Rows[Row]().may_hide("two") == ""


def test_rows_are_found_by_their_id_however_it_is_spelt() -> None:
    found = Rows([Row("a"), Row("b")])

    assert found.get("A") == Row("a")
    assert found.get("c") is None
    assert [row.id for row in found] == ["a", "b"]
    assert len(found) == 2
    assert found == Rows([Row("a"), Row("b")])
    assert found != Rows([Row("a")])
    assert found != [Row("a"), Row("b")]

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from syncd.ports.driver import Row
from syncd.runtime.sqlite_placeholders import prepared


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("sql", "row", "answer"),
    [
        ("SELECT ?1, ?2", ("a", "b"), ("a", "b")),
        ("SELECT ?2, ?1", ("a", "b"), ("b", "a")),
        ("SELECT ?1, ?2, ?1", ("a", "b"), ("a", "b", "a")),
        ("SELECT ?1 || ?1", ("a",), ("aa",)),
        ("SELECT ?2", ("a", "b"), ("b",)),
        ("SELECT ?11, ?1", tuple("abcdefghijk"), ("k", "a")),
        ("SELECT '?2 isn''t', \"?3\", ?1 -- nor ?4", ("a",), ("?2 isn't", "?3", "a")),
        ("SELECT 1", (), (1,)),
    ],
)
def test_placed_fills_each_place_with_the_value_of_its_number(
    connection: sqlite3.Connection, sql: str, row: Row, answer: Row
) -> None:
    """Warnings are errors here: a numbered place filled from a tuple is one from 3.12 on."""
    statement = prepared(sql)

    laid_out = row if statement.lay_out is None else statement.lay_out(row)

    assert connection.execute(statement.sql, laid_out).fetchone() == answer


def test_placed_leaves_a_row_alone_whose_values_are_in_order() -> None:
    assert prepared("INSERT INTO t VALUES (?1, ?2, ?3)").lay_out is None


@pytest.mark.parametrize("row", [("a",), ("a", "b", "c")])
def test_placed_refuses_a_row_of_another_length(row: Row) -> None:
    lay_out = prepared("SELECT ?2, ?1").lay_out

    assert lay_out is not None
    with pytest.raises(sqlite3.ProgrammingError, match=r"2 value\(s\) are wanted"):
        lay_out(row)

"""Transactions under one COMMIT end as each would alone; free pages go back, a few at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import (
    StoreBroken,
    StoreDiskFails,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreReplaced,
)
from syncd.ports.driver import BoundStatement
from syncd.runtime import sqlite_transaction

TABLES = """
CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT CHECK (text <> 'bad')) STRICT;
CREATE TABLE replies (
    note INTEGER NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
"""
LATEST = "SELECT id, text FROM notes ORDER BY id"


def said(sql: str, *params: int | str, must_change: int | None = None) -> BoundStatement:
    return BoundStatement(name="said", sql=sql, rows=(params,), must_change=must_change)


PARTS = st.one_of(
    st.builds(
        lambda at, text: said("INSERT INTO notes VALUES (?1, ?2) RETURNING id", at, text),
        st.integers(0, 5),
        st.sampled_from(["a", "b", "bad"]),
    ),
    st.builds(
        lambda at: said("UPDATE notes SET text = text || '.' WHERE id = ?1", at, must_change=1),
        st.integers(0, 5),
    ),
    st.builds(lambda at: said("DELETE FROM notes WHERE id = ?1", at), st.integers(0, 5)),
    st.builds(lambda: said("INSERT INTO replies VALUES (404)")),  # fails at the COMMIT
    st.builds(lambda: said(LATEST)),
    st.builds(lambda: said("SELECT nonsense")),
    st.builds(lambda: said("INSERT INTO notes (id) VALUES (?1)", 2**80)),
)
GROUPS = st.lists(st.lists(PARTS, max_size=4), max_size=6)


def ends(
    path: Path, run: Callable[[sqlite3.Connection], Sequence[object]]
) -> tuple[list[object], list[object]]:
    """How each transaction ended, errors as their words, and what stands in the file."""
    with closing(sqlite_transaction.connect(path, busy_timeout_s=1.0, synchronous="OFF")) as at:
        at.executescript(TABLES)
        found = [repr(end) if isinstance(end, Exception) else end for end in run(at)]
        return found, list(at.execute(LATEST + " LIMIT 100"))


@given(GROUPS)
def test_together_each_ends_as_it_would_alone(group: list[list[BoundStatement]]) -> None:
    def alone(connection: sqlite3.Connection) -> list[object]:
        found: list[object] = []
        for each in group:
            found += sqlite_transaction.write_together(connection, [each])
        return found

    def together(connection: sqlite3.Connection) -> Sequence[object]:
        return sqlite_transaction.write_together(connection, group)

    with TemporaryDirectory() as folder:
        assert ends(Path(folder) / "a.db", together) == ends(Path(folder) / "b.db", alone)


def test_together_is_one_commit_seen_by_others_as_a_whole(tmp_path: Path) -> None:
    with closing(opened(tmp_path / "s.db")) as writer, closing(opened(tmp_path / "s.db")) as reader:
        writer.executescript(TABLES)
        seen: list[object] = []

        def before_commit() -> None:
            seen.extend(reader.execute(LATEST))
            seen.append("commit")

        group = [[said("INSERT INTO notes VALUES (?1, 'a')", at)] for at in range(3)]
        sqlite_transaction.write_together(writer, group, before_commit)
        seen.extend(reader.execute(LATEST))

    assert seen == ["commit", (0, "a"), (1, "a"), (2, "a")]


@pytest.mark.parametrize("error", [StoreFull, StoreReplaced, StoreBroken])
def test_commit_that_fails_for_all_is_told_to_each(error: type[Exception], tmp_path: Path) -> None:
    def before_commit() -> None:
        raise error("gone")

    with closing(opened(tmp_path / "s.db")) as connection:
        connection.executescript(TABLES)
        group = [[said("INSERT INTO notes VALUES (?1, 'a')", at)] for at in range(2)]
        found = sqlite_transaction.write_together(connection, group, before_commit)
        again = sqlite_transaction.write(connection, [said(LATEST)])

    assert [type(end) for end in found] == [error, error]
    assert found[0] is not found[1]
    assert again == ((),)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StoreFull),
        (sqlite3.SQLITE_IOERR_READ, StoreDiskFails),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreDiskFails),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreReadOnly),
        (sqlite3.SQLITE_CANTOPEN, StoreReadOnly),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreBroken),
    ],
)
def test_what_sqlite_answers_has_the_error_of_its_own_remedy(
    code: int, expected: type[StoreError], tmp_path: Path
) -> None:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code

    class Failing(sqlite3.Connection):
        def execute(self, *_: object) -> sqlite3.Cursor:
            raise error

    connection = sqlite3.connect(tmp_path / "s.db", factory=Failing)
    with closing(connection), pytest.raises(StoreError) as caught:
        sqlite_transaction.read(connection, [said(LATEST)])

    assert type(caught.value) is expected
    assert ("make room" in str(caught.value)) is (expected is StoreFull)


def opened(path: Path) -> sqlite3.Connection:
    return sqlite_transaction.connect(path, busy_timeout_s=1.0, synchronous="OFF")


def fill_and_free(connection: sqlite3.Connection, rows: int) -> None:
    connection.execute("CREATE TABLE filled (id INTEGER PRIMARY KEY, body BLOB)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO filled (body) VALUES (zeroblob(4000))", [()] * rows)
    connection.execute("COMMIT")
    connection.execute("DELETE FROM filled")


def pages(connection: sqlite3.Connection) -> tuple[int, int]:
    ((count,),) = connection.execute("PRAGMA page_count")
    ((free,),) = connection.execute("PRAGMA freelist_count")
    return count, free


def test_free_pages_go_back_a_few_at_a_time(tmp_path: Path) -> None:
    connection = opened(tmp_path / "store.db")
    fill_and_free(connection, 4_000)
    before, _ = pages(connection)

    sqlite_transaction.give_back(connection)

    after, _ = pages(connection)
    assert 0 < before - after <= 70
    for _ in range(100):
        sqlite_transaction.give_back(connection)
    sqlite_transaction.checkpoint(connection)
    count, free = pages(connection)
    assert free <= 2_048 < before
    assert (tmp_path / "store.db").stat().st_size == count * 4096
    connection.close()


def test_few_free_pages_stay_to_be_filled_again(tmp_path: Path) -> None:
    connection = opened(tmp_path / "store.db")
    fill_and_free(connection, 500)
    before = pages(connection)

    sqlite_transaction.give_back(connection)

    assert pages(connection) == before
    connection.close()


def test_file_from_before_keeps_its_pages(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "store.db")
    old.execute("CREATE TABLE of_before (id INTEGER PRIMARY KEY)")
    old.close()
    connection = opened(tmp_path / "store.db")
    fill_and_free(connection, 4_000)
    before = pages(connection)

    sqlite_transaction.give_back(connection)

    assert pages(connection) == before
    connection.close()

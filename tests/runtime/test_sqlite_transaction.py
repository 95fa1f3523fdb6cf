"""Free pages go back to the disk, a few at a time, but for those that are filled again soon."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from syncd.runtime import sqlite_transaction


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

"""Files of SQLite are copied whole, checked, published and replaced, and nothing gets lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from syncd.domain.errors import StoreError
from syncd.ports.driver import BoundStatement
from syncd.runtime import sqlite_upkeep
from syncd.runtime.sqlite_upkeep import UpkeepDriver


def made(path: Path, *rows: str) -> sqlite3.Connection:
    """A database in WAL whose rows stand in its log only, as under a working daemon."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE told (word TEXT UNIQUE)")
    connection.executemany("INSERT INTO told VALUES (?)", [(row,) for row in rows])
    return connection


def told(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT word FROM told ORDER BY word")]
    finally:
        connection.close()


def broken(path: Path) -> None:
    """Overwrite a page in the middle."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)


def test_copy_holds_what_was_committed_while_somebody_writes(tmp_path: Path) -> None:
    writer = made(tmp_path / "store.db", "first")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO told VALUES ('not yet')")

    sqlite_upkeep.copy(tmp_path / "store.db", tmp_path / "copy.db")

    writer.execute("COMMIT")
    writer.close()
    assert told(tmp_path / "copy.db") == ["first"]
    assert sorted(one.name for one in tmp_path.glob("copy*")) == ["copy.db"]
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_copy_of_what_is_no_database_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam" * 1000, "utf-8")

    with pytest.raises(StoreError, match="cannot copy"):
        sqlite_upkeep.copy(tmp_path / "letter.txt", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="no database at"):
        sqlite_upkeep.copy(tmp_path / "nowhere.db", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="check its folder"):
        sqlite_upkeep.copy(tmp_path / "letter.txt", tmp_path / "nowhere" / "copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_problems_name_broken_pages_and_broken_references(tmp_path: Path) -> None:
    made(tmp_path / "sound.db", "first").close()
    made(tmp_path / "pages.db", *[f"word {at:04}" for at in range(500)]).close()
    broken(tmp_path / "pages.db")
    widow = sqlite3.connect(tmp_path / "widow.db")
    widow.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    widow.execute("CREATE TABLE child (of INTEGER REFERENCES parent (id))")
    widow.execute("INSERT INTO child VALUES (7)")
    widow.commit()
    widow.close()

    assert sqlite_upkeep.problems(tmp_path / "sound.db") == ()
    assert sqlite_upkeep.problems(tmp_path / "pages.db") != ()
    (found,) = sqlite_upkeep.problems(tmp_path / "widow.db")
    assert "child" in found
    assert "parent" in found


def test_fold_leaves_one_file(tmp_path: Path) -> None:
    writer = made(tmp_path / "store.db", "first")
    (tmp_path / "store.db-wal").read_bytes()
    writer.close()

    sqlite_upkeep.checkpoint(tmp_path / "store.db", keeps_log=False)

    assert [one.name for one in tmp_path.iterdir()] == ["store.db"]
    assert told(tmp_path / "store.db") == ["first"]


def test_publish_never_overwrites(tmp_path: Path) -> None:
    made(tmp_path / "new.partial", "new").close()
    made(tmp_path / "old.db", "old").close()

    with pytest.raises(StoreError, match="not overwritten"):
        sqlite_upkeep.publish(tmp_path / "new.partial", tmp_path / "old.db")
    sqlite_upkeep.publish(tmp_path / "new.partial", tmp_path / "new.db")

    assert told(tmp_path / "old.db") == ["old"]
    assert told(tmp_path / "new.db") == ["new"]
    assert not (tmp_path / "new.partial").exists()


def test_replaced_database_is_kept_with_its_log(tmp_path: Path) -> None:
    """The log of the old one must never be read into the new one."""
    writer = made(tmp_path / "store.db", "old")
    made(tmp_path / "fresh.db", "fresh").close()

    sqlite_upkeep.replace(tmp_path / "store.db", tmp_path / "fresh.db", tmp_path / "kept.db")

    assert told(tmp_path / "store.db") == ["fresh"]
    assert told(tmp_path / "kept.db") == ["old"]
    writer.close()


def test_replace_works_where_nothing_stood(tmp_path: Path) -> None:
    made(tmp_path / "fresh.db", "fresh").close()

    sqlite_upkeep.replace(tmp_path / "store.db", tmp_path / "fresh.db", tmp_path / "kept.db")

    assert told(tmp_path / "store.db") == ["fresh"]
    assert not (tmp_path / "kept.db").exists()


async def test_upkeep_driver_reads_and_writes_and_a_reader_only_reads(tmp_path: Path) -> None:
    made(tmp_path / "store.db", "first").close()
    add = BoundStatement(name="add", sql="INSERT INTO told VALUES (?1)", rows=(("second",),))
    ask = BoundStatement(name="ask", sql="SELECT word FROM told ORDER BY word")
    driver = UpkeepDriver(tmp_path / "store.db")
    reader = UpkeepDriver(tmp_path / "store.db", is_reader=True)

    await driver.write([add])
    with pytest.raises(StoreError):
        await reader.write([add])

    assert await reader.read([ask]) == ((("first",), ("second",)),)
    await driver.close()
    await reader.close()
    with pytest.raises(StoreError, match=r"check store\.url"):
        UpkeepDriver(tmp_path / "nowhere.db")

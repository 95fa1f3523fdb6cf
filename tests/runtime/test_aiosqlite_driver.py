"""What only the real driver has: threads, commits that are shared, durable settings, a ballast."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import aiosqlite
import anyio
import pytest

from syncd.domain.errors import (
    Conflict,
    NotStorable,
    StoreBroken,
    StoreError,
    StoreFull,
    StoreReplaced,
)
from syncd.ports.driver import BoundStatement, Scalar
from syncd.runtime import aiosqlite_driver
from syncd.runtime.aiosqlite_driver import AiosqliteDriver, Ballast, open_driver
from syncd.runtime.store_files import OpenFiles

KILOBYTE = "INSERT INTO blobs (body) VALUES (zeroblob(?1))"


async def value(driver: AiosqliteDriver, sql: str) -> Scalar:
    ((row,),) = await driver.write((BoundStatement(name="value", sql=sql),))
    return row[0]


async def write(driver: AiosqliteDriver, sql: str, *params: Scalar) -> None:
    await driver.write((BoundStatement(name="write", sql=sql, rows=(params,)),))


async def test_execute_runs_a_function_in_the_thread(tmp_path: Path) -> None:
    """The canary for aiosqlite's private `_execute`, the only way to one hop per transaction."""
    connection = await aiosqlite.connect(tmp_path / "store.db")

    ran_in = await connection._execute(threading.current_thread)
    await connection.close()

    assert ran_in is not threading.current_thread()


async def test_connections_are_durable_and_checked(tmp_path: Path) -> None:
    driver = await open_driver(tmp_path / "store.db", busy_timeout_s=2.5, ballast_bytes=4096)

    found = [
        await value(driver, f"PRAGMA {name}")
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    ]
    await driver.close()

    assert found == ["wal", 2, 1, 2500]


async def test_reader_cannot_write(tmp_path: Path) -> None:
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)

    with pytest.raises(StoreError, match="sneak"):
        await driver.read((BoundStatement(name="sneak", sql="CREATE TABLE t (x)"),))

    await driver.close()


async def test_cancelled_write_is_answered_before_the_cancellation(tmp_path: Path) -> None:
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    ended = False

    with anyio.CancelScope() as scope:
        scope.cancel()
        await write(driver, "CREATE TABLE t (x)")
        ended = True

    assert ended
    assert await value(driver, "SELECT count(*) FROM t") == 0
    await driver.close()


class Commits(OpenFiles):
    """Counts the COMMITs, which each look at the file's names first."""

    count = 0

    def check(self) -> None:
        self.count += 1
        super().check()


async def counted(path: Path) -> tuple[AiosqliteDriver, Commits]:
    driver = await open_driver(path, ballast_bytes=4096)
    await write(driver, "CREATE TABLE t (x INTEGER PRIMARY KEY)")
    files = Commits(path)
    ballast = Ballast(path.with_name("other.ballast"), 4096)
    return (
        AiosqliteDriver(writer=driver._writer, reader=driver._reader, ballast=ballast, files=files),
        files,
    )


async def test_what_waits_for_the_writer_shares_a_commit(tmp_path: Path) -> None:
    """One that fails takes nobody with it, and each is told its own end."""
    driver, commits = await counted(tmp_path / "store.db")
    held, told = threading.Event(), list[object]()

    async def add(*numbers: int) -> None:
        try:
            for each in numbers[:1]:
                await driver.write(
                    tuple(
                        BoundStatement(name="add", sql="INSERT INTO t VALUES (?1)", rows=((at,),))
                        for at in numbers
                    )
                )
                told.append(each)
        except StoreError as error:
            told.append(type(error))

    async with anyio.create_task_group() as group:
        group.start_soon(driver._writer.run, lambda _: held.wait(5.0))
        for numbers in ((1, 2), (3, 1), (4,)):
            group.start_soon(add, *numbers)
        await anyio.wait_all_tasks_blocked()
        assert (told, commits.count) == ([], 0)
        held.set()

    assert sorted(told, key=str) == [1, 4, Conflict]
    assert commits.count == 1
    assert await value(driver, "SELECT group_concat(x) FROM t") == "1,2,4"
    await driver.close()


async def test_no_more_than_so_many_share_a_commit(tmp_path: Path) -> None:
    driver, commits = await counted(tmp_path / "store.db")
    held = threading.Event()

    async with anyio.create_task_group() as group:
        group.start_soon(driver._writer.run, lambda _: held.wait(5.0))
        for at in range(aiosqlite_driver.MOST_TOGETHER + 1):
            group.start_soon(write, driver, "INSERT INTO t VALUES (?1)", at)
        await anyio.wait_all_tasks_blocked()
        held.set()

    assert commits.count == 2
    await driver.close()


async def test_cancelled_one_of_a_group_is_committed_and_told_with_it(tmp_path: Path) -> None:
    driver, commits = await counted(tmp_path / "store.db")
    held, ended = threading.Event(), list[int]()

    async def add(at: int, scope: anyio.CancelScope) -> None:
        with scope:
            await write(driver, "INSERT INTO t VALUES (?1)", at)
            ended.append(at)

    scopes = [anyio.CancelScope() for _ in range(3)]
    async with anyio.create_task_group() as group:
        group.start_soon(driver._writer.run, lambda _: held.wait(5.0))
        for at, scope in enumerate(scopes):
            group.start_soon(add, at, scope)
        await anyio.wait_all_tasks_blocked()
        scopes[0].cancel()
        held.set()

    assert (sorted(ended), commits.count) == ([0, 1, 2], 1)
    await driver.close()


async def test_file_that_is_no_store_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"a letter to my aunt" * 100)

    with pytest.raises(StoreError, match=r"store\.db"):
        await open_driver(tmp_path / "store.db")


async def test_directory_that_is_missing_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        await open_driver(tmp_path / "nowhere" / "store.db")


async def test_full_disk_gives_up_the_ballast_then_says_full_and_recovers(tmp_path: Path) -> None:
    """`max_page_count` stands in for a full disk; it does not give way when the ballast does."""
    ballast = tmp_path / "store.db.ballast"
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    assert ballast.stat().st_size == 4096
    await write(driver, "CREATE TABLE blobs (body BLOB)")
    await driver.write((BoundStatement(name="limit", sql="PRAGMA max_page_count = 8"),))

    with pytest.raises(StoreFull, match="write"):
        await write(driver, KILOBYTE, 1_000_000)
    assert not ballast.exists()

    await write(driver, "PRAGMA max_page_count = 100000")
    await write(driver, KILOBYTE, 1_000_000)
    assert ballast.stat().st_size == 4096
    await driver.close()


async def test_transaction_that_fits_once_the_ballast_is_gone_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    driver = await open_driver(path, ballast_bytes=4096)
    await write(driver, "CREATE TABLE blobs (body BLOB)")
    await driver.write((BoundStatement(name="limit", sql="PRAGMA max_page_count = 8"),))
    sqlite = driver._writer._sqlite
    assert sqlite is not None

    class GivesWay(Ballast):
        def give_up(self) -> bool:
            sqlite.execute("PRAGMA max_page_count = 100000")
            return super().give_up()

    ballast = GivesWay(tmp_path / "other.ballast", 4096)
    ballast.lay()
    driver = AiosqliteDriver(
        writer=driver._writer, reader=driver._reader, ballast=ballast, files=OpenFiles(path)
    )

    await write(driver, KILOBYTE, 1_000_000)

    assert await value(driver, "SELECT count(*) FROM blobs") == 1
    await driver.close()


def test_ballast_leaves_the_last_of_a_disk_to_others(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", size_bytes=2**60)

    ballast.lay()

    assert not (tmp_path / "ballast").exists()
    assert ballast.give_up() is False


async def test_committed_work_is_there_for_another_process(tmp_path: Path) -> None:
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    await write(driver, "CREATE TABLE t (x)")

    other = sqlite3.connect(tmp_path / "store.db")
    found = other.execute("SELECT name FROM sqlite_master").fetchall()
    other.close()
    await driver.close()

    assert found == [("t",)]


async def test_files_of_a_store_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
        await write(driver, "CREATE TABLE t (x)")
    finally:
        os.umask(before)

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in os.scandir(tmp_path)}
    await driver.close()

    names = ["store.db", "store.db-shm", "store.db-wal", "store.db.ballast"]
    assert modes == dict.fromkeys(sorted(names), 0o600) == dict(sorted(modes.items()))


@pytest.mark.parametrize("lost", ["store.db", "store.db-wal"])
@pytest.mark.parametrize("is_replaced", [True, False])
async def test_store_that_is_lost_underneath_takes_nothing_more(
    lost: str, is_replaced: bool, tmp_path: Path
) -> None:
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    await write(driver, "CREATE TABLE t (x)")
    (tmp_path / lost).rename(tmp_path / "elsewhere")
    if is_replaced:
        (tmp_path / lost).write_bytes(b"")

    with pytest.raises(StoreReplaced, match=r"store\.db .*syncd db restore"):
        await write(driver, "INSERT INTO t VALUES (1)")
    with pytest.raises(StoreReplaced):
        await driver.write(())

    (((count,),),) = await driver.read((BoundStatement(name="c", sql="SELECT count(*) FROM t"),))
    await driver.close()

    assert count == 0


async def test_log_is_folded_into_the_file_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiosqlite_driver, "CHECKPOINT_EVERY_S", 0.0)
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    await write(driver, "CREATE TABLE t (x)")

    alone = tmp_path / "alone.db"
    alone.write_bytes((tmp_path / "store.db").read_bytes())
    with closing(sqlite3.connect(alone)) as reader:
        found = reader.execute("SELECT name FROM sqlite_master").fetchall()
    await driver.close()

    assert found == [("t",)]


async def test_damaged_page_and_unstorable_value_have_names_of_their_own(tmp_path: Path) -> None:
    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    await write(driver, "CREATE TABLE t (x INTEGER CHECK (x > 0))")
    for sql, params in (("INSERT INTO t VALUES (?1)", (2**80,)), ("INSERT INTO t VALUES (0)", ())):
        with pytest.raises(NotStorable):
            await write(driver, sql, *params)
    root = await value(driver, "SELECT rootpage FROM sqlite_master WHERE name = 't'")
    assert isinstance(root, int)
    await driver.close()
    with (tmp_path / "store.db").open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)

    driver = await open_driver(tmp_path / "store.db", ballast_bytes=4096)
    with pytest.raises(StoreBroken, match="damaged"):
        await value(driver, "SELECT count(*) FROM t")
    await driver.close()


async def test_ballast_that_can_neither_be_laid_nor_removed_spoils_no_transaction(
    tmp_path: Path,
) -> None:
    """What was committed is told as committed, and a full disk as a full disk."""
    driver = await open_driver(tmp_path / "syncd.db")
    in_the_way = tmp_path / "other.ballast"
    in_the_way.mkdir()
    driver._ballast = Ballast(in_the_way, 4096)
    try:
        driver._ballast.lay()
        answers = await driver.write(
            [BoundStatement(name="make", sql="CREATE TABLE made (a INTEGER)")]
        )
        driver._ballast._is_laid = True

        assert answers == ((),)
        assert driver._ballast.give_up() is False
    finally:
        await driver.close()

"""What every driver promises (ports.driver), held by each of them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from syncd.domain.errors import Conflict, NotStorable, StoreError, StoreFull
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Driver, Row
from syncd.runtime import postgresql_store
from syncd.runtime.aiosqlite_driver import open_driver

ADD = "INSERT INTO notes (id, text) VALUES (?1, ?2)"
SET = "UPDATE notes SET text = ?2 WHERE id = ?1"
ALL = "SELECT id, text FROM notes ORDER BY id"


NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"
REPLIES = """CREATE TABLE replies (
    note INTEGER NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)"""


def told(
    sql: str, *rows: Row, must_change: int | None = None, postgresql: str | None = None
) -> BoundStatement:
    return BoundStatement(
        name="a_name", sql=sql, postgresql=postgresql, rows=rows or ((),), must_change=must_change
    )


def made(table: str) -> BoundStatement:
    """A table that keeps each value in its type, as PostgreSQL's do of themselves."""
    return told(f"{table} STRICT", postgresql=table)


async def _aiosqlite(request: pytest.FixtureRequest) -> Driver:
    path: Path = request.getfixturevalue("tmp_path")
    return await open_driver(path / "store.db", ballast_bytes=4096)


async def _inline(request: pytest.FixtureRequest) -> Driver:
    path: Path = request.getfixturevalue("tmp_path")
    return InlineDriver(path / "store.db")


async def _asyncpg(request: pytest.FixtureRequest) -> Driver:
    driver = await postgresql_store.open_driver(request.getfixturevalue("postgresql_url"))
    await driver.write((told("CREATE SCHEMA syncd"),))
    return driver


@pytest.fixture(params=[_aiosqlite, _inline, _asyncpg], ids=["aiosqlite", "inline", "asyncpg"])
async def driver(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    make: Callable[[pytest.FixtureRequest], Awaitable[Driver]] = request.param
    driver = await make(request)
    await driver.write((made(NOTES),))
    yield driver
    await driver.close()


async def notes(driver: Driver) -> tuple[Row, ...]:
    (rows,) = await driver.read((told(ALL),))
    return rows


async def test_write_answers_each_statement_in_order(driver: Driver) -> None:
    answers = await driver.write(
        (told(ADD + " RETURNING id", (1, "a")), told(ADD, (2, "b"), (3, "c")), told(ALL))
    )

    assert answers == (((1,),), (), ((1, "a"), (2, "b"), (3, "c")))


async def test_write_runs_an_answering_statement_for_each_row_without_an_answer(
    driver: Driver,
) -> None:
    """From Python 3.12 on sqlite3's executemany stops after the first such row."""
    answers = await driver.write((told(ADD + " RETURNING id", (1, "a"), (2, "b"), (3, "c")),))

    assert answers == ((),)
    assert await notes(driver) == ((1, "a"), (2, "b"), (3, "c"))


async def test_write_fills_places_by_their_number_however_often_and_in_any_order(
    driver: Driver,
) -> None:
    await driver.write((told(ADD, (1, "a"), (2, "b")),))
    twice = "UPDATE notes SET text = ?2 || CAST(?1 AS INTEGER) || ?2 WHERE id = ?1"

    await driver.write((told(twice, (1, "x"), (2, "y")),))

    assert await notes(driver) == ((1, "x1x"), (2, "y2y"))


async def test_write_of_no_rows_does_nothing(driver: Driver) -> None:
    answers = await driver.write((BoundStatement(name="add", sql=ADD, rows=()),))

    assert answers == ((),)
    assert await notes(driver) == ()


async def test_write_is_rolled_back_as_a_whole_when_a_statement_fails(driver: Driver) -> None:
    with pytest.raises(StoreError):
        await driver.write((told(ADD, (1, "a")), told("SELECT nonsense")))

    assert await notes(driver) == ()


async def test_error_names_the_statement_and_no_value(driver: Driver) -> None:
    with pytest.raises(StoreError, match="a_name") as raised:
        await driver.write((told(ADD, ("a secret", "another secret")),))

    assert "secret" not in str(raised.value)


async def test_guard_that_changes_fewer_rows_is_a_conflict_and_writes_nothing(
    driver: Driver,
) -> None:
    await driver.write((told(ADD, (1, "a")),))

    with pytest.raises(Conflict, match="a_name must change 2"):
        await driver.write((told(SET, (1, "b"), (2, "b"), must_change=2),))

    assert await notes(driver) == ((1, "a"),)


async def test_guard_counts_every_row_of_many(driver: Driver) -> None:
    await driver.write((told(ADD, (1, "a"), (2, "b"), must_change=2),))
    await driver.write((told(SET + " RETURNING text", (1, "c"), (2, "d"), must_change=2),))
    await driver.write((BoundStatement(name="none", sql=SET, rows=(), must_change=0),))

    with pytest.raises(Conflict, match="changed 1"):
        await driver.write((told(SET, (1, "e"), (3, "e"), must_change=2),))

    assert await notes(driver) == ((1, "c"), (2, "d"))


async def test_guard_counts_the_rows_of_a_returning_statement(driver: Driver) -> None:
    answers = await driver.write((told(ADD + " RETURNING id", (1, "a"), must_change=1),))

    assert answers == (((1,),),)


async def test_taken_place_is_a_conflict(driver: Driver) -> None:
    await driver.write((told(ADD, (1, "a")),))

    with pytest.raises(Conflict, match="a_name"):
        await driver.write((told(ADD, (1, "b")),))


async def test_failed_commit_leaves_the_next_transaction_free(driver: Driver) -> None:
    """A deferred foreign key fails at COMMIT and leaves SQLite's transaction open."""
    await driver.write((made(REPLIES),))

    with pytest.raises(StoreError, match="COMMIT"):
        await driver.write((told("INSERT INTO replies (note) VALUES (404)"),))

    await driver.write((told(ADD, (1, "a")),))
    assert await notes(driver) == ((1, "a"),)


ODD_TEXTS = ("", "ä", "𝄞", "a\nb\tc", "'; --", "?1 $1 %s", "x" * 10_000)


async def test_values_come_back_as_they_went(driver: Driver) -> None:
    kept = "CREATE TABLE kept (number INTEGER, text TEXT, body {})"
    await driver.write((told(kept.format("BLOB"), postgresql=kept.format("BYTEA")),))
    rows: tuple[Row, ...] = (
        (0, "", b""),
        (-(2**63), None, bytes(range(256))),
        (2**63 - 1, "\x7f", None),
        *((None, text, text.encode()) for text in ODD_TEXTS),
    )

    await driver.write((told("INSERT INTO kept VALUES (?1, ?2, ?3)", *rows),))

    (found,) = await driver.read((told("SELECT number, text, body FROM kept"),))
    assert found == rows


async def test_truth_and_sums_are_whole_numbers(driver: Driver) -> None:
    await driver.write((told(ADD, (1, "a"), (2, "b")),))
    asked = "SELECT count(*), sum(id), 1 < 2, max(id), sum(id) FILTER (WHERE id > 2) FROM notes"

    ((answer,),) = await driver.read((told(asked),))

    assert [(type(value), value) for value in answer] == [
        (int, 2), (int, 3), (int, 1), (int, 2), (type(None), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row", [(2**63, "a"), ("one", "a"), (1, "\ud800"), (1,), (1, "a", "b")], ids=repr
)
async def test_row_that_cannot_be_kept_is_our_mistake(row: Row, driver: Driver) -> None:
    with pytest.raises(NotStorable, match="a_name"):
        await driver.write((told(ADD, row),))

    await driver.write((told(ADD, (1, "a")),))
    assert await notes(driver) == ((1, "a"),)


async def test_read_sees_what_was_written_before_it(driver: Driver) -> None:
    await driver.write((told(ADD, (1, "a")),))

    assert await driver.read((told(ALL), told("SELECT count(*) FROM notes"))) == (
        ((1, "a"),),
        ((1,),),
    )


async def test_cancelled_caller_leaves_a_whole_transaction(driver: Driver) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await driver.write((told(ADD, (1, "a")), told(ADD, (2, "b"))))

    assert await notes(driver) in ((), ((1, "a"), (2, "b")))


async def test_many_callers_are_served_one_after_the_other(driver: Driver) -> None:
    await driver.write((told(ADD, (1, "")),))

    async def append(letter: str) -> None:
        await driver.write((told("UPDATE notes SET text = text || ?1", (letter,)),))

    async with anyio.create_task_group() as group:
        for letter in "abcdef":
            group.start_soon(append, letter)

    ((_, text),) = await notes(driver)
    assert sorted(str(text)) == list("abcdef")


async def test_one_that_fails_among_many_callers_takes_nobody_with_it(driver: Driver) -> None:
    """Whether they share a COMMIT or not; a deferred key fails at the COMMIT itself."""
    await driver.write((made(REPLIES),))
    ends: dict[str, object] = {}

    async def run(name: str, *statements: BoundStatement) -> None:
        try:
            ends[name] = await driver.write(statements)
        except StoreError as error:
            ends[name] = type(error)

    async with anyio.create_task_group() as group:
        group.start_soon(run, "first", told(ADD + " RETURNING id", (1, "a")))
        group.start_soon(run, "taken", told(ADD, (2, "b")), told(ADD, (1, "b")))
        group.start_soon(run, "guard", told(SET, (7, "x"), must_change=1))
        group.start_soon(run, "key", told("INSERT INTO replies (note) VALUES (404)"))
        group.start_soon(run, "value", told(ADD, ("not a number", "x")))
        group.start_soon(run, "last", told(ADD + " RETURNING id", (3, "c")), told(ALL))

    assert {name for name, end in ends.items() if end is Conflict} == {"taken", "guard"}
    assert isinstance(ends["key"], type)
    assert isinstance(ends["value"], type)
    assert ends["first"] == (((1,),),)
    assert ends["last"] == (((3,),), ((1, "a"), (3, "c")))
    assert await notes(driver) == ((1, "a"), (3, "c"))


@pytest.mark.parametrize("driver", [_aiosqlite, _inline], indirect=True)
async def test_file_survives_being_closed_and_copied(driver: Driver, tmp_path: Path) -> None:
    await driver.write((told(ADD, (1, "a")),))
    await driver.close()

    with closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        found = connection.execute(ALL).fetchall()
    connection.close()

    assert found == [(1, "a")]


async def test_close_twice_is_once_and_use_after_it_is_refused(driver: Driver) -> None:
    await driver.close()
    await driver.close()

    with pytest.raises(StoreError, match="closed"):
        await driver.write((told(ADD, (1, "a")),))
    with pytest.raises(StoreError, match="closed"):
        await driver.read((told(ALL),))


class Disk:
    """A disk whose next commits fail as told."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []

    def before_commit(self) -> None:
        if self.failures:
            raise self.failures.pop()


async def test_inline_commit_that_is_made_to_fail_writes_nothing(tmp_path: Path) -> None:
    disk = Disk()
    driver = InlineDriver(tmp_path / "store.db", before_commit=disk.before_commit)
    await driver.write((told("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"),))
    disk.failures.append(StoreFull("no space, by seed"))

    with pytest.raises(StoreFull, match="by seed"):
        await driver.write((told(ADD, (1, "a")),))

    assert await notes(driver) == ()
    await driver.write((told(ADD, (2, "b")),))
    assert await notes(driver) == ((2, "b"),)
    await driver.close()


async def test_inline_time_passes_on_both_sides_of_a_write_and_keeps_the_order(
    tmp_path: Path,
) -> None:
    waits = [0.0, 0.0, 0.003, 0.0, 0.001]
    drawn: list[float] = []

    def latency_s() -> float:
        drawn.append(waits[len(drawn) % len(waits)])
        return drawn[-1]

    driver = InlineDriver(tmp_path / "store.db", latency_s=latency_s)
    await driver.write((told("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)"),))
    assert len(drawn) == 2

    async with anyio.create_task_group() as group:
        for text in "abc":
            group.start_soon(driver.write, (told("INSERT INTO notes (text) VALUES (?1)", (text,)),))

    assert await notes(driver) == ((1, "a"), (2, "b"), (3, "c"))
    assert len(drawn) == 9
    await driver.close()

"""What only the driver of PostgreSQL has: connections that break, other writers, shared commits."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import asyncpg
import pytest

from syncd.domain.errors import Conflict, NotStorable, StoreError, StoreFull
from syncd.ports.driver import BoundStatement, Driver, Row, Scalar
from syncd.runtime import asyncpg_driver, postgresql_session, postgresql_store
from syncd.runtime.postgresql_transaction import WRITERS_LOCK
from tests.support.postgresql import Cluster
from tests.support.postgresql_wire import AtCommit, Wire, wire

ADD = "INSERT INTO notes (id, text) VALUES (?1, ?2)"
COUNT_UP = "UPDATE notes SET id = id + 1 RETURNING id"
BROKEN = (AtCommit.LOST, AtCommit.ANSWER_LOST)
NEXT = "INSERT INTO notes (id) SELECT coalesce(max(id), 0) + 1 FROM notes RETURNING id"


def told(sql: str, *rows: Row, must_change: int | None = None) -> BoundStatement:
    return BoundStatement(name="a_name", sql=sql, rows=rows or ((),), must_change=must_change)


async def value(driver: Driver, sql: str, *params: Scalar) -> Scalar:
    ((row,),) = await driver.write((told(sql, params),))
    return row[0]


async def ids(driver: Driver) -> list[Scalar]:
    (rows,) = await driver.read((told("SELECT id FROM notes ORDER BY id"),))
    return [row[0] for row in rows]


@asynccontextmanager
async def driving(url: str, **options: Any) -> AsyncIterator[Driver]:
    driver = await postgresql_store.open_driver(url, **options)
    try:
        yield driver
    finally:
        await driver.close()


@pytest.fixture
async def url(postgresql_url: str) -> str:
    """A database with one table."""
    async with driving(postgresql_url) as driver:
        await driver.write(
            (
                told("CREATE SCHEMA syncd"),
                told("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT CHECK (text <> 'no'))"),
            )
        )
    return postgresql_url


@pytest.fixture
async def driver(url: str) -> AsyncIterator[Driver]:
    async with driving(url) as driver:
        yield driver


@asynccontextmanager
async def lock_held(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """Somebody else's transaction that writes; the connection it is on."""
    other = await asyncpg.connect(url, server_settings={"application_name": "somebody"})
    try:
        async with other.transaction():
            await other.execute(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
            yield other
    finally:
        other.terminate()


async def writer_waits(
    other: asyncpg.Connection[asyncpg.Record], *, other_than: int | None = None
) -> int:
    """Wait until a writer waits for the lock; its process at the server."""
    asked = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with anyio.fail_after(10.0):
        while True:
            if (process := await other.fetchval(asked)) not in (None, other_than):
                return int(process)
            await anyio.sleep(0.01)


# --- Settings -------------------------------------------------------------------------------------


async def test_session_is_durable_bounded_and_in_its_schema(url: str) -> None:
    """The tests' own server commits without waiting for its disk; the store asks it to."""
    async with driving(url, lock_timeout_s=2.5, statement_timeout_s=7.0) as driver:
        found = [
            await value(driver, f"SELECT current_setting('{name}')")
            for name in ("synchronous_commit", "lock_timeout", "statement_timeout", "search_path")
        ]

    assert found == ["on", "2500ms", "7s", "syncd"]


async def test_reader_cannot_write(driver: Driver) -> None:
    with pytest.raises(StoreError, match=r"a_name.*25006"):
        await driver.read((told(ADD, (1, "a")),))


async def test_statements_of_one_read_see_one_instant(url: str, driver: Driver) -> None:
    """The second statement asks another session to write first, by way of the server."""
    await driver.write((told(ADD, (1, "a")),))
    other = await asyncpg.connect(url)

    async def write_between() -> None:
        await writer_waits(other)
        await other.execute("INSERT INTO syncd.notes VALUES (2, 'b')")
        await other.execute("SELECT pg_advisory_unlock(7)")

    await other.execute("SELECT pg_advisory_lock(7)")
    count = told("SELECT count(*) FROM notes")
    async with anyio.create_task_group() as group:
        group.start_soon(write_between)
        answers = await driver.read((count, told("SELECT pg_advisory_lock(7)::text"), count))
    await other.close()

    assert (answers[0], answers[2]) == (((1,),), ((1,),))
    assert await ids(driver) == [1, 2]


# --- Commits --------------------------------------------------------------------------------------


async def test_what_waits_for_the_writer_shares_a_commit(url: str) -> None:
    """One that fails takes nobody with it, and each is told its own end."""
    ends: dict[str, object] = {}

    async def run(name: str, *statements: BoundStatement) -> None:
        try:
            ends[name] = await driver.write(statements)
        except StoreError as error:
            ends[name] = type(error)

    async with wire(url) as carried, driving(carried.url(url)) as driver:
        async with lock_held(url) as other, anyio.create_task_group() as group:
            group.start_soon(run, "leads", told(ADD, (1, "a")))
            await writer_waits(other)
            group.start_soon(run, "taken", told(ADD, (2, "b")), told(ADD, (1, "b")))
            group.start_soon(run, "check", told(ADD, (3, "no")))
            group.start_soon(run, "last", told(NEXT))
            await anyio.wait_all_tasks_blocked()
            await other.execute("COMMIT")
            await other.execute("BEGIN")

        assert carried.commits == 2
        assert ends == {"leads": ((),), "taken": Conflict, "check": NotStorable, "last": (((2,),),)}
        assert await ids(driver) == [1, 2]


async def test_no_more_than_so_many_share_a_commit(url: str) -> None:
    async with wire(url) as carried, driving(carried.url(url)) as driver:
        async with lock_held(url) as other, anyio.create_task_group() as group:
            group.start_soon(driver.write, (told(NEXT),))
            await writer_waits(other)
            for _ in range(asyncpg_driver.MOST_TOGETHER + 1):
                group.start_soon(driver.write, (told(NEXT),))
            await anyio.wait_all_tasks_blocked()
            await other.execute("COMMIT")
            await other.execute("BEGIN")

        assert carried.commits == 3
        assert await ids(driver) == list(range(1, asyncpg_driver.MOST_TOGETHER + 3))


async def test_cancelled_write_is_answered_before_the_cancellation(driver: Driver) -> None:
    ended = False

    with anyio.CancelScope() as scope:
        scope.cancel()
        await driver.write((told(NEXT),))
        ended = True

    assert ended
    assert await ids(driver) == [1]


async def test_two_writers_of_two_processes_lose_nothing(url: str, driver: Driver) -> None:
    """Read, add one, write: under READ COMMITTED alone two would count the same."""
    async with driving(url) as other, anyio.create_task_group() as group:
        for _ in range(30):
            group.start_soon(driver.write, (told("SELECT max(id) FROM notes"), told(NEXT)))
            group.start_soon(other.write, (told("SELECT max(id) FROM notes"), told(NEXT)))

    assert await ids(driver) == list(range(1, 61))


async def test_lock_that_another_holds_for_too_long_is_named(url: str) -> None:
    async with driving(url, lock_timeout_s=0.2) as driver:
        async with lock_held(url) as other:
            with pytest.raises(StoreError, match="writers' lock") as raised:
                await driver.write((told(NEXT),))
            process = other.get_server_pid()

        assert f"process {process} holds it (somebody, from the same machine)" in str(raised.value)
        assert await ids(driver) == []
        assert await value(driver, NEXT) == 1


async def test_one_that_stands_still_in_the_middle_of_an_answer_is_ended(url: str) -> None:
    """What a paused process holds: its session idles in no transaction, so nothing else ends it."""
    full = anyio.Event()

    async def read_no_more(_: bytes) -> None:
        full.set()
        await anyio.sleep_forever()

    async def stand_still(other: asyncpg.Connection[asyncpg.Record]) -> None:
        much = "SELECT repeat('x', 1000) FROM generate_series(1, 100000)"
        await other.copy_from_query(much, output=read_no_more)

    other = await asyncpg.connect(url)
    await other.execute(f"BEGIN; SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
    async with driving(url, lock_timeout_s=1.0) as driver, anyio.create_task_group() as group:
        group.start_soon(stand_still, other)
        await full.wait()
        with pytest.raises(StoreError, match="at its other end, so it was ended"):
            await driver.write((told(NEXT),))
        assert await value(driver, NEXT) == 1
        group.cancel_scope.cancel()
    other.terminate()


async def test_all_who_wait_for_a_lock_that_is_held_wait_once(url: str) -> None:
    ends: list[object] = []

    async def run() -> None:
        try:
            ends.append(await driver.write((told(NEXT),)))
        except StoreError as error:
            ends.append(type(error).__name__)

    async with driving(url, lock_timeout_s=0.5) as driver:
        async with lock_held(url) as other, anyio.create_task_group() as group:
            group.start_soon(run)
            await writer_waits(other)
            with anyio.fail_after(3.0):  # 20 waits, one after the other, would be 10 s
                async with anyio.create_task_group() as waiting:
                    for _ in range(20):
                        waiting.start_soon(run)

        assert ends == ["StoreUnreachable"] * 21
        assert await ids(driver) == []


# --- Connections that break -----------------------------------------------------------------------


@pytest.mark.parametrize("fault", BROKEN)
async def test_commit_that_is_lost_is_written_once(fault: AtCommit, url: str) -> None:
    async with wire(url) as carried, driving(carried.url(url)) as driver:
        await driver.write((told(ADD, (10, "a")),))
        carried.faults.append(fault)

        assert await value(driver, COUNT_UP) == 11
        assert await ids(driver) == [11]
        assert carried.commits == (3 if fault is AtCommit.LOST else 2)


@pytest.mark.parametrize("fault", BROKEN)
async def test_shared_commit_that_is_lost_is_written_once_for_each(
    fault: AtCommit, url: str
) -> None:
    async with wire(url) as carried, driving(carried.url(url)) as driver:
        async with lock_held(url) as other, anyio.create_task_group() as group:
            group.start_soon(driver.write, (told(NEXT),))
            await writer_waits(other)
            for _ in range(5):
                group.start_soon(driver.write, (told(NEXT),))
            await anyio.wait_all_tasks_blocked()
            carried.faults.extend([fault, fault])
            await other.execute("COMMIT")
            await other.execute("BEGIN")

        assert await ids(driver) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("fault", BROKEN)
async def test_commit_whose_end_nobody_can_say_is_an_error_that_says_so(
    fault: AtCommit, url: str
) -> None:
    async with wire(url) as carried, driving(carried.url(url), patience_s=0.3) as driver:
        carried.faults.append(fault)
        carried.cuts_with_fault = True

        with pytest.raises(StoreError, match="unknown"):
            await driver.write((told(NEXT),))

        carried.is_cut = carried.cuts_with_fault = False
        expected = [] if fault is AtCommit.LOST else [1]
        assert await ids(driver) == expected
        assert await value(driver, NEXT) == len(expected) + 1


async def test_commit_that_is_never_answered_is_looked_up(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_session, "_WORD_S", 1.0)
    async with wire(url) as carried, driving(carried.url(url)) as driver:
        carried.faults.append(AtCommit.ANSWER_SILENT)

        assert await value(driver, NEXT) == 1
        assert await ids(driver) == [1]


async def test_machine_that_is_paused_holds_the_lock_for_so_long(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write meanwhile; awake again, it finds its transaction gone, and runs it anew."""
    monkeypatch.setattr(postgresql_session, "_IDLE_IN_TRANSACTION_S", 0.5)
    async with wire(url) as carried, driving(carried.url(url)) as driver, driving(url) as other:
        carried.faults.append(AtCommit.HELD)
        async with anyio.create_task_group() as group:
            group.start_soon(driver.write, (told(NEXT),))
            with anyio.fail_after(10.0):
                while not carried.commits:  # noqa: ASYNC110  (what is seen comes by a socket)
                    await anyio.sleep(0.01)
            assert await value(other, "INSERT INTO notes VALUES (7) RETURNING id") == 7
            carried.held.set()

        assert await ids(other) == [7, 8]


async def test_process_of_the_server_that_hangs_is_named(url: str) -> None:
    async with (
        driving(url) as hanging,
        driving(url, lock_timeout_s=0.2) as driver,
        anyio.create_task_group() as group,
    ):
        process = await value(hanging, "SELECT pg_backend_pid()")
        assert isinstance(process, int)
        group.start_soon(hanging.write, (told(NEXT), told("SELECT pg_sleep(0.3)::text")))
        other = await asyncpg.connect(url)
        held = f"SELECT 1 FROM pg_locks WHERE pid = {process} AND locktype = 'advisory'"  # noqa: S608 - a number
        with anyio.fail_after(10.0):
            while await other.fetchval(held) is None:  # noqa: ASYNC110  (the server is asked)
                await anyio.sleep(0.01)
        await other.close()
        os.kill(process, signal.SIGSTOP)
        try:
            with pytest.raises(StoreError, match=f"process {process} holds it"):
                await driver.write((told(NEXT),))
        finally:
            os.kill(process, signal.SIGCONT)

    async with driving(url) as driver:
        assert await value(driver, NEXT) == 2


async def test_server_that_crashes_in_the_middle_is_found_again(
    postgresql: Cluster, url: str, driver: Driver
) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(driver.write, (told(NEXT), told("SELECT pg_sleep(0.2)::text")))
        other = await asyncpg.connect(url)
        asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        with anyio.fail_after(10.0):
            while await other.fetchval(asleep) is None:  # noqa: ASYNC110  (the server is asked)
                await anyio.sleep(0.01)
        postgresql.stop(signal.SIGQUIT)
        postgresql.start()
        other.terminate()

    assert await ids(driver) == [1]


async def test_transaction_whose_session_is_ended_is_run_again(url: str, driver: Driver) -> None:
    async with lock_held(url) as other, anyio.create_task_group() as group:
        group.start_soon(driver.write, (told(NEXT),))
        first = await writer_waits(other)
        await other.execute(f"SELECT pg_terminate_backend({first})")
        await writer_waits(other, other_than=first)
        await other.execute("COMMIT")
        await other.execute("BEGIN")

    assert await ids(driver) == [1]


async def test_transaction_that_loses_every_connection_is_given_up(url: str) -> None:
    async with wire(url) as carried, driving(carried.url(url)) as driver:
        carried.faults.extend([AtCommit.LOST] * asyncpg_driver.MOST_TRIES)

        with pytest.raises(StoreError, match="in vain, nothing was written"):
            await driver.write((told(NEXT),))

        assert await value(driver, NEXT) == 1


async def test_server_that_is_restarted_is_found_again(postgresql: Cluster, driver: Driver) -> None:
    assert await value(driver, NEXT) == 1
    assert await ids(driver) == [1]

    for _ in range(2):
        postgresql.stop()
        postgresql.start()
        await ids(driver)
        await driver.write((told(NEXT),))

    assert await ids(driver) == [1, 2, 3]


async def test_server_that_is_gone_is_waited_for_so_long(postgresql: Cluster, url: str) -> None:
    async with driving(url, patience_s=0.2) as driver:
        postgresql.stop()
        try:
            with pytest.raises(StoreError, match="check host and port"):
                await driver.write((told(NEXT),))
            with pytest.raises(StoreError, match="check host and port"):
                await ids(driver)
        finally:
            postgresql.start()

        assert await value(driver, NEXT) == 1


async def test_database_that_became_read_only_says_what_to_do(
    postgresql: Cluster, url: str, driver: Driver
) -> None:
    name = url.partition("@/")[2].partition("?")[0]
    postgresql.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    postgresql.stop()
    postgresql.start()

    with pytest.raises(StoreError, match=r"read-only: point store\.url at the primary"):
        await driver.write((told(NEXT),))
    assert await ids(driver) == []


# --- What the server answers ----------------------------------------------------------------------


async def test_schema_that_another_changed_is_prepared_for_anew(
    postgresql: Cluster, url: str, driver: Driver
) -> None:
    asked = told("SELECT * FROM notes")
    await driver.write((told(ADD, (1, "a")), asked))
    await driver.read((asked,))
    name = url.partition("@/")[2].partition("?")[0]
    postgresql.sql("ALTER TABLE syncd.notes ADD COLUMN more BIGINT DEFAULT 5", database=name)

    assert await driver.write((asked,)) == (((1, "a", 5),),)
    assert await driver.read((asked,)) == (((1, "a", 5),),)


SECRET = "words of somebody"


RAISE = """
CREATE FUNCTION fail(state TEXT, times BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('tries') <= times THEN
        RAISE EXCEPTION 'as it''s told' USING ERRCODE = state, DETAIL = 'words of somebody';
    END IF;
    RETURN 1;
END $$"""


@pytest.mark.parametrize(
    ("state", "times", "end"),
    [
        ("40001", 2, None),
        ("40P01", 1, None),
        ("40001", 3, StoreError),
        ("53100", 1, StoreFull),
        ("57014", 1, StoreError),
        ("P0001", 1, NotStorable),
    ],
)
async def test_error_of_the_server_is_one_of_ours_or_run_again(
    state: str, times: int, end: type[StoreError] | None, driver: Driver
) -> None:
    await driver.write((told("CREATE SEQUENCE tries"), told(RAISE)))
    failing = (told(NEXT), told("SELECT fail(?1, ?2)", (state, times)))

    if end is None:
        await driver.write(failing)
    else:
        with pytest.raises(StoreError, match=state) as raised:
            await driver.write(failing)
        assert type(raised.value) is end
        assert SECRET not in "".join(traceback.format_exception(raised.value))

    assert await ids(driver) == ([1] if end is None else [])
    assert await value(driver, NEXT) == (2 if end is None else 1)


async def test_statement_that_takes_too_long_is_ended(url: str) -> None:
    async with driving(url, statement_timeout_s=1.0) as driver:
        with pytest.raises(StoreError, match=r"a_name.*57014"):
            await driver.write((told(NEXT), told("SELECT pg_sleep(20)::text")))

        assert await value(driver, NEXT) == 1


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        (ADD, (1, SECRET + "\ud800")),
        (ADD, (SECRET, "a")),
        ("INSERT INTO notes (id) VALUES (CAST(?1 AS INTEGER))", (SECRET,)),
        ("INSERT INTO notes (id) VALUES (CAST(?1::text AS INTEGER))", (SECRET,)),
        ("INSERT INTO notes (id, text) VALUES (NULL, ?1)", (SECRET,)),
        ("SELECT ?1::text::jsonb", ("{SECRET: 1}",)),
        ("SELECT ?1::text::jsonb::text", (SECRET,)),
        ("SELECT sum(id) / 2.5 + length(?1::text) + 0.1 FROM (VALUES (1)) AS one (id)", ("a",)),
    ],
)
async def test_value_that_cannot_be_kept_or_answered_is_not_told(
    sql: str, row: Row, driver: Driver
) -> None:
    for rows in ((row,), (row, row)):
        with pytest.raises(NotStorable, match="a_name") as raised:
            await driver.write((told(sql, *rows), told("SELECT nonsense")))
        assert SECRET not in "".join(traceback.format_exception(raised.value))

    assert await ids(driver) == []


async def test_taken_place_is_a_conflict_that_tells_no_value(driver: Driver) -> None:
    await driver.write((told("CREATE UNIQUE INDEX by_text ON notes (text)"),))
    await driver.write((told(ADD, (1, SECRET)),))

    with pytest.raises(Conflict, match=r"a_name.*by_text") as raised:
        await driver.write((told(ADD, (2, SECRET)),))

    assert SECRET not in "".join(traceback.format_exception(raised.value))


async def test_wire_counts_commits(url: str) -> None:
    """The tests above would say anything with a wire that sees none."""
    async with wire(url) as carried, driving(carried.url(url)) as driver:
        await driver.write((told(NEXT),))
        await ids(driver)

        assert isinstance(carried, Wire)
        assert carried.commits == 1

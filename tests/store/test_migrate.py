from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import anyio
import pytest

from syncd.domain.errors import Conflict, SchemaMismatch, StoreError
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Driver
from syncd.runtime import postgresql_store
from syncd.store import migrate
from syncd.store.migrate import Migration
from tests.support.postgresql import PASSWORD, WITH_PASSWORD, Cluster

AT = datetime(2026, 11, 22, tzinfo=UTC)
FIRST = Migration(
    version=1,
    name="0001_first",
    text="-- Words; with a semicolon.\nCREATE TABLE a (x TEXT);\nCREATE TABLE b (x TEXT);\n",
)
SECOND = Migration(version=2, name="0002_second", text="ALTER TABLE a ADD COLUMN y TEXT;")
BROKEN = Migration(version=2, name="0002_broken", text="CREATE TABLE c (x TEXT);\nCREATE nonsense;")


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Awaitable[Driver]]:
    """Opens an empty store."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return partial(postgresql_store.open_driver, url, readers=1)

    async def open_file() -> Driver:
        return InlineDriver(tmp_path / "store.db")

    return open_file


@pytest.fixture
async def driver(opening: Callable[[], Awaitable[Driver]]) -> AsyncIterator[Driver]:
    driver = await opening()
    yield driver
    await driver.close()


TABLES = BoundStatement(
    name="tables",
    sql="SELECT name FROM sqlite_master ORDER BY name",
    postgresql="SELECT tablename FROM pg_tables WHERE schemaname = 'syncd' ORDER BY tablename",
)


async def tables(driver: Driver) -> list[object]:
    (rows,) = await driver.read((TABLES,))
    return [row[0] for row in rows]


async def test_upgrade_applies_each_migration_once(driver: Driver) -> None:
    assert await migrate.upgrade(driver, AT, [FIRST]) == (FIRST,)
    assert await migrate.upgrade(driver, AT, [FIRST, SECOND]) == (SECOND,)
    assert await migrate.upgrade(driver, AT, [FIRST, SECOND]) == ()
    assert await tables(driver) == ["a", "b", "migrations"]


async def test_pending_changes_nothing(driver: Driver) -> None:
    assert await migrate.pending(driver, [FIRST, SECOND]) == (FIRST, SECOND)
    assert await tables(driver) == []


async def test_migration_that_fails_leaves_nothing_of_itself(driver: Driver) -> None:
    with pytest.raises(StoreError, match="0002_broken#2"):
        await migrate.upgrade(driver, AT, [FIRST, BROKEN])

    assert await tables(driver) == ["a", "b", "migrations"]
    assert await migrate.pending(driver, [FIRST, SECOND]) == (SECOND,)


async def test_edited_migration_is_refused(driver: Driver) -> None:
    await migrate.upgrade(driver, AT, [FIRST])

    with pytest.raises(SchemaMismatch, match="0001_first was applied with checksum"):
        await migrate.pending(driver, [replace(FIRST, text=FIRST.text + "CREATE TABLE c (x);")])


async def test_store_of_a_newer_program_is_refused(driver: Driver) -> None:
    await migrate.upgrade(driver, AT, [FIRST, SECOND])

    with pytest.raises(SchemaMismatch, match="newer syncd"):
        await migrate.upgrade(driver, AT, [FIRST])


async def test_another_program_s_database_is_refused_and_left_as_it_is(driver: Driver) -> None:
    schema = "" if driver.dialect == "sqlite" else "CREATE SCHEMA syncd; "
    for text in filter(None, (*schema.split("; "), "CREATE TABLE bookmarks (x TEXT)")):
        await driver.write((BoundStatement(name="theirs", sql=text),))

    with pytest.raises(SchemaMismatch, match="another program, with a table bookmarks"):
        await migrate.upgrade(driver, AT)

    assert await tables(driver) == ["bookmarks"]


async def test_shipped_migrations_run_and_are_numbered_without_gaps(driver: Driver) -> None:
    applied = await migrate.upgrade(driver, AT)

    first = {"sqlite": 1, "postgresql": 30}[driver.dialect]
    newest = migrate.known("sqlite")[-1].version
    assert [migration.version for migration in applied] == list(range(first, newest + 1))
    assert "jobs" in await tables(driver)


async def test_replicas_that_start_together_migrate_once(postgresql_url: str) -> None:
    applied: list[Migration] = []

    async def start() -> None:
        driver = await postgresql_store.open_driver(postgresql_url, readers=1)
        applied.extend(await migrate.upgrade(driver, AT))
        assert await migrate.pending(driver) == ()
        await driver.close()

    async with anyio.create_task_group() as replicas:
        for _ in range(3):
            replicas.start_soon(start)

    assert sorted(one.version for one in applied) == [
        one.version for one in migrate.known("postgresql")
    ]


async def test_what_another_applies_beyond_the_asked_for_is_no_newer_program_s(
    driver: Driver,
) -> None:
    both = [FIRST, SECOND]

    assert await migrate.upgrade(driver, AT, both, until=1) == (FIRST,)
    assert await migrate.upgrade(driver, AT, both) == (SECOND,)
    assert await migrate.upgrade(driver, AT, both, until=1) == ()


async def test_migration_that_meets_rows_in_its_way_is_no_other_replica_s_work(
    driver: Driver,
) -> None:
    await migrate.upgrade(driver, AT, [FIRST])
    twice = "INSERT INTO a (x) VALUES ('one'), ('one');\nCREATE UNIQUE INDEX a_x ON a (x);"

    with pytest.raises(Conflict, match="0002_unique#2"):
        await migrate.upgrade(
            driver, AT, [FIRST, Migration(version=2, name="0002_unique", text=twice)]
        )


async def test_role_that_may_make_no_schema_uses_the_one_it_was_given(
    postgresql: Cluster,
) -> None:
    with postgresql.database() as name:
        postgresql.sql(f"CREATE SCHEMA syncd AUTHORIZATION {WITH_PASSWORD}", database=name)
        url = postgresql.url(name, user=WITH_PASSWORD)
        driver = await postgresql_store.open_driver(url, password=PASSWORD, readers=1)

        await migrate.upgrade(driver, AT)

        assert "jobs" in await tables(driver)
        await driver.close()

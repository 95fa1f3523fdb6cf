"""A migrated store with two tenants, as new for every test: a file of SQLite, and PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import pytest

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Driver
from syncd.runtime import postgresql_store
from syncd.store import migrate, tenants
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA
from tests.store.compared import ALIKE, ComparedDriver
from tests.support.postgresql import Cluster

# A database of its own for each test would cost 0.2 s. Tables that were made later refer to earlier
# ones. The tenants stay, for each table that may refer to them would be asked; what the migrations
# put into others comes back.
KEPT = """DO $$
DECLARE
    one RECORD;
    has_rows BOOLEAN;
BEGIN
    CREATE SCHEMA kept;
    FOR one IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'syncd'::REGNAMESPACE AND relkind = 'r'
            AND relname NOT IN ('migrations', 'tenants')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one.relname) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE %I', one.relname, one.relname);
        END IF;
    END LOOP;
END
$$"""
AS_NEW = """DO $$
DECLARE
    one RECORD;
BEGIN
    FOR one IN
        SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'syncd'::REGNAMESPACE AND relkind IN ('r', 'S')
            AND relname NOT IN ('migrations', 'tenants')
        ORDER BY oid DESC
    LOOP
        IF one.relkind = 'r' THEN
            EXECUTE format('DELETE FROM %I', one.relname);
        ELSE
            EXECUTE format('ALTER SEQUENCE %I RESTART', one.relname);
        END IF;
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'kept'::REGNAMESPACE LOOP
        EXECUTE format('INSERT INTO %I TABLE kept.%I', one.relname, one.relname);
    END LOOP;
    DELETE FROM tenants WHERE name NOT IN ('acme', 'beta');
    UPDATE tenants SET
        mode = DEFAULT, is_paused = DEFAULT, paused_at = DEFAULT, paused_by = DEFAULT,
        started_by = DEFAULT, choices = DEFAULT, start_date = DEFAULT;
END
$$"""


async def _fill(driver: Driver) -> None:
    await migrate.upgrade(driver, AT)
    await Store(driver).run(tenants.ensure([ACME, BETA]))
    if driver.dialect == "postgresql":
        await driver.write([BoundStatement(name="alike", sql=each) for each in (*ALIKE, KEPT)])
    await driver.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "migrated.db"
    anyio.run(_fill, InlineDriver(path))
    return path


@pytest.fixture(scope="session")
def migrated_url(postgresql: Cluster) -> Iterator[str]:
    """A database that the tests use one after the other."""

    async def make(url: str) -> None:
        await _fill(await postgresql_store.open_driver(url, readers=1))

    with postgresql.database() as name:
        anyio.run(make, postgresql.url(name))
        yield postgresql.url(name)


Opening = Callable[[], Awaitable[Driver]]


@pytest.fixture(params=["sqlite", "postgresql"])
def opening(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Opening:
    """Opens the test's store. On PostgreSQL each answer is compared with SQLite's."""
    path = tmp_path / "store.db"
    shutil.copy(migrated_file, path)

    async def open_file() -> Driver:
        return InlineDriver(path)

    if request.param == "sqlite":
        return open_file
    url: str = request.getfixturevalue("migrated_url")

    async def open_both() -> Driver:
        driver = await postgresql_store.open_driver(url, readers=1)
        await driver.write((BoundStatement(name="as_new", sql=AS_NEW),))
        return ComparedDriver(driver, InlineDriver(path))

    return open_both


@pytest.fixture
async def driver(opening: Opening) -> AsyncIterator[Driver]:
    driver = await opening()
    yield driver
    await driver.close()


@pytest.fixture
def store(driver: Driver) -> Store:
    return Store(driver)

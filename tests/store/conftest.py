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
from tests.support.as_new import AS_NEW, KEPT
from tests.support.postgresql import Cluster


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

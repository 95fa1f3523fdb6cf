"""A migrated store in a real file, with two tenants, fresh for every test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import migrate, tenants
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "migrated.db"

    async def make() -> None:
        driver = InlineDriver(path)
        await migrate.upgrade(driver, AT)
        await Store(driver).run(tenants.ensure([ACME, BETA]))
        await driver.close()

    anyio.run(make)
    return path


@pytest.fixture
async def store(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "store.db"
    shutil.copy(migrated_file, path)
    driver = InlineDriver(path)
    yield Store(driver)
    await driver.close()

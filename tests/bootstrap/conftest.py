"""A store in a file with today's schema and no row, made once."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import migrate
from tests.store.build import AT


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"

    async def make() -> None:
        driver = InlineDriver(path)
        await migrate.upgrade(driver, AT)
        await driver.close()

    anyio.run(make)
    return path

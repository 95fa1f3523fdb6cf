from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.domain.errors import SchemaMismatch, StoreError
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement
from syncd.store import migrate
from syncd.store.migrate import Migration

AT = datetime(2026, 11, 22, tzinfo=UTC)
FIRST = Migration(
    version=1,
    name="0001_first",
    text="-- Words; with a semicolon.\nCREATE TABLE a (x);\nCREATE TABLE b (x);\n",
)
SECOND = Migration(version=2, name="0002_second", text="ALTER TABLE a ADD COLUMN y;")
BROKEN = Migration(version=2, name="0002_broken", text="CREATE TABLE c (x);\nCREATE nonsense;")


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[InlineDriver]:
    driver = InlineDriver(tmp_path / "store.db")
    yield driver
    await driver.close()


async def tables(driver: InlineDriver) -> list[object]:
    (rows,) = await driver.read(
        (BoundStatement(name="tables", sql="SELECT name FROM sqlite_master ORDER BY name"),)
    )
    return [row[0] for row in rows]


async def test_upgrade_applies_each_migration_once(driver: InlineDriver) -> None:
    assert await migrate.upgrade(driver, AT, [FIRST]) == (FIRST,)
    assert await migrate.upgrade(driver, AT, [FIRST, SECOND]) == (SECOND,)
    assert await migrate.upgrade(driver, AT, [FIRST, SECOND]) == ()
    assert await tables(driver) == ["a", "b", "migrations"]


async def test_pending_changes_nothing(driver: InlineDriver) -> None:
    assert await migrate.pending(driver, [FIRST, SECOND]) == (FIRST, SECOND)
    assert await tables(driver) == []


async def test_migration_that_fails_leaves_nothing_of_itself(driver: InlineDriver) -> None:
    with pytest.raises(StoreError, match="0002_broken#2"):
        await migrate.upgrade(driver, AT, [FIRST, BROKEN])

    assert await tables(driver) == ["a", "b", "migrations"]
    assert await migrate.pending(driver, [FIRST, SECOND]) == (SECOND,)


async def test_edited_migration_is_refused(driver: InlineDriver) -> None:
    await migrate.upgrade(driver, AT, [FIRST])

    with pytest.raises(SchemaMismatch, match="0001_first was applied with checksum"):
        await migrate.pending(driver, [replace(FIRST, text=FIRST.text + "CREATE TABLE c (x);")])


async def test_store_of_a_newer_program_is_refused(driver: InlineDriver) -> None:
    await migrate.upgrade(driver, AT, [FIRST, SECOND])

    with pytest.raises(SchemaMismatch, match="newer syncd"):
        await migrate.upgrade(driver, AT, [FIRST])


async def test_shipped_migrations_run_and_are_numbered_without_gaps(driver: InlineDriver) -> None:
    applied = await migrate.upgrade(driver, AT)

    assert [migration.version for migration in applied] == list(range(1, len(applied) + 1))
    assert "jobs" in await tables(driver)

"""A file that stays open from one process to the next: what each finds there, and of it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.domain.errors import StoreError
from syncd.lab.virtual.inline_driver import InlineDriver, OpenFile
from syncd.ports.driver import BoundStatement, Row


def of(sql: str, *values: str) -> BoundStatement:
    """A statement of the tests' own."""
    return BoundStatement(name="test", sql=sql, rows=(values,))


async def rows(driver: InlineDriver) -> tuple[Row, ...]:
    """Everything in the one table."""
    (found,) = await driver.read((of("SELECT name, salt FROM kept ORDER BY rowid"),))
    return found


async def write(driver: InlineDriver, name: str) -> None:
    """One more row, with a salt."""
    await driver.write((of("INSERT INTO kept VALUES (?1, hex(fresh_salt()))", name),))


async def begun(file: OpenFile) -> InlineDriver:
    """The first process, with its table."""
    driver = InlineDriver(file)
    await driver.write((of("CREATE TABLE kept (name TEXT, salt TEXT)"),))
    return driver


async def test_open_file_shows_the_next_process_what_the_dead_one_committed(tmp_path: Path) -> None:
    file = OpenFile(tmp_path / "store.db")
    first = await begun(file)
    await write(first, "one")
    first.drop()

    second = InlineDriver(file)
    await write(second, "two")

    found = await rows(second)
    file.close()
    assert [name for name, _ in found] == ["one", "two"]
    # As in a file that each has opened for itself: every process counts its salts from the start.
    assert found[0][1] == found[1][1]


async def test_dead_process_reaches_no_open_file(tmp_path: Path) -> None:
    file = OpenFile(tmp_path / "store.db")
    first = await begun(file)
    first.drop()
    second = InlineDriver(file)

    with pytest.raises(StoreError, match="used after close"):
        await write(first, "late")

    found = await rows(second)
    file.close()
    assert found == ()


async def test_closed_file_opens_what_stands_in_its_place_next(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    file = OpenFile(path)
    first = await begun(file)
    first.drop()
    file.close()
    other = OpenFile(tmp_path / "other.db")
    driver = await begun(other)
    await write(driver, "other")
    other.close()

    (tmp_path / "other.db").replace(path)

    found = await rows(InlineDriver(file))
    file.close()
    assert [name for name, _ in found] == ["other"]

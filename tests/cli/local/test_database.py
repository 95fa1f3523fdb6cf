"""`syncd db upgrade`, `check` and `backup`: on a file at rest, and under a working daemon."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from syncd.cli.local.database import backup, check, upgrade
from syncd.runtime.sqlite_upkeep import UpkeepDriver
from syncd.runtime.store_lock import StoreLock
from syncd.store import journal, migrate, tenants
from syncd.store.journal import Entry, RecordType
from syncd.store.unit_of_work import Store
from tests.cli.commanding import lines
from tests.store.build import ACME, AT

NEWEST = migrate.known()[-1].name


def configured(folder: Path) -> Path:
    config = folder / "syncd.toml"
    config.write_text(lines(listen="127.0.0.1:0", store=folder / "syncd.db"), "utf-8")
    return config


def broken(path: Path) -> None:
    """Overwrite a page in the middle."""
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * 4096)


def private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


def copies(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.glob("copy*"))


def ran_out(error: pytest.ExceptionInfo[SystemExit]) -> int | str | None:
    return error.value.code


async def test_upgrade_says_what_it_applied_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)

    await upgrade(json=True, config=config)
    first = json.loads(capsys.readouterr().out)
    await upgrade(config=config)
    second = capsys.readouterr().out

    assert first["applied"] == [one.name for one in migrate.known()]
    assert "nothing to apply" in second
    assert private(tmp_path / "syncd.db")


async def test_upgrade_leaves_a_daemons_store_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    with StoreLock(tmp_path / "syncd.db"), pytest.raises(SystemExit) as ended:
        await upgrade(config=config)

    assert ran_out(ended) == 1
    assert "in use by process" in capsys.readouterr().err


async def test_check_finds_a_good_store_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    capsys.readouterr()

    with StoreLock(tmp_path / "syncd.db"):
        await check(json=True, config=config)

    found = json.loads(capsys.readouterr().out)
    assert found["sound"] is True
    assert found["pending_migrations"] == []
    assert found["open_intents"] == 0


async def test_check_names_an_altered_migration_and_a_missing_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    with pytest.raises(SystemExit):
        await check(config=config)
    assert "there is no store" in capsys.readouterr().err
    await upgrade(config=config)
    with closing(sqlite3.connect(tmp_path / "syncd.db")) as connection, connection:
        connection.execute("UPDATE migrations SET checksum = 'other' WHERE version = 1")
    connection.close()
    capsys.readouterr()

    with pytest.raises(SystemExit) as ended:
        await check(json=True, config=config)

    found = json.loads(capsys.readouterr().out)
    assert ran_out(ended) == 1
    assert found["sound"] is False
    assert "0001_ground" in found["problems"][0]


async def test_check_follows_the_journals_chain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    driver = UpkeepDriver(tmp_path / "syncd.db")
    store = Store(driver)
    await store.run(tenants.ensure([ACME]))
    entries = [
        Entry(
            tenant=ACME,
            at=AT,
            object_type="Tenant",
            object_key="acme",
            record_type=RecordType.EDIT,
            description=words,
            who="boss",
        )
        for words in ("Mode set to live", "Paused")
    ]
    await store.run(journal.append(entries))
    await driver.close()
    await check(config=config)
    sound = capsys.readouterr().out
    with closing(sqlite3.connect(tmp_path / "syncd.db")) as connection, connection:
        connection.execute("UPDATE journal SET object_key = 'beta' WHERE seq = 1")
    connection.close()

    with pytest.raises(SystemExit) as ended:
        await check(config=config)

    assert "sound" in sound
    assert ran_out(ended) == 1
    assert "journal entry 1" in capsys.readouterr().err


async def test_check_of_another_programs_database_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    connection = sqlite3.connect(tmp_path / "syncd.db")
    connection.execute("CREATE TABLE theirs (a TEXT)")
    connection.close()

    with pytest.raises(SystemExit) as ended:
        await check(config=config)

    assert ran_out(ended) == 1
    assert "no store of syncd" in capsys.readouterr().err


async def test_check_of_an_older_store_names_what_is_to_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    with closing(sqlite3.connect(tmp_path / "syncd.db")) as connection, connection:
        connection.execute("DELETE FROM migrations WHERE name = ?", (NEWEST,))
    connection.close()
    capsys.readouterr()

    await check(config=config)

    assert NEWEST in capsys.readouterr().out


async def test_backup_is_one_private_checked_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    capsys.readouterr()

    with StoreLock(tmp_path / "syncd.db"):
        await backup(tmp_path / "copy.db", json=True, config=config)

    made = json.loads(capsys.readouterr().out)
    assert made["size_bytes"] > 0
    assert made["taken_at"]
    assert private(tmp_path / "copy.db")
    assert copies(tmp_path) == ["copy.db"]


async def test_backup_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    await backup(tmp_path / "copy.db", config=config)
    assert "checked" in capsys.readouterr().out

    with pytest.raises(SystemExit) as ended:
        await backup(tmp_path / "copy.db", config=config)

    assert ran_out(ended) == 1
    assert "not overwritten" in capsys.readouterr().err


async def test_backup_of_a_broken_store_is_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    await upgrade(config=config)
    broken(tmp_path / "syncd.db")

    with pytest.raises(SystemExit) as ended:
        await backup(tmp_path / "copy.db", config=config)

    assert ran_out(ended) == 1
    assert capsys.readouterr().err
    assert copies(tmp_path) == []

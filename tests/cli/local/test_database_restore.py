"""`syncd db restore` replaces the store whole or not at all, and keeps what was there."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.cli.local.database import backup, check, restore, upgrade
from syncd.runtime.store_lock import StoreLock
from tests.cli.local.test_database import broken, configured

Out = pytest.CaptureFixture[str]


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        with connection:
            return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def backed_up(folder: Path) -> Path:
    """A configuration whose store has a backup; the store has gone on since."""
    config = configured(folder)
    await upgrade(config=config)
    asked(
        folder / "syncd.db",
        "INSERT INTO installation (only_row, id, created_at) "
        "VALUES (1, 'installation-1', 1795306500000)",
    )
    await backup(folder / "copy.db", config=config)
    asked(folder / "syncd.db", "INSERT INTO tenants (name) VALUES ('since')")
    return config


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("syncd.db.before-restore-*"))


def owner(of: Path) -> tuple[int, int]:
    found = of.stat()
    return found.st_uid, found.st_gid


def made(folder: Path) -> list[Path]:
    return sorted(folder.glob("syncd.db*"))


def left(folder: Path) -> list[str]:
    return [one.name for one in made(folder)]


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


async def test_backup_is_put_back_and_the_store_kept_beside_it(tmp_path: Path, capsys: Out) -> None:
    config = await backed_up(tmp_path)
    capsys.readouterr()

    await restore(tmp_path / "copy.db", json=True, config=config)

    said = json.loads(capsys.readouterr().out)
    (old,) = kept(tmp_path)
    assert said["kept"] == str(old)
    assert said["age_s"] >= 0
    assert said["tenants"] == [{"tenant": "acme", "invoices": 0, "customers": 0}]
    assert asked(old, "SELECT name FROM tenants") == [("since",)]
    assert asked(tmp_path / "syncd.db", "SELECT name FROM tenants") == [("acme",)]
    assert asked(tmp_path / "syncd.db", "SELECT id FROM installation") == [("installation-1",)]
    assert asked(tmp_path / "syncd.db", "SELECT taken_at FROM backup_stamp") == []
    assert len(asked(tmp_path / "syncd.db", "SELECT look_since FROM restored")) == 1
    ((words,),) = asked(tmp_path / "syncd.db", "SELECT description FROM journal_words")
    assert words.startswith("Restored from a backup taken at")
    await check(config=config)


async def test_what_root_does_to_the_store_leaves_it_to_the_daemon_s_user(tmp_path: Path) -> None:
    """Commands are an administrator's, and the unit's user is another."""
    if os.geteuid() == 0:
        os.chown(tmp_path, 12345, 12346)
    daemon = owner(tmp_path)
    config = await backed_up(tmp_path)

    owners = {each.name: owner(each) for each in made(tmp_path)}
    await restore(tmp_path / "copy.db", config=config)

    assert owners == dict.fromkeys(("syncd.db", "syncd.db.lock"), daemon)
    assert {owner(each) for each in made(tmp_path)} == {daemon}
    assert owner(tmp_path / "copy.db")[0] == os.geteuid()


async def test_restore_says_what_a_person_has_to_know_and_no_secret(
    tmp_path: Path, capsys: Out
) -> None:
    config = await backed_up(tmp_path)
    asked(
        tmp_path / "copy.db",
        "INSERT INTO tenants (id, name, mode, is_paused) VALUES (7, 'beta', 'live', 0)",
    )
    asked(
        tmp_path / "copy.db",
        "INSERT INTO connections (tenant_id, state, organisation_id, sealed_refresh)"
        " VALUES (7, 'Connected', 'o', CAST('canary-of-a-token' AS BLOB))",
    )
    capsys.readouterr()

    await restore(tmp_path / "copy.db", config=config)

    said = capsys.readouterr()
    assert "TOKEN_EXPIRED" in said.out
    assert "out_of_sync" in said.out
    assert "before-restore" in said.out
    assert "canary" not in said.out + said.err


async def test_restore_leaves_a_daemons_store_alone(tmp_path: Path, capsys: Out) -> None:
    config = await backed_up(tmp_path)

    with StoreLock(tmp_path / "syncd.db"), pytest.raises(SystemExit) as ended:
        await restore(tmp_path / "copy.db", config=config)

    assert ended.value.code == 1
    assert "in use by process" in capsys.readouterr().err
    assert kept(tmp_path) == []


def _newer(path: Path) -> None:
    asked(path, "INSERT INTO migrations VALUES (9999, '9999_future', 'x', 0)")


def _strange(path: Path) -> None:
    asked(path, "UPDATE installation SET id = 'somebody-else'")


def _other(path: Path) -> None:
    path.unlink()
    asked(path, "CREATE TABLE theirs (a TEXT)")


def _torn(path: Path) -> None:
    rewritten(path, lambda content: content[: len(content) // 2])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (broken, "not sound"),
        (_torn, "malformed"),
        (_newer, "newer syncd"),
        (_strange, "strangers' documents"),
        (_other, "no backup of syncd"),
        (Path.unlink, "no database"),
    ],
)
async def test_a_bad_backup_changes_nothing(
    tmp_path: Path, capsys: Out, spoil: Callable[[Path], None], why: str
) -> None:
    config = await backed_up(tmp_path)
    spoil(tmp_path / "copy.db")
    before = left(tmp_path)

    with pytest.raises(SystemExit) as ended:
        await restore(tmp_path / "copy.db", config=config)

    assert ended.value.code == 1
    assert why in capsys.readouterr().err
    assert left(tmp_path) == before
    assert asked(tmp_path / "syncd.db", "SELECT name FROM tenants") == [("since",)]


async def test_a_broken_store_is_replaced_and_kept_as_it_lies(tmp_path: Path, capsys: Out) -> None:
    config = await backed_up(tmp_path)
    rewritten(tmp_path / "syncd.db", lambda content: b"\xff" * len(content))

    await restore(tmp_path / "copy.db", config=config)

    (old,) = kept(tmp_path)
    assert old.read_bytes()[:4] == b"\xff\xff\xff\xff"
    assert asked(tmp_path / "syncd.db", "SELECT id FROM installation") == [("installation-1",)]
    assert capsys.readouterr().err == ""


async def test_a_lost_store_is_restored_where_nothing_stands(tmp_path: Path, capsys: Out) -> None:
    config = await backed_up(tmp_path)
    (tmp_path / "syncd.db").unlink()
    capsys.readouterr()

    await restore(tmp_path / "copy.db", json=True, config=config)

    assert json.loads(capsys.readouterr().out)["kept"] is None
    assert asked(tmp_path / "syncd.db", "SELECT name FROM tenants") == [("acme",)]


async def test_a_backup_of_an_older_schema_is_brought_up(tmp_path: Path, capsys: Out) -> None:
    config = await backed_up(tmp_path)
    for table in ("restored", "restore_looks", "backup_stamp"):
        asked(tmp_path / "copy.db", f"DROP TABLE {table}")
    asked(tmp_path / "copy.db", "ALTER TABLE links DROP COLUMN unverified_from")
    asked(tmp_path / "copy.db", "ALTER TABLE results DROP COLUMN is_doubted")
    asked(tmp_path / "copy.db", "DELETE FROM migrations WHERE name LIKE '%_restores'")
    capsys.readouterr()

    await restore(tmp_path / "copy.db", json=True, config=config)

    (applied,) = json.loads(capsys.readouterr().out)["applied"]
    assert applied.endswith("_restores")


async def test_consents_under_way_are_forgotten(tmp_path: Path) -> None:
    """One that was used since would open again."""
    config = await backed_up(tmp_path)
    asked(
        tmp_path / "copy.db",
        "INSERT INTO tenants (id, name, mode, is_paused) VALUES (1, 'acme', 'live', 0)",
    )
    asked(
        tmp_path / "copy.db",
        "INSERT INTO consents (ticket_digest, tenant_id, created_by, expires_at)"
        " VALUES ('d', 1, 'boss', 9999999999999)",
    )

    await restore(tmp_path / "copy.db", config=config)

    assert asked(tmp_path / "syncd.db", "SELECT ticket_digest FROM consents") == []

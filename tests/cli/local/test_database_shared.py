"""`syncd db` with a PostgreSQL database: copied into, checked, marked after a restore."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from syncd.cli.local.database import backup, check, copy, mark_restored, restore, upgrade
from syncd.cli.local.size import size
from syncd.domain.ids import InstallationId
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.runtime import postgresql_store
from syncd.runtime.system_clock import SystemClock
from syncd.store import installation, journal, leases, migrate, restores, tenants
from syncd.store.unit_of_work import Store, Transaction
from tests.cli.commanding import lines
from tests.store.build import ACME, AT
from tests.support.postgresql import PASSWORD, WITH_PASSWORD, Cluster


def configured(folder: Path, url: str) -> Path:
    config = folder / "syncd.toml"
    text = lines(listen="127.0.0.1:0", store=folder / "unused.db")
    config.write_text(text.replace(f"sqlite://{folder / 'unused.db'}", url), "utf-8")
    return config


def store_file(folder: Path) -> Path:
    path = folder / "first.db"

    async def make() -> None:
        driver = InlineDriver(path)
        await migrate.upgrade(driver, AT)
        tx = Transaction()
        tx.add(tenants.ensure([ACME]))
        tx.add(installation.ensure(InstallationId("abcdefgh"), AT))
        await Store(driver).commit(tx)
        await driver.close()

    anyio.run(make)
    return path


async def test_database_is_made_checked_measured_and_copied_out(
    tmp_path: Path, postgresql_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path, postgresql_url)

    await upgrade(json=True, config=config)
    applied = json.loads(capsys.readouterr().out)["applied"]
    await check(config=config)
    await size(config=config)
    said = capsys.readouterr().out
    await copy(postgresql_url, f"sqlite://{tmp_path / 'out.db'}", json=True)
    copied = json.loads(capsys.readouterr().out)

    assert applied == [one.name for one in migrate.known("postgresql")]
    assert "sound" in said
    assert "0 journal" in said
    assert copied["target"] == str(tmp_path / "out.db")
    assert copied["rows"]["journal_head"] == 1


async def test_copy_takes_the_password_from_a_file_and_never_says_it(
    tmp_path: Path, postgresql: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    source = await anyio.to_thread.run_sync(store_file, tmp_path)
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    with postgresql.database() as name:
        postgresql.sql(f"ALTER DATABASE {name} OWNER TO {WITH_PASSWORD}")
        url = postgresql.url(name, user=WITH_PASSWORD)

        with pytest.raises(SystemExit):
            await copy(f"sqlite://{source}", url)
        refused = capsys.readouterr().err
        await copy(f"sqlite://{source}", url, password_file=secret)
        said = capsys.readouterr()

    assert "check store.url and the password" in refused
    assert "equal to those of" in said.out
    assert PASSWORD not in refused + said.out + said.err


async def test_copy_says_what_an_address_should_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await copy("mysql://x", f"sqlite://{tmp_path / 'a.db'}")

    assert ended.value.code == 78
    assert "FROM, TO: expected a file such as sqlite:///" in capsys.readouterr().err


async def test_copy_takes_no_password_in_an_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        await copy(
            f"sqlite://{tmp_path / 'a.db'}", f"postgresql://syncd:{PASSWORD}@db/x".replace(" ", "_")
        )

    said = capsys.readouterr().err
    assert "must not contain a password; that is --password-file" in said
    assert PASSWORD.replace(" ", "_") not in said


async def test_backup_and_restore_say_what_the_server_has_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path, "postgresql://syncd@db.example.com/syncd")

    for order in (backup, restore):
        with pytest.raises(SystemExit) as ended:
            await order(tmp_path / "copy", config=config)
        assert ended.value.code == 1
    said = capsys.readouterr().err

    assert "pg_dump --format custom" in said
    assert "pg_restore --clean" in said
    assert said.count("mark-restored --taken-at") == 2


async def test_database_that_was_put_back_is_marked_and_says_so_in_its_journal(
    tmp_path: Path, postgresql_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = await anyio.to_thread.run_sync(store_file, tmp_path)
    await copy(f"sqlite://{source}", postgresql_url)
    config = configured(tmp_path, postgresql_url)
    capsys.readouterr()

    await mark_restored(taken_at="2026-11-30T21:00:00+00:00", json=True, config=config)

    found = json.loads(capsys.readouterr().out)
    driver = await postgresql_store.open_driver(postgresql_url, readers=1)
    store = Store(driver)
    (look,) = await store.fetch(restores.outstanding(ACME))
    (told,) = await store.fetch(journal.since(0, limit=10))
    (lease,) = await store.fetch(leases.look())
    await driver.close()
    # Nothing in the store is as new as that: what it cannot have is taken for older.
    assert found["taken_at"] == AT.isoformat(timespec="seconds")
    assert look.since < AT
    assert told.entry.description.startswith(f"Restored from a backup taken at {AT.isoformat()}")
    assert lease.fence >= 1_000_000


@pytest.mark.parametrize("said", ["yesterday", "2026-11-30T21:00:00", "later"])
async def test_instant_of_a_backup_is_one_that_has_been(
    said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path, "postgresql://syncd@db.example.com/syncd")
    later = (SystemClock().now() + timedelta(hours=1)).isoformat()

    with pytest.raises(SystemExit) as ended:
        await mark_restored(taken_at=later if said == "later" else said, config=config)

    assert ended.value.code == 2
    assert "--taken-at: expected an instant" in capsys.readouterr().err


async def test_file_that_was_put_back_by_other_means_is_marked_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = await anyio.to_thread.run_sync(store_file, tmp_path)
    shutil.copy(source, tmp_path / "back.db")
    config = configured(tmp_path, f"sqlite://{tmp_path / 'back.db'}")

    await mark_restored(config=config)

    assert "marked as restored from a backup taken at 2026-11-22T12:00:00" in (
        capsys.readouterr().out
    )

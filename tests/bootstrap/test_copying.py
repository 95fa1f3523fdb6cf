"""A store is copied to the other engine and back, and a copy that did not end is never used."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from syncd.bootstrap import copying, opening, upkeep
from syncd.bootstrap.copying import CopyProgress
from syncd.config.options import StoreSection
from syncd.domain.errors import SchemaMismatch, StoreError, StoreLocked
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.runtime import postgresql_store
from syncd.runtime.sqlite_upkeep import UpkeepDriver
from syncd.runtime.store_lock import StoreLock
from syncd.store import backups, copies, journal, leases, migrate, tenants
from syncd.store.journal import Entry, RecordType
from syncd.store.unit_of_work import Store, Transaction
from tests.engine.support.old_stores import kept
from tests.store.build import ACME, AT
from tests.support.migrated import migrated
from tests.support.postgresql import Cluster

Rows = dict[str, tuple[int, str]]
OF_NO_STORE = {"migrations", "leases", "replicas"}


def file(path: Path) -> StoreSection:
    return StoreSection(url=f"sqlite://{path}")


def database(url: str) -> StoreSection:
    return StoreSection(url=url)


def lived_in(path: Path) -> StoreSection:
    """A store at the end of a bad day: open intents, holds, a brake, a restore under way."""
    text = json.loads(gzip.decompress(kept()[-1].read_bytes()))["store"]
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(text)
        for asked in (
            "SELECT count(*) FROM intents WHERE state = 'open'",
            "SELECT count(*) FROM jobs WHERE state = 'held'",
            "SELECT count(*) FROM brake_documents",
        ):
            assert connection.execute(asked).fetchone()[0] > 0, asked

    async def upgrade() -> None:
        driver = InlineDriver(path)
        await migrate.upgrade(driver, AT)
        await driver.close()

    anyio.run(upgrade)
    return file(path)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of a file as SQLite itself shows it, and where its numbers go on."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            str(name)
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in OF_NO_STORE
        ]
        return {
            name: sorted(
                connection.execute(f'SELECT * FROM "{name}"').fetchall(),  # noqa: S608  (its own)
                key=repr,
            )
            for name in names
        }


async def copied(
    source: StoreSection, target: StoreSection, told: list[CopyProgress] | None = None
) -> copying.Copied:
    return await copying.copy(source, target, AT, [].append if told is None else told.append)


async def test_copy_there_and_back_is_the_same_store(tmp_path: Path, postgresql_url: str) -> None:
    first = tmp_path / "first.db"
    await anyio.to_thread.run_sync(lived_in, first)
    told: list[CopyProgress] = []

    there = await copied(file(first), database(postgresql_url), told)
    back = await copied(database(postgresql_url), file(tmp_path / "second.db"))

    assert rows(tmp_path / "second.db") == rows(first)
    assert there.rows == back.rows
    assert there.journal_entries == back.journal_entries > 0
    assert {one.table for one in told} == {name for name, count in there.rows if count}
    assert all(one.rows <= one.of for one in told)
    assert (await upkeep.check(database(postgresql_url))).problems == ()


async def test_copy_goes_on_numbering_where_the_source_was(
    tmp_path: Path, postgresql_url: str
) -> None:
    """No number is given twice, also where the row that had it is gone."""
    first = tmp_path / "first.db"
    migrated(first)
    with closing(sqlite3.connect(first)) as connection, connection:
        connection.execute("INSERT INTO tenants (id, name) VALUES (7, 'acme')")
        connection.execute("INSERT INTO releases (seq, tenant_id, topic) VALUES (40, 7, 'x')")
        connection.execute("DELETE FROM releases")

    await copied(file(first), database(postgresql_url))
    driver = await postgresql_store.open_driver(postgresql_url, readers=1)
    store = Store(driver)
    await store.run(tenants.ensure(["later"]))
    numbers = {one.table: one.number for one in await store.fetch(copies.numbers())}
    await driver.close()
    await copied(database(postgresql_url), file(tmp_path / "second.db"))

    assert numbers["releases"] == 40
    assert numbers["tenants"] >= 8
    assert numbers["calls"] == 0
    assert rows(tmp_path / "second.db")["sqlite_sequence"] == [("releases", 40)]


ODD = ("", " ", "a\n\tb", "Ōtautahi", "\x7f\x85\u2028", "'\\\"%s$1?1", "\ufffe\U0010ffff")


async def test_copy_keeps_odd_texts(tmp_path: Path, postgresql_url: str) -> None:
    source = await _told(tmp_path / "first.db", ODD)

    await copied(source, database(postgresql_url))

    async with opening.looking(database(postgresql_url)) as driver:
        found = await Store(driver).fetch(journal.since(0, limit=100))
    assert [one.entry.description for one in found] == list(ODD)


async def _told(path: Path, words: Iterable[str]) -> StoreSection:
    """A store whose journal says this."""
    migrated(path)
    driver = InlineDriver(path)
    store = Store(driver)
    await store.run(tenants.ensure([ACME]))
    entries = [
        Entry(
            tenant=ACME,
            at=AT,
            object_type="Tenant",
            object_key="acme",
            record_type=RecordType.EDIT,
            description=each,
            who="Ada",
        )
        for each in words
    ]
    await store.run(journal.append(entries))
    await driver.close()
    return file(path)


async def test_copy_that_was_cut_is_refused_until_it_is_made_anew(
    tmp_path: Path, postgresql_url: str
) -> None:
    source = await _told(tmp_path / "first.db", ["one", "two"])
    target = database(postgresql_url)

    class Cut(Exception):
        """Somebody pulls the plug."""

    def cut(progress: CopyProgress) -> None:
        if progress.table == "journal":
            raise Cut

    with pytest.raises(Cut):
        await copying.copy(source, target, AT, cut)
    with pytest.raises(SchemaMismatch, match=r"unfinished copy of .*first\.db"):
        await upkeep.upgrade(target, AT)
    found = await upkeep.check(target)
    done = await copied(source, target)

    assert "make the copy anew" in found.problems[0]
    assert dict(done.rows)["journal"] == 2
    assert (await upkeep.check(target)).problems == ()


async def test_copy_that_does_not_agree_stays_unfinished(
    tmp_path: Path, postgresql: Cluster
) -> None:
    """Another program writes into the target between reading and comparing."""
    source = await _told(tmp_path / "first.db", ["one"])
    with postgresql.database() as name:
        target = database(postgresql.url(name))

        def spoil(progress: CopyProgress) -> None:
            if progress.is_compared:
                postgresql.sql("DELETE FROM syncd.journal_words", database=name)

        with pytest.raises(StoreError, match="copy of journal_words is not what was read"):
            await copying.copy(source, target, AT, spoil)
        with pytest.raises(SchemaMismatch, match="unfinished"):
            await upkeep.upgrade(target, AT)


async def test_copy_refuses_a_target_that_is_not_empty(tmp_path: Path, postgresql_url: str) -> None:
    source = await _told(tmp_path / "first.db", ["one"])
    await copied(source, database(postgresql_url))
    await _told(tmp_path / "second.db", [])

    with pytest.raises(StoreError, match="target is not empty"):
        await copied(source, database(postgresql_url))
    with pytest.raises(StoreError, match="target is not empty"):
        await copied(database(postgresql_url), file(tmp_path / "second.db"))


async def test_copy_changes_nothing_of_a_store_that_it_refuses(
    tmp_path: Path, postgresql_url: str
) -> None:
    """The daemon whose store it is may be an older one, which opens no newer store."""
    source = await _told(tmp_path / "first.db", ["one"])
    await copied(source, database(postgresql_url))
    older = InlineDriver(tmp_path / "older.db")
    await migrate.upgrade(older, AT, until=migrate.known()[-2].version)
    await Store(older).run(tenants.ensure([ACME]))
    lacking = await migrate.pending(older)

    with pytest.raises(StoreError, match="target is not empty"):
        await copied(database(postgresql_url), file(tmp_path / "older.db"))

    assert len(lacking) == 1
    assert await migrate.pending(older) == lacking
    await older.close()


async def test_copy_refuses_a_file_that_a_daemon_has(tmp_path: Path, postgresql_url: str) -> None:
    source = await _told(tmp_path / "first.db", ["one"])

    with StoreLock(tmp_path / "first.db"), pytest.raises(StoreLocked, match="in use by process"):
        await copied(source, database(postgresql_url))


async def test_copy_refuses_a_database_with_a_session_of_a_daemon(
    tmp_path: Path, postgresql_url: str
) -> None:
    source = await _told(tmp_path / "first.db", ["one"])
    daemon = await postgresql_store.open_driver(postgresql_url, readers=1)

    with pytest.raises(StoreLocked, match="in use by syncd, from the machine of the server"):
        await copied(source, database(postgresql_url))
    await daemon.close()
    async with opening.looking(database(postgresql_url)):
        await copied(source, database(postgresql_url))


async def test_lease_that_moves_is_a_replicas_and_one_that_rests_is_a_dead_ones(
    postgresql_url: str,
) -> None:
    """A role may not see the sessions of another one; the lease tells of them."""
    target = database(postgresql_url)
    await upkeep.upgrade(target, AT)
    hidden = await postgresql_store.open_driver(postgresql_url, readers=1, application="hidden")
    store = Store(hidden)
    (free,) = await store.fetch(leases.look())
    await store.run(leases.take("alpha", free, lease_s=0.3))

    async def renew() -> None:
        while True:
            await store.run(leases.renew(free.fence + 1))
            await anyio.sleep(0.02)

    async with anyio.create_task_group() as group:
        group.start_soon(renew)
        with pytest.raises(StoreLocked, match="in use by the replica alpha"):
            async with opening.alone(target):
                pass
        group.cancel_scope.cancel()
    async with opening.alone(target) as driver:
        assert driver.dialect == "postgresql"
    await hidden.close()


async def test_copy_refuses_an_older_store_a_newer_one_and_a_backup(
    tmp_path: Path, postgresql_url: str
) -> None:
    target = database(postgresql_url)
    older, newer, copy = (tmp_path / name for name in ("older.db", "newer.db", "copy.db"))
    for path in (older, newer, copy):
        await _told(path, [])
    driver = UpkeepDriver(copy)
    tx = Transaction()
    tx.add_all(backups.stamp(AT))
    await Store(driver).commit(tx)
    await driver.close()
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute("DELETE FROM migrations WHERE version = 31")
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES (9000, '9000_later', 'x', 0)")

    with pytest.raises(StoreError, match="lacks 0031_replicas: run syncd db upgrade"):
        await copied(file(older), target)
    with pytest.raises(SchemaMismatch, match="written by a newer syncd"):
        await copied(file(newer), target)
    with pytest.raises(StoreError, match="is a backup"):
        await copied(file(copy), target)
    assert await _is_untouched(postgresql_url)


async def _is_untouched(url: str) -> bool:
    driver = await postgresql_store.open_driver(url, readers=1)
    try:
        return not await migrate.has_begun(driver)
    finally:
        await driver.close()


async def test_copy_keeps_a_nul_as_the_database_does(tmp_path: Path, postgresql_url: str) -> None:
    source = await _told(tmp_path / "first.db", [])
    with closing(sqlite3.connect(tmp_path / "first.db")) as connection, connection:
        connection.execute("INSERT INTO tenants (name) VALUES ('a' || char(0))")

    await copied(source, database(postgresql_url))
    await copied(database(postgresql_url), file(tmp_path / "second.db"))

    assert "a\ufffd" in {name for _, name, *_ in rows(tmp_path / "second.db")["tenants"]}


async def test_copy_is_between_a_file_and_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected a file and a database"):
        await copied(file(tmp_path / "a.db"), file(tmp_path / "b.db"))

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Driver, Row
from syncd.store import journal, migrate, tenants
from syncd.store.journal import Entry, RecordType, TextState
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, sqlite_alone


def raw(path: Path, statement: str, *values: str | int) -> list[Any]:
    """What somebody with the file in hand sees or does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


async def rows_of(driver: Driver, statement: str) -> tuple[Row, ...]:
    (found,) = await driver.read((BoundStatement(name="seen", sql=statement),))
    return found


def by_the_book(*values: object) -> bytes:
    """docs/decisions/0008-journal-hash-chain.md, once more."""
    return sha256(msgspec.msgpack.encode(values)).digest()


def entry(text: str, *, key: str = "i1") -> Entry:
    return Entry(
        tenant=ACME,
        at=AT,
        object_type="Invoice",
        object_key=key,
        record_type=RecordType.EDIT,
        description=text,
        who="Ada",
        detail=b"{}",
    )


async def test_story_of_an_object_is_paged_newest_first(store: Store) -> None:
    texts = ("one", "two", "three")
    await store.run(journal.append([entry(text) for text in texts] + [entry("x", key="i2")]))

    first = await store.fetch(journal.of_object(ACME, "Invoice", "i1", limit=2))
    rest = await store.fetch(
        journal.of_object(ACME, "Invoice", "i1", before=first[-1].seq, limit=2)
    )

    assert [written.entry.description for written in (*first, *rest)] == ["three", "two", "one"]
    assert rest[0].entry == entry("one")


async def test_trail_is_read_from_where_the_reader_was(store: Store) -> None:
    await store.run(journal.append([entry("one"), entry("two")]))

    (first,) = await store.fetch(journal.since(0, limit=1))
    rest = await store.fetch(journal.since(first.seq, limit=10))

    assert [written.entry.description for written in (first, *rest)] == ["one", "two"]


async def test_entries_carry_the_digest_of_the_one_before(driver: Driver, store: Store) -> None:
    """Computed here once more, from the book."""
    tx = Transaction()
    tx.add(journal.append([entry("one"), entry("two")]))
    tx.add(journal.append([]))
    tx.add(journal.append([entry("three", key="é")]))
    await store.commit(tx)
    await store.run(journal.append([entry("four")]))

    rows = await rows_of(
        driver,
        "SELECT seq, at, object_type, object_key, record_type, words_digest, digest, salt,"
        " description, who, detail FROM journal JOIN journal_words USING (seq) ORDER BY seq",
    )

    before = b""
    for seq, at, object_type, key, kind, words_digest, digest, *words in rows:
        assert words_digest == by_the_book(*words)
        row = (before, seq, ACME, at, object_type, key, kind, words_digest)
        assert digest == by_the_book(*row)
        before = digest
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert await rows_of(driver, "SELECT entries, digest FROM journal_head") == ((4, before),)


async def test_same_words_have_digests_of_their_own(driver: Driver, store: Store) -> None:
    """The salt: who knows a name cannot find it among digests once it was erased."""
    await store.run(journal.append([entry("one"), entry("one")]))

    (first,), (second,) = await rows_of(driver, "SELECT words_digest FROM journal")

    assert first != second


@sqlite_alone("a server's files are its own; what is erased there goes with its vacuum")
async def test_erased_words_are_shown_as_such_and_leave_the_file(
    store: Store, tmp_path: Path
) -> None:
    await store.run(journal.append([entry("Quokka"), entry("stays")]))

    seqs = await store.fetch(journal.to_erase(ACME, about=None, person="Quokka"))
    await store.run(journal.erase(seqs))
    first, second = await store.fetch(journal.since(0, limit=9))

    assert (first.entry.description, first.entry.who) == ("(erased)", "(erased)")
    assert (first.entry.object_key, second.entry.description) == ("i1", "stays")
    raw(tmp_path / "store.db", "PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Quokka" not in (tmp_path / "store.db").read_bytes()


async def test_erasing_finds_an_object_and_a_person(store: Store) -> None:
    await store.run(
        journal.append(
            [
                entry("one"),
                entry("two", key="i2"),
                replace(entry("by Grace Field"), who="syncd"),
                replace(entry("three"), detail=b'{"by": "Grace Field"}'),
                replace(entry("four"), who="Grace Field"),
                replace(entry("five"), object_type=journal.OBJECT_TYPE, who="Grace Field"),
            ]
        )
    )

    about = await store.fetch(journal.to_erase(ACME, about=("Invoice", "i2"), person=None))
    by = await store.fetch(journal.to_erase(ACME, about=None, person="Grace Field"))

    assert (about, by) == ((2,), (3, 4, 5))


async def test_journal_from_before_the_chain_is_chained_at_the_upgrade(tmp_path: Path) -> None:
    driver = InlineDriver(tmp_path / "old.db")
    store = Store(driver)
    known = migrate.known()
    place = next(n for n, one in enumerate(known) if one.name.endswith("chained_journal"))
    await migrate.upgrade(driver, AT, known[:place])
    await store.run(tenants.ensure([ACME, BETA]))
    for seq, name in ((3, ACME), (4, BETA), (9, ACME)):
        raw(
            tmp_path / "old.db",
            "INSERT INTO journal (seq, tenant_id, at, object_type, object_key, record_type,"
            " description, who) SELECT ?, id, 5, 'Invoice', 'i1', 'Edit', 'before ' || ?, 'Ada'"
            " FROM tenants WHERE name = ?",
            seq,
            seq,
            name,
        )

    await migrate.upgrade(driver, AT, known)
    await store.run(journal.append([entry("after")]))
    told = await store.fetch(journal.since(0, limit=9))
    checked = await store.fetch(journal.verification_rows(0, limit=9))

    assert [one.entry.description for one in told] == ["before 3", "before 4", "before 9", "after"]
    assert [one.entry.tenant for one in told] == [ACME, BETA, ACME, ACME]
    assert [(one.seq, one.fits, one.text) for one in checked] == [
        (seq, True, TextState.FIT) for seq in (1, 2, 3, 4)
    ]
    await driver.close()

"""Whoever touches the journal is found, wherever the touch is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.errors import StoreError
from syncd.domain.ids import TenantId
from syncd.engine.core import journal_audit
from syncd.engine.core.journal_audit import AuditService, ChainCheck
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import journal, migrate, tenants
from syncd.store.journal import Entry, Head, RecordType, Wanted, WrittenEntry
from syncd.store.unit_of_work import Store
from tests.engine.support.operating import desk
from tests.engine.support.rounds import Rounds, play
from tests.searching import examples
from tests.store.build import ACME, AT, BETA

TENANT = TenantId("acme")


def entry(text: str, who: str = "Ada") -> Entry:
    return Entry(
        tenant=TENANT,
        at=AT,
        object_type="Invoice",
        object_key="i1",
        record_type=RecordType.EDIT,
        description=text,
        who=who,
        detail=b'{"reason":"none"}',
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of forty entries, at rest."""
    path = tmp_path_factory.mktemp("audit") / "store.db"

    async def make() -> None:
        driver = InlineDriver(path)
        store = Store(driver)
        await migrate.upgrade(driver, AT)
        await store.run(tenants.ensure([TENANT]))
        await store.run(journal.append([entry(f"entry {n}") for n in range(1, 41)]))
        await driver.close()

    anyio.run(make)
    return path


@pytest.fixture
async def store(written: Path, tmp_path: Path) -> AsyncIterator[Store]:
    shutil.copy(written, tmp_path / "store.db")
    driver = InlineDriver(tmp_path / "store.db")
    yield Store(driver)
    await driver.close()


async def touch(path: Path, *statements: str) -> ChainCheck:
    """Somebody writes into the file with the rules off; then it is verified."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)
    driver = InlineDriver(path)
    checked = await journal_audit.verify(Store(driver))
    await driver.close()
    return checked


async def test_untouched_journal_fits_and_names_its_head(store: Store) -> None:
    checked = await journal_audit.verify(store)

    assert (checked.entries, checked.is_complete, checked.fault) == (40, True, None)
    assert checked.head.entries == 40


async def test_verifying_goes_on_where_it_stopped(store: Store) -> None:
    first = await journal_audit.verify(store, most=1, page=16)
    rest = await journal_audit.verify(store, after=first.entries, page=8)

    assert (first.entries, first.is_complete) == (16, False)
    assert (rest.entries, rest.is_complete, rest.fault) == (40, True, None)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE journal SET at = at + 1 WHERE seq = 7", 7),
        ("UPDATE journal SET object_key = 'i2' WHERE seq = 7", 7),
        ("UPDATE journal SET record_type = 'Delete' WHERE seq = 7", 7),
        ("UPDATE journal SET words_digest = X'00' WHERE seq = 7", 7),
        ("UPDATE journal SET digest = X'00' WHERE seq = 7", 7),
        ("UPDATE tenants SET name = 'other'", 1),
        ("UPDATE journal_words SET description = 'nothing happened' WHERE seq = 7", 7),
        ("UPDATE journal_words SET who = 'Bob' WHERE seq = 7", 7),
        ("UPDATE journal_words SET detail = X'7B7D' WHERE seq = 7", 7),
        ("UPDATE journal_words SET salt = X'00' WHERE seq = 7", 7),
        ("UPDATE journal_words SET detail = NULL WHERE seq = 7", 7),
        (
            (
                "UPDATE journal_words SET salt = NULL, description = NULL, who = NULL,"
                " detail = NULL WHERE seq = 7"
            ),
            7,
        ),
        ("DELETE FROM journal_words WHERE seq = 7", 7),
        ("DELETE FROM journal WHERE seq = 7", 7),
        ("DELETE FROM journal WHERE seq = 1", 1),
        ("DELETE FROM journal WHERE seq > 30", 31),
        ("DELETE FROM journal", 1),
        ("UPDATE journal_head SET entries = 39", 40),
        ("UPDATE journal_head SET digest = X'00'", 41),
    ],
)
async def test_touched_entry_is_named(
    written: Path, tmp_path: Path, statement: str, seq: int
) -> None:
    path = tmp_path / "touched.db"
    shutil.copy(written, path)

    checked = await touch(path, statement)

    assert checked.fault is not None, statement
    assert checked.fault.seq == seq, checked.fault


async def test_tail_cut_off_with_its_words_is_missed_at_the_head(
    written: Path, tmp_path: Path
) -> None:
    path = tmp_path / "touched.db"
    shutil.copy(written, path)

    checked = await touch(
        path, "DELETE FROM journal WHERE seq > 30", "DELETE FROM journal_words WHERE seq > 30"
    )

    assert checked.fault is not None
    assert "was left 40 entries long" in checked.fault.text


async def test_swapped_entries_are_found(written: Path, tmp_path: Path) -> None:
    path = tmp_path / "touched.db"
    shutil.copy(written, path)

    checked = await touch(
        path,
        *[
            f"UPDATE {table} SET seq = {to} WHERE seq = {start}"  # noqa: S608  (our own words)
            for table in ("journal", "journal_words")
            for start, to in ((5, 99), (6, 5), (99, 6))
        ],
    )

    assert checked.fault is not None
    assert checked.fault.seq == 5


async def test_head_noted_elsewhere_proves_a_journal_written_anew(store: Store) -> None:
    noted = (await journal_audit.verify(store)).head
    await store.run(journal.append([entry("later")]))

    same = await journal_audit.verify(store, noted=noted)
    other = await journal_audit.verify(store, noted=Head(entries=40, digest=b"other"))
    longer = await journal_audit.verify(store, noted=Head(entries=99, digest=noted.digest))

    assert same.fault is None
    assert other.fault is not None
    assert longer.fault is not None
    assert (other.fault.seq, longer.fault.seq) == (40, 99)


async def everything(path: Path) -> tuple[tuple[WrittenEntry, ...], ChainCheck]:
    driver = InlineDriver(path)
    try:
        store = Store(driver)
        return await store.fetch(journal.since(0, limit=99)), await journal_audit.verify(store)
    finally:
        await driver.close()


@examples(60)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_byte_flipped_in_the_file_is_found_or_changes_nothing(
    written: Path, tmp_path_factory: pytest.TempPathFactory, where: float, bit: int
) -> None:
    """Anywhere in the pages the journal lives in, index and free space included."""
    with closing(sqlite3.connect(written)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        roots = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name LIKE 'journal%' AND rootpage > 0"
        ).fetchall()
    honest, _ = anyio.run(everything, written)
    offset = int(where * size * len(roots))
    content = bytearray(written.read_bytes())
    content[(roots[offset // size][0] - 1) * size + offset % size] ^= 1 << bit
    path = tmp_path_factory.mktemp("flipped") / "store.db"
    path.write_bytes(content)

    try:
        told, checked = anyio.run(everything, path)
    except (StoreError, AssertionError, ValueError, OverflowError):
        return  # SQLite itself, or the reading of a row, found it

    assert told == honest or checked.fault is not None


def test_erased_words_leave_a_chain_that_fits_and_an_entry_that_says_so() -> None:
    async def story(world: Rounds) -> None:
        context, tenant = world.context, world.tenant
        about = replace(entry("Linked: Harbour Build"), tenant=tenant, object_type="Customer")
        await context.store.run(journal.append([about, about, replace(entry("x"), tenant=tenant)]))

        count = await journal_audit.erase(context, tenant, "Grace", about=("Customer", "i1"))
        again = await journal_audit.erase(context, tenant, "Grace", about=("Customer", "i1"))

        *_, last = await context.store.fetch(journal.since(0, limit=99))
        shown = await context.store.fetch(journal.of_object(tenant, "Customer", "i1"))
        checked = await journal_audit.verify(context.store)
        assert (count, again) == (2, 0)
        assert {one.entry.description for one in shown} == {"(erased)"}
        assert last.entry.description == "Words of 2 entries erased: Customer i1"
        assert (last.entry.who, last.entry.object_type) == ("Grace", "Journal")
        assert checked.fault is None

    play(story)


def test_person_erased_is_not_named_by_the_entry_that_says_so() -> None:
    async def story(world: Rounds) -> None:
        context, tenant = world.context, world.tenant
        said = replace(entry("Retry", "Grace Field"), tenant=tenant)
        await context.store.run(journal.append([said]))

        await journal_audit.erase(context, tenant, "Ada", person="Grace Field")

        assert "Grace Field" not in repr(await context.store.fetch(journal.since(0, limit=99)))

    play(story)


async def test_a_tenant_s_entries_are_read_from_the_newest_down_each_once() -> None:
    async with desk() as at:
        for number in range(7):
            await at.store.run(
                journal.append([entry(f"n{number}"), replace(entry("b"), tenant=BETA)])
            )

        seen, below = [], None
        while below is None or below > 1:
            page = await at.operations.audit.newest(ACME, Wanted(), before=below, limit=4)
            seen += [entry.description for _, entry in page.items]
            below = page.last

        assert seen == [f"n{number}" for number in range(6, -1, -1)]
        assert (await at.operations.audit.head()).entries == 14


async def test_an_empty_journal_has_no_newest_entry() -> None:
    async with desk() as at:
        page = await at.operations.audit.newest(ACME, Wanted(), before=None, limit=4)

        assert (page.items, page.last) == ((), 1)


def test_newest_first_covers_what_is_wanted_once_and_ends() -> None:
    async def story(world: Rounds) -> None:
        context, tenant = world.context, world.tenant
        before = (await AuditService(context).head()).entries
        some = [
            replace(
                entry(f"e{number}"),
                tenant=tenant,
                object_type="Customer" if number % 2 else "Invoice",
                object_key=f"k{number % 3}",
                who="Ada" if number % 4 else "Grace",
            )
            for number in range(12)
        ]
        await context.store.run(journal.append(some))

        audit = AuditService(context)
        for wanted, expected in (
            (Wanted(object_type="Customer"), [11, 9, 7, 5, 3, 1]),
            (Wanted(object_key="k0", object_type="Invoice"), [6, 0]),
            (Wanted(who="Grace"), [8, 4, 0]),
        ):
            seen, place = [], None
            while place is None or place > 1:
                page = await audit.newest(tenant, wanted, before=place, limit=2)
                seen += [seq - before - 1 for seq, _ in page.items]
                place = page.last
            assert seen == expected

    play(story)

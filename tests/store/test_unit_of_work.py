from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from syncd.domain.errors import (
    Conflict,
    StoreBroken,
    StoreDiskFails,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreReplaced,
    StoreUnreachable,
)
from syncd.domain.facts import Fact, StoreStanding
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Dialect, Row
from syncd.store.sql import Query
from syncd.store.unit_of_work import Store, Transaction, ask, tell

TOUCH = tell(Query(name="touch", text="UPDATE notes SET text = text"))
MAKE = Query(name="make", text="CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
ADD = Query(name="add", text="INSERT INTO notes VALUES (?1, ?2) RETURNING text")
ALL = Query(name="all", text="SELECT text FROM notes ORDER BY id")


def text(row: Row) -> str:
    return str(row[0])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    driver = InlineDriver(tmp_path / "store.db")
    store = Store(driver)
    await store.run(tell(MAKE))
    yield store
    await driver.close()


async def test_commit_fills_each_answer_with_its_own_rows(store: Store) -> None:
    tx = Transaction()
    added = tx.add(ask(ADD, 1, "a", decode=text))
    tx.add_all([tell(ADD, [(2, "b"), (3, "c")]), tell(ADD, [])])
    listed = tx.add(ask(ALL, decode=text))

    await store.commit(tx)

    assert added.one == added.first == "a"
    assert listed.rows == ("a", "b", "c")


async def test_answer_cannot_be_read_before_its_transaction_has_run() -> None:
    answer = Transaction().add(ask(ALL, decode=text))

    with pytest.raises(AssertionError, match="after its transaction"):
        _ = answer.rows


async def test_answer_stays_unread_when_the_commit_fails(store: Store) -> None:
    tx = Transaction()
    added = tx.add(ask(ADD, 1, "a", decode=text))
    tx.add(tell(Query(name="bad", text="SELECT nonsense")))

    with pytest.raises(StoreError):
        await store.commit(tx)

    with pytest.raises(AssertionError):
        _ = added.rows
    assert await store.fetch(ask(ALL, decode=text)) == ()


async def test_transaction_runs_once(store: Store) -> None:
    tx = Transaction()
    await store.commit(tx)

    with pytest.raises(AssertionError, match="once"):
        await store.commit(tx)


async def test_one_refuses_any_other_number_of_rows(store: Store) -> None:
    tx = Transaction()
    nobody = tx.add(ask(ALL, decode=text))
    await store.read(tx)

    with pytest.raises(AssertionError, match="got 0"):
        _ = nobody.one
    assert nobody.first is None


@dataclass
class Disk:
    """A driver that fails as it is told, and remembers what it was asked to write."""

    error: StoreError | None = None
    has_reserve: bool = True
    log_bytes: int = 0
    dialect: Dialect = "sqlite"
    written: list[str] = field(default_factory=list)

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        if self.error is not None:
            raise self.error
        self.written += [each.name for each in statements] or ["nothing"]
        return tuple(() for _ in statements)

    async def read(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        return await self.write(statements)

    async def close(self) -> None: ...


GOOD = StoreStanding(is_usable=True, has_reserve=True)
FULL = StoreStanding(
    is_usable=False,
    has_reserve=True,
    error="full",
    says="The disk is full. Make room; nothing is lost.",
)


async def test_store_tells_when_it_fails_and_when_it_takes_writes_again() -> None:
    told: list[Fact] = []
    disk = Disk()
    store = Store(disk, told.append)
    await store.run(tell(ADD))
    assert told == []

    for text in ("full", "still full"):
        disk.error = StoreFull(text)
        with pytest.raises(StoreFull):
            await store.run(tell(ADD))
    disk.error = None
    await store.run(tell(ADD))

    assert told == [FULL, GOOD]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (StoreFull("13"), "Make room"),
        (StoreDiskFails("10"), "what the machine's log says of that disk"),
        (StoreReadOnly("8"), "whether syncd's user may write there"),
        (StoreBroken("11"), "syncd db check"),
        (StoreReplaced("gone"), "restore a backup"),
        (StoreUnreachable("08006"), "The database server does not answer"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
async def test_each_cause_is_told_with_its_own_remedy(error: StoreError, says: str) -> None:
    store = Store(Disk(error=error))
    with pytest.raises(type(error)):
        await store.run(tell(ADD))

    assert says in store.standing.says
    assert ("Make room" in store.standing.says) is isinstance(error, StoreFull)


async def test_another_cause_of_the_same_failing_store_is_told() -> None:
    told: list[StoreStanding] = []
    disk = Disk()
    store = Store(disk, told.append)
    for disk.error in (StoreFull("13"), StoreDiskFails("10"), StoreDiskFails("10, elsewhere")):
        with pytest.raises(StoreError):
            await store.run(tell(ADD))

    assert [one.error for one in told] == ["13", "10"]


async def test_full_disk_of_a_server_is_full_until_what_it_refused_is_taken_or_tried() -> None:
    """A small write finds room in a page that is there: it says nothing of the next one."""
    for shows_room in (
        lambda store: store.run(tell(ADD)),
        lambda store: store.try_out(TOUCH),
    ):
        told: list[Fact] = []
        disk = Disk(dialect="postgresql", error=StoreFull("full"))
        store = Store(disk, told.append)
        with pytest.raises(StoreFull):
            await store.run(tell(ADD))
        disk.error = None

        await store.run(TOUCH)
        assert not store.standing.is_usable
        await shows_room(store)

        assert told == [FULL, GOOD]


async def test_reserve_that_was_given_up_is_told() -> None:
    told: list[Fact] = []
    disk = Disk()
    store = Store(disk, told.append)
    for disk.has_reserve in (True, False, False, True):
        await store.run(tell(ADD))

    assert told == [StoreStanding(is_usable=True, has_reserve=False), GOOD]


async def test_lost_race_is_no_trouble_of_the_stores() -> None:
    told: list[Fact] = []
    store = Store(Disk(error=Conflict("somebody was first")), told.append)

    with pytest.raises(Conflict):
        await store.run(tell(ADD))

    assert told == []


async def test_damage_does_not_end_with_the_next_good_write() -> None:
    told: list[Fact] = []
    disk = Disk(error=StoreBroken("malformed"))
    store = Store(disk, told.append)
    with pytest.raises(StoreBroken):
        await store.fetch(tell(ALL))

    disk.error = None
    await store.run(tell(ADD))

    assert [one.error for one in told] == ["malformed"]


async def test_store_is_tried_out_with_bytes_only_after_it_failed() -> None:
    disk = Disk()
    store = Store(disk)
    await store.try_out(TOUCH)
    disk.error = StoreFull("full")
    with pytest.raises(StoreFull):
        await store.try_out(TOUCH)
    disk.error = None

    await store.try_out(TOUCH)
    await store.try_out(TOUCH)

    assert disk.written == ["nothing", "touch", "nothing"]

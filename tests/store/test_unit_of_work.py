from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from syncd.domain.errors import StoreError
from syncd.lab.inline_driver import InlineDriver
from syncd.ports.driver import Row
from syncd.store.sql import Query
from syncd.store.unit_of_work import Store, Transaction, ask, tell

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

from __future__ import annotations

from syncd.store import cursors
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, later


async def test_cursor_moves_and_is_forgotten(store: Store) -> None:
    assert await store.fetch(cursors.get(ACME, "feed")) == ()

    await store.run(cursors.move(ACME, "feed", "a", AT))
    await store.run(cursors.move(ACME, "feed", "b", later(1)))
    await store.run(cursors.move(BETA, "feed", "z", AT))

    (cursor,) = await store.fetch(cursors.get(ACME, "feed"))
    assert (cursor.value, cursor.moved_at) == ("b", later(1))
    await store.run(cursors.forget(ACME, "feed"))
    assert await store.fetch(cursors.get(ACME, "feed")) == ()


async def test_cursor_somebody_has_moved_is_neither_replaced_nor_forgotten(store: Store) -> None:
    await store.run(cursors.move(ACME, "catch_up", "wanted", AT))
    (known,) = await store.fetch(cursors.get(ACME, "catch_up"))
    await store.run(cursors.move(ACME, "catch_up", "wanted", later(1)))

    await store.run(cursors.replace(ACME, "catch_up", known, "invoices", later(2)))
    await store.run(cursors.forget_known(ACME, "catch_up", known))

    (cursor,) = await store.fetch(cursors.get(ACME, "catch_up"))
    assert (cursor.value, cursor.moved_at) == ("wanted", later(1))
    await store.run(cursors.replace(ACME, "catch_up", cursor, "invoices", later(2)))
    (cursor,) = await store.fetch(cursors.get(ACME, "catch_up"))
    assert cursor.value == "invoices"
    await store.run(cursors.forget_known(ACME, "catch_up", cursor))
    assert await store.fetch(cursors.get(ACME, "catch_up")) == ()

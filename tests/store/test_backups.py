"""A copy says when it was taken; a check counts what is still open."""

from __future__ import annotations

from syncd.domain.ids import InstallationId
from syncd.store import backups, feeds, installation
from syncd.store.backups import OpenIntents
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, later
from tests.store.test_intents import intent, opened


async def test_stamp_says_when_and_can_be_taken_off(store: Store) -> None:
    for at in (AT, later(5)):
        tx = Transaction()
        tx.add_all(backups.stamp(at))
        await store.commit(tx)

    assert await store.fetch(backups.taken_at()) == (later(5),)
    await store.run(backups.unstamp())
    assert await store.fetch(backups.taken_at()) == ()


async def test_newest_instant_bounds_the_age_of_a_copy(store: Store) -> None:
    await store.run(installation.ensure(InstallationId("first-name"), AT))
    await store.run(feeds.move(ACME, "7", later(60)))

    assert await store.fetch(backups.newest()) == (later(60),)


async def test_open_intents_are_counted_with_the_oldest(store: Store) -> None:
    assert await store.fetch(backups.open_intents()) == (OpenIntents(count=0, oldest_at=None),)

    await opened(store, intent("i1"), intent("i2", 1), at=3)

    assert await store.fetch(backups.open_intents()) == (OpenIntents(count=2, oldest_at=later(3)),)

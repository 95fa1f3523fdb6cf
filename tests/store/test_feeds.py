from __future__ import annotations

from syncd.store import feeds
from syncd.store.feeds import Feed
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, later
from tests.store.test_restores import marked

READ = Feed(cursor="b", moved_at=later(1), began_again_at=None, is_behind_restore=False)


async def test_feed_moves_and_begins_again_by_tenant(store: Store) -> None:
    assert await store.fetch(feeds.get(ACME)) == ()

    await store.run(feeds.move(ACME, "a", AT))
    await store.run(feeds.move(ACME, "b", later(1)))
    await store.run(feeds.move(BETA, "z", AT))

    assert await store.fetch(feeds.get(ACME)) == (READ,)
    await store.run(feeds.begin_again(ACME, later(2)))
    (again,) = await store.fetch(feeds.get(ACME))
    assert (again.cursor, again.moved_at, again.began_again_at) == (None, None, later(2))
    (other,) = await store.fetch(feeds.get(BETA))
    assert other.cursor == "z"


async def test_feed_is_behind_a_restore_until_it_was_read_to_its_end(store: Store) -> None:
    await store.run(feeds.move(ACME, "b", later(1)))
    await marked(store)
    for tenant in (ACME, BETA):
        assert (await store.fetch(feeds.get(tenant)))[0].is_behind_restore

    tx = Transaction()
    tx.add(feeds.move(ACME, "c", later(3)))
    tx.add(feeds.at_end(ACME))
    await store.commit(tx)

    (feed,) = await store.fetch(feeds.get(ACME))
    assert (feed.cursor, feed.is_behind_restore) == ("c", False)
    assert (await store.fetch(feeds.get(BETA)))[0].is_behind_restore

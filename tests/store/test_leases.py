"""The lease is taken as it was seen, or not at all; and replicas are listed."""

from __future__ import annotations

import pytest

from syncd.domain.errors import Conflict
from syncd.domain.model.replica import Replica
from syncd.domain.rules.site_lease import LeaseRow
from syncd.store import leases
from syncd.store.unit_of_work import Store
from tests.store.build import AT, later


async def looked(store: Store) -> LeaseRow:
    (found,) = await store.fetch(leases.look())
    return found


def replica(name: str, seconds: float = 0) -> Replica:
    url = f"http://{name}.example:8080"
    return Replica(name=name, url=url, public_url=url, version="1", seen_at=later(seconds))


async def test_a_new_store_has_a_lease_that_nobody_holds(store: Store) -> None:
    assert await looked(store) == LeaseRow(holder=None, fence=0, renewals=0, lease_s=0.0)


async def test_of_two_who_saw_the_same_one_takes_it(store: Store) -> None:
    seen = await looked(store)
    await store.run(leases.take("a", seen, lease_s=15.0))

    with pytest.raises(Conflict):
        await store.run(leases.take("b", seen, lease_s=15.0))
    assert await looked(store) == LeaseRow(holder="a", fence=1, renewals=0, lease_s=15.0)


async def test_a_renewal_keeps_the_lease_from_who_looked_before(store: Store) -> None:
    await store.run(leases.take("a", await looked(store), lease_s=15.0))
    seen = await looked(store)
    await store.run(leases.renew(1))

    with pytest.raises(Conflict):
        await store.run(leases.take("b", seen, lease_s=15.0))


async def test_who_lost_the_lease_renews_it_no_more_and_gives_nothing_up(store: Store) -> None:
    await store.run(leases.take("a", await looked(store), lease_s=15.0))
    await store.run(leases.take("b", await looked(store), lease_s=15.0))

    with pytest.raises(Conflict):
        await store.run(leases.renew(1))
    await store.run(leases.give_up(1))
    assert (await looked(store)).holder == "b"


async def test_a_lease_that_was_given_up_is_seen_as_moved(store: Store) -> None:
    await store.run(leases.take("a", await looked(store), lease_s=15.0))
    await store.run(leases.give_up(1))

    assert await looked(store) == LeaseRow(holder=None, fence=1, renewals=1, lease_s=15.0)
    with pytest.raises(Conflict):
        await store.run(leases.renew(1))


async def test_replicas_are_listed_with_who_works(store: Store) -> None:
    for one in (replica("b"), replica("a"), replica("a", seconds=5), replica("gone")):
        await store.run(leases.announce(one))
    await store.run(leases.take("a", await looked(store), lease_s=15.0))
    await store.run(leases.announce(replica("dead")))
    await store.run(leases.withdraw("gone", "dead"))

    found = await store.fetch(leases.replicas())

    assert [(one.name, one.works, one.seen_at) for one in found] == [
        ("a", True, later(5)),
        ("b", False, AT),
    ]

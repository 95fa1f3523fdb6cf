"""A lease in hand is good until its time is over, and once it has ended it stays so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from syncd.domain.facts import Fact
from syncd.domain.model.replica import LeaseEnded
from syncd.domain.rules import site_lease
from syncd.engine.replicas.holding import GIVEN_UP, HeldLease
from syncd.engine.replicas.known import KnownReplicas
from syncd.engine.replicas.member import Member
from syncd.store import leases
from syncd.store.unit_of_work import Store
from tests.store.build import AT
from tests.support.stores import driver_at


class Wall:
    def now(self) -> datetime:
        return AT


@dataclass
class Hand:
    """A lease that was just taken, and a clock that is set by hand."""

    store: Store
    now_s: float = 100.0
    told: list[Fact] = field(default_factory=list)

    def member(self) -> Member:
        return Member(
            name="a", url="http://a", public_url="http://a", version="1", lease_s=15.0,
            clock=Wall(), now_s=lambda: self.now_s, observe=self.told.append,
            known=KnownReplicas(15.0),
        )  # fmt: skip

    async def take(self) -> HeldLease:
        (seen,) = await self.store.fetch(leases.look())
        await self.store.run(leases.take("a", seen, lease_s=15.0))
        return HeldLease(self.store, self.member(), fence=seen.fence + 1, asked_at_s=self.now_s)


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    driver = driver_at(tmp_path / "site.db")
    yield Hand(Store(driver))
    await driver.close()


async def test_lease_is_valid_until_before_another_may_take_it(hand: Hand) -> None:
    lease = await hand.take()
    until_s = site_lease.valid_until_s(asked_at_s=100.0, lease_s=15.0)

    hand.now_s = until_s - 0.01
    assert lease.is_valid
    hand.now_s = until_s
    assert not lease.is_valid


async def test_process_that_stood_still_has_lost_it_before_it_does_anything(hand: Hand) -> None:
    lease, lost = await hand.take(), list[str]()
    hand.now_s += 60

    assert not lease.is_valid
    await lease.keep(lambda: lost.append("lost"))

    assert lost == ["lost"]
    assert "stood still" in lease.why


async def test_lease_that_the_store_refused_ends_once(hand: Hand) -> None:
    lease = await hand.take()
    lease.lose()
    lease.lose("something else")

    assert not lease.is_valid
    (ended,) = hand.told
    assert isinstance(ended, LeaseEnded)
    assert (ended.is_lost, ended.why) == (True, "another replica has taken it")


async def test_lease_given_up_calls_nobody(hand: Hand) -> None:
    lease, lost = await hand.take(), list[str]()
    await lease.give_up()
    await lease.keep(lambda: lost.append("lost"))

    assert (lost, lease.why) == ([], GIVEN_UP)
    ((row),) = await hand.store.fetch(leases.look())
    assert row.holder is None

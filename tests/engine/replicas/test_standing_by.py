"""Replicas of one store in virtual time: one works, one follows, and never two at once."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.domain.errors import StoreError
from syncd.domain.facts import Fact
from syncd.domain.model.replica import HolderChanged, LeaseEnded, LeaseTaken
from syncd.domain.rules import site_lease
from syncd.engine.replicas.holding import HeldLease
from syncd.engine.replicas.known import KnownReplicas
from syncd.engine.replicas.member import Member
from syncd.engine.replicas.standing_by import StandingBy
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.lab.virtual.virtual_loop import VirtualLoop
from syncd.ports.driver import BoundStatement, Row
from syncd.store import leases
from syncd.store.unit_of_work import Store
from tests.store.build import AT
from tests.support.migrated import migrated

LEASE_S = 15.0


@dataclass
class Wall:
    at: datetime = AT

    def now(self) -> datetime:
        return self.at + timedelta(seconds=anyio.current_time())


class Paused(InlineDriver):
    """A driver of one replica, which may be cut off from the store."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.is_cut = False

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        if self.is_cut:
            raise StoreError("the server does not answer")
        return await super().write(statements)


@dataclass
class One:
    """A replica as a process: it stands by, holds, and stands by again."""

    name: str
    driver: Paused
    told: list[Fact] = field(default_factory=list)
    lease: HeldLease | None = None
    lost_at: list[float] = field(default_factory=list)
    wall: Wall = field(default_factory=Wall)

    def member(self) -> Member:
        url = f"http://{self.name}:8080"
        return Member(
            name=self.name, url=url, public_url=url, version="1", lease_s=LEASE_S,
            clock=self.wall, now_s=anyio.current_time, observe=self.told.append,
            known=KnownReplicas(15.0),
        )  # fmt: skip

    async def live(self) -> None:
        store = Store(self.driver)
        while True:
            standing = StandingBy(store, self.member())
            await standing.run()
            assert standing.taken is not None
            self.lease = standing.taken
            await self.lease.keep(lambda: self.lost_at.append(anyio.current_time()))

    @property
    def works(self) -> bool:
        return self.lease is not None and self.lease.is_valid

    def facts(self, kind: type[Fact]) -> list[Fact]:
        return [fact for fact in self.told if isinstance(fact, kind)]


Story = Callable[[VirtualLoop, list[One]], Awaitable[None]]


def played(folder: Path, story: Story, names: str = "ab") -> None:
    """Two replicas on one new store, and a story told to its end in virtual time."""
    loop = VirtualLoop()
    path = migrated(folder / "site.db")

    async def main() -> None:
        drivers = [Paused(path) for _ in range(2)]
        ones = [One(name=name, driver=driver) for name, driver in zip(names, drivers, strict=True)]
        for place, one in zip("ab", ones, strict=True):
            loop.spawn_process(place, one.live)
        await story(loop, ones)
        for place in "ab":
            with suppress(LookupError):  # the story may have killed it
                loop.kill(place)
        for driver in drivers:
            await driver.close()

    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


async def passes(seconds: float) -> None:
    """So many virtual seconds."""
    with anyio.move_on_after(seconds):
        await anyio.sleep_forever()


async def until(claim: Callable[[], bool], within_s: float) -> float:
    """Seconds until the claim held."""
    began = anyio.current_time()
    while not claim():
        assert anyio.current_time() - began < within_s, "not in time"
        await passes(0.25)
    return anyio.current_time() - began


async def first(ones: list[One]) -> tuple[One, One]:
    """Who works, and who stands by."""
    await until(lambda: any(one.works for one in ones), 10)
    return (ones[0], ones[1]) if ones[0].works else (ones[1], ones[0])


@pytest.mark.parametrize("names", ["aa", "ab"])
def test_name_that_two_replicas_have_is_told_by_the_one_that_works(
    names: str, tmp_path: Path
) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        holder, _ = await first(ones)
        for _ in range(60):
            await passes(1.0)
            assert holder.lease is not None
            (shown,) = [one for one in holder.lease.replicas() if one.works]
            if shown.is_name_shared:
                break
        assert shown.is_name_shared is (names == "aa")

    played(tmp_path, story, names)


def test_one_of_two_works_for_as_long_as_it_lives(tmp_path: Path) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        holder, other = await first(ones)
        for _ in range(400):
            await passes(0.7)
            assert holder.works
            assert not other.works
        assert other.facts(LeaseTaken) == []
        assert HolderChanged(replica=other.name, holder=holder.name) in other.told

    played(tmp_path, story)


def test_a_dead_holder_is_followed_within_thirty_seconds(tmp_path: Path) -> None:
    async def story(loop: VirtualLoop, ones: list[One]) -> None:
        holder, other = await first(ones)
        await passes(100)
        loop.kill(holder.name)

        took_s = await until(lambda: other.works, 30)

        assert took_s >= LEASE_S * 2 / 3
        (taken,) = other.facts(LeaseTaken)
        assert isinstance(taken, LeaseTaken)
        assert (taken.before, taken.fence) == (holder.name, 2)

    played(tmp_path, story)


def test_a_lease_that_was_given_up_is_followed_at_the_next_look(tmp_path: Path) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        holder, other = await first(ones)
        await passes(20)
        assert holder.lease is not None
        await holder.lease.give_up()
        holder.driver.is_cut = True

        took_s = await until(lambda: other.works, 30)

        assert took_s <= LEASE_S / site_lease.LOOKED_IN + 0.25
        assert holder.lost_at == []

    played(tmp_path, story)


def test_a_holder_that_is_cut_off_stops_before_another_works(tmp_path: Path) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        holder, other = await first(ones)
        await passes(50)
        holder.driver.is_cut = True
        await until(lambda: bool(holder.lost_at), 30)
        assert not other.works

        await until(lambda: other.works, 30)

        (ended,) = holder.facts(LeaseEnded)
        assert isinstance(ended, LeaseEnded)
        assert ended.is_lost
        assert "the server does not answer" in ended.why
        holder.driver.is_cut = False
        await passes(60)
        assert [one.works for one in (holder, other)] == [False, True]
        assert len(holder.facts(HolderChanged)) >= 2

    played(tmp_path, story)


def test_a_store_away_for_long_is_taken_by_one_again(tmp_path: Path) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        await first(ones)
        for one in ones:
            one.driver.is_cut = True
        await passes(120)
        assert not any(one.works for one in ones)
        for one in ones:
            one.driver.is_cut = False

        await until(lambda: sum(one.works for one in ones) == 1, 30)

    played(tmp_path, story)


def test_a_replica_whose_clock_is_days_behind_is_listed_as_any_other(tmp_path: Path) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        holder, other = await first(ones)
        other.wall.at -= timedelta(days=3)
        await passes(100)

        assert holder.lease is not None
        assert [(one.name, one.is_gone) for one in holder.lease.replicas()] == [
            ("a", False), ("b", False),
        ]  # fmt: skip

    played(tmp_path, story)


CUT = st.tuples(st.floats(0.1, 40), st.integers(0, 1))


@settings(max_examples=30)
@given(st.lists(CUT, min_size=1, max_size=25))
def test_two_never_work_at_once_whoever_is_cut_off(cuts: list[tuple[float, int]]) -> None:
    async def story(_: VirtualLoop, ones: list[One]) -> None:
        async def watch() -> None:
            while True:
                assert sum(one.works for one in ones) <= 1
                await passes(0.1)

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            for after_s, which in cuts:
                await passes(after_s)
                ones[which].driver.is_cut = not ones[which].driver.is_cut
            for one in ones:
                one.driver.is_cut = False
            await until(lambda: any(one.works for one in ones), 40)
            group.cancel_scope.cancel()

    with tempfile.TemporaryDirectory() as folder:
        played(Path(folder), story)


async def test_replicas_are_announced_and_withdrawn(tmp_path: Path) -> None:
    driver = Paused(migrated(tmp_path / "site.db"))
    store = Store(driver)
    one = One(name="a", driver=driver)
    standing = StandingBy(store, one.member())
    await standing.run()
    assert standing.taken is not None
    assert [each.name for each in await store.fetch(leases.replicas())] == ["a"]

    await standing.taken.give_up()

    assert await store.fetch(leases.replicas()) == ()
    assert not standing.taken.is_valid
    await driver.close()

"""A clock that is set moves what waits along, and lets no write look older than it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import anyio
import pytest

from syncd.domain.errors import StoreError
from syncd.domain.facts import ClockSet, Fact
from syncd.domain.ids import InstallationId
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.core import wall_clock
from syncd.engine.core.context import SyncContext
from syncd.engine.core.wall_clock import CarriedClock
from syncd.store import calls, installation, jobs, sweeps
from syncd.store.unit_of_work import Statement, Store, Transaction
from tests.engine.support.operating import desk
from tests.store.build import ACME, AT, later, wish
from tests.store.test_intents import intent, opened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS = [-DAY, -HOUR, HOUR, DAY]
BOOT = "this boot"


class Wall:
    """A wall clock that goes by the loop, and may be set."""

    def __init__(self) -> None:
        self._began_s = anyio.current_time()
        self.set_by = timedelta(0)

    def now(self) -> datetime:
        return AT + timedelta(seconds=anyio.current_time() - self._began_s) + self.set_by


class Scene:
    """A store, a context that goes by a carried clock, and what was told."""

    def __init__(self, context: SyncContext, store: Store, told: list[Fact]) -> None:
        self.wall = Wall()
        self.clock = CarriedClock(self.wall, BOOT)
        self.context = replace(context, clock=self.clock)
        self.store = store
        self.told = told

    async def follow(self) -> None:
        await wall_clock.follow_once(self.context, self.clock)

    async def ready_in_s(self) -> float:
        (due,) = await self.store.fetch(jobs.next_due(ACME))
        assert due.invoice_ready_at is not None
        return (due.invoice_ready_at - self.clock.now()).total_seconds()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with desk() as served:
        await served.store.run(installation.ensure(InstallationId("first-name"), AT))
        yield Scene(served.operations._context, served.store, served.told)


async def age_s(scene: Scene, of: str) -> float:
    (call,) = await scene.store.fetch(calls.get([1]))
    at: datetime = getattr(call, of)
    return (scene.clock.now() - at).total_seconds()


@pytest.mark.parametrize("set_by", STEPS)
async def test_clock_goes_on_as_it_was_until_the_set_one_is_taken_over(
    scene: Scene, set_by: timedelta
) -> None:
    before = scene.clock.now()

    scene.wall.set_by = set_by
    meanwhile = scene.clock.now()
    await scene.follow()

    assert 0 <= (meanwhile - before).total_seconds() < 5
    assert abs(scene.clock.now() - scene.wall.now()) < timedelta(seconds=1)
    assert [round(one.by_s) for one in scene.told if isinstance(one, ClockSet)] == [
        set_by.total_seconds()
    ]


async def test_clock_follows_a_time_server_without_a_word(scene: Scene) -> None:
    scene.wall.set_by = timedelta(seconds=0.4)
    first = scene.clock.now()
    scene.wall.set_by = timedelta(seconds=0.8)

    assert first - AT >= timedelta(seconds=0.4)
    assert scene.clock.now() - AT >= timedelta(seconds=0.8)
    assert scene.clock.set_by() == timedelta(0)
    await scene.follow()
    assert scene.told == []


@pytest.mark.parametrize("set_by", [-DAY, -HOUR])
async def test_what_is_ready_soon_is_ready_as_soon_after_the_clock_was_set_back(
    scene: Scene, set_by: timedelta
) -> None:
    await scene.store.run(jobs.enqueue([wish("i1", ready_at=later(10))], AT))

    scene.wall.set_by = set_by
    await scene.follow()

    assert -5 < await scene.ready_in_s() <= 10


@pytest.mark.parametrize("set_by", STEPS)
async def test_open_call_is_neither_sent_again_nor_given_up_early(
    scene: Scene, set_by: timedelta
) -> None:
    await opened(scene.store, intent("i1"), at=-400)

    scene.wall.set_by = set_by
    await scene.follow()

    assert await age_s(scene, "first_sent_at") > scene.context.limits.replay_within_s
    assert 0 <= await age_s(scene, "last_sent_at") < 5


@pytest.mark.parametrize("set_by", STEPS)
async def test_open_call_looks_young_at_every_step_of_taking_over(
    scene: Scene, set_by: timedelta
) -> None:
    """Looked at right after each commit, by whatever the clock says then."""
    await opened(scene.store, intent("i1"), at=-100)
    limit_s, seen = scene.context.limits.late_commit_s, list[float]()
    looked = _Watched(scene, seen)
    scene.context = replace(scene.context, store=looked)

    scene.wall.set_by = set_by
    await scene.follow()

    assert len(seen) == 2
    assert max(seen) < limit_s


async def test_store_that_fails_is_tried_again_until_what_waits_was_moved(scene: Scene) -> None:
    await scene.store.run(jobs.enqueue([wish("i1", ready_at=later(10))], AT))
    good, scene.context = scene.context, replace(scene.context, store=_Full(scene.store))

    scene.wall.set_by = -HOUR
    with pytest.raises(StoreError):
        await scene.follow()
    with pytest.raises(StoreError):
        await scene.follow()
    scene.context = good
    await scene.follow()

    assert await scene.ready_in_s() <= 10
    assert len([one for one in scene.told if isinstance(one, ClockSet)]) == 1


@pytest.mark.parametrize("set_by", [-DAY, -HOUR])
async def test_what_a_round_under_way_stores_by_the_clock_as_it_was_waits_no_longer_for_that(
    scene: Scene, set_by: timedelta
) -> None:
    as_it_was = scene.clock.now()
    scene.wall.set_by = set_by
    await scene.follow()
    late = wish("i1", ready_at=as_it_was + timedelta(seconds=10))
    await scene.store.run(jobs.enqueue([late], as_it_was))

    scene.clock.mends_at_s[0] = anyio.current_time()
    await scene.follow()

    assert -5 < await scene.ready_in_s() <= 10


@pytest.mark.parametrize("set_by", STEPS)
async def test_a_set_clock_is_mended_three_times_and_then_no_more(
    scene: Scene, set_by: timedelta
) -> None:
    scene.wall.set_by = set_by
    await scene.follow()

    for left in (3, 2, 1):
        assert len(scene.clock.mends_at_s) == left
        scene.clock.mends_at_s[0] = anyio.current_time()
        await scene.follow()

    assert scene.clock.mends_at_s == []


async def test_clock_set_back_while_nobody_ran_is_noticed_at_the_start(scene: Scene) -> None:
    await scene.store.run(jobs.enqueue([wish("i1", ready_at=later(10))], AT))
    tx = Transaction()
    tx.add(sweeps.remember(ACME, Task.REVIEW, None, began=0, ended_at=later(-30)))
    await scene.store.commit(tx)
    scene.wall.set_by = -DAY
    woken = CarriedClock(scene.wall, "another boot")

    by = await wall_clock.start_up(scene.store, woken)

    (due,) = await scene.store.fetch(jobs.next_due(ACME))
    assert due.invoice_ready_at is not None
    assert due.invoice_ready_at - woken.now() <= timedelta(seconds=40)
    assert -DAY < by <= -DAY + timedelta(seconds=60)


@pytest.mark.parametrize("set_by", STEPS)
async def test_clock_set_while_nobody_ran_lets_no_call_look_old(
    scene: Scene, set_by: timedelta
) -> None:
    await opened(scene.store, intent("i1"), at=-100)
    await scene.follow()

    scene.wall.set_by = set_by
    scene.clock = woken = CarriedClock(scene.wall, BOOT)
    by = await wall_clock.start_up(scene.store, woken)

    assert abs(by - set_by) < timedelta(seconds=1)
    assert 0 <= await age_s(scene, "last_sent_at") < 5
    assert await age_s(scene, "first_sent_at") > scene.context.limits.replay_within_s
    again = CarriedClock(scene.wall, BOOT)
    assert await wall_clock.start_up(scene.store, again) == timedelta(0)


@pytest.mark.parametrize("set_by", STEPS)
async def test_death_before_a_set_clock_is_taken_over_is_as_if_it_was_set_afterwards(
    scene: Scene, set_by: timedelta
) -> None:
    await scene.follow()
    await opened(scene.store, intent("i1"), at=-100)

    scene.wall.set_by = set_by
    scene.clock.now()
    woken = CarriedClock(scene.wall, BOOT)
    by = await wall_clock.start_up(scene.store, woken)

    assert abs(by - set_by) < timedelta(seconds=1)


async def test_after_another_boot_nobody_knows_whether_the_clock_was_set_forward(
    scene: Scene,
) -> None:
    await scene.follow()

    scene.wall.set_by = DAY

    assert not await wall_clock.start_up(scene.store, CarriedClock(scene.wall, "another"))


async def test_small_steps_of_a_time_server_add_up_to_none(scene: Scene) -> None:
    await scene.follow()
    for tenths in range(1, 30):
        scene.wall.set_by = timedelta(seconds=tenths / 10)
        scene.clock.now()
        await scene.follow()

    assert not await wall_clock.start_up(scene.store, CarriedClock(scene.wall, BOOT))


async def test_start_as_usual_moves_nothing(scene: Scene) -> None:
    await scene.store.run(jobs.enqueue([wish("i1", ready_at=later(3600))], AT))

    await scene.follow()

    assert await wall_clock.start_up(scene.store, CarriedClock(scene.wall, BOOT)) == timedelta(0)

    assert await scene.ready_in_s() > 3500


class _Watched(Store):
    """Looks at the open call after every write."""

    def __init__(self, scene: Scene, seen: list[float]) -> None:
        super().__init__(scene.store._driver)
        self._scene = scene
        self._seen = seen

    async def commit(self, transaction: Transaction) -> None:
        await super().commit(transaction)
        self._seen.append(await age_s(self._scene, "last_sent_at"))

    async def run(self, statement: Statement[None]) -> tuple[None, ...]:  # type: ignore[override]  # the one it is used with
        answer = await super().run(statement)
        self._seen.append(await age_s(self._scene, "last_sent_at"))
        return answer


class _Full(Store):
    """Takes the first statement and then no transaction."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._driver)

    async def commit(self, transaction: Transaction) -> None:
        raise StoreError(f"no room for {transaction}")

"""A loop that shows nothing is named once, one that is slow but moves never is."""

from __future__ import annotations

from dataclasses import dataclass

import anyio
import pytest

from syncd.domain.facts import Fact, ServiceHung
from syncd.engine.loops import watch
from syncd.engine.loops.loop import Loop
from syncd.engine.loops.watch import Watch
from tests.xero.support import worlds

EVERY_S = 5.0


@dataclass
class Standing:
    name: str
    beats: int = 0
    is_waiting: bool = False


def watched(*loops: Standing) -> tuple[Watch, list[Fact]]:
    told: list[Fact] = []
    made = Watch(loops, hung_after_s=60.0, look_every_s=EVERY_S, observe=told.append)
    return made, told


async def looks(made: Watch, seconds: float) -> tuple[str, ...]:
    hung = made.look()
    for _ in range(int(seconds / EVERY_S)):
        await worlds.passes(EVERY_S)
        hung = made.look()
    return hung


def test_loop_that_shows_nothing_for_long_is_told_once_and_when_it_moves_again() -> None:
    async def story() -> None:
        loop = Standing("worker:acme")
        made, told = watched(loop, Standing("sampler", is_waiting=True))

        assert await looks(made, 55) == ()
        assert await looks(made, 30) == ("worker:acme",)
        loop.beats += 1
        assert await looks(made, 10) == ()

        moved = [(fact.service, fact.is_hung) for fact in told if isinstance(fact, ServiceHung)]
        assert moved == [("worker:acme", True), ("worker:acme", False)]

    worlds.virtually(story)


def test_loop_that_shows_something_now_and_then_has_not_hung() -> None:
    async def story() -> None:
        loop = Standing("sweeper:acme")
        made, told = watched(loop)
        for _ in range(20):
            await looks(made, 50)
            loop.beats += 1

        assert told == []

    worlds.virtually(story)


def test_machine_that_was_stopped_finds_nobody_hung_when_it_goes_on() -> None:
    async def story() -> None:
        made, told = watched(Standing("worker:acme"))
        made.look()
        await worlds.passes(3600)

        assert made.look() == ()
        assert told == []

    worlds.virtually(story)


@pytest.mark.parametrize(("tells", "is_hung"), [(True, False), (False, True)])
def test_round_moves_by_what_it_tells(tells: bool, is_hung: bool) -> None:
    async def story() -> None:
        async def once() -> float | None:
            for _ in range(10):
                await worlds.passes(30)
                if tells:
                    watch.beat()  # as the schedule does with every fact
            return None

        loop = Loop("worker:acme", once, observe=lambda _: None)
        made = Watch([loop], hung_after_s=60.0, look_every_s=EVERY_S, observe=lambda _: None)
        async with anyio.create_task_group() as group:
            await group.start(loop.run)
            assert (await looks(made, 150) != ()) is is_hung
            await looks(made, 200)
            assert made.look() == (), "a loop that rests has not hung"
            loop.stop()

    worlds.virtually(story)


def test_loop_that_came_later_is_watched_and_one_that_went_is_not() -> None:
    async def story() -> None:
        loops = {"a": Standing("worker:a")}
        told: list[Fact] = []
        made = Watch(loops.values(), hung_after_s=60.0, look_every_s=EVERY_S, observe=told.append)
        await looks(made, 30)
        loops["b"] = Standing("worker:b")

        assert await looks(made, 40) == ("worker:a",)
        del loops["a"]
        assert await looks(made, 30) == ("worker:b",)
        del loops["b"]
        assert await looks(made, 10) == ()

        moved = [(fact.service, fact.is_hung) for fact in told if isinstance(fact, ServiceHung)]
        assert moved == [
            ("worker:a", True), ("worker:a", False), ("worker:b", True), ("worker:b", False),
        ]  # fmt: skip

    worlds.virtually(story)

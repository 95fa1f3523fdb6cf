"""What one process tells reaches the others; what is lost costs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from syncd.runtime import postgresql_wakes
from syncd.runtime.postgresql_session import Address
from syncd.runtime.postgresql_wakes import ANYTHING, PostgresqlWakes
from tests.support.postgresql import Cluster


class Heard:
    """What one process heard."""

    def __init__(self, url: str) -> None:
        self.wakes = PostgresqlWakes(
            Address(
                url=url,
                connect_timeout_s=5.0,
                lock_timeout_s=5.0,
                statement_timeout_s=5.0,
            )
        )
        self.topics: list[str] = []

    async def until(self, is_so: Callable[[list[str]], bool]) -> None:
        with anyio.fail_after(20.0):
            while not is_so(self.topics):  # noqa: ASYNC110  (what is heard comes by a socket)
                await anyio.sleep(0.005)


@asynccontextmanager
async def hearing(url: str) -> AsyncIterator[tuple[Heard, Heard]]:
    """Two processes that listen."""
    two = (Heard(url), Heard(url))
    async with anyio.create_task_group() as group:
        for each in two:
            group.start_soon(each.wakes.run, each.topics.append)
        for each in two:
            await each.until(lambda topics: topics == [ANYTHING])
        yield two
        group.cancel_scope.cancel()


async def test_wake_reaches_the_others_and_not_its_sender(postgresql_url: str) -> None:
    async with hearing(postgresql_url) as (one, other):
        await one.wakes.tell("tenant:a")
        await one.wakes.tell("it's b")
        await other.until(lambda topics: len(topics) > 2)
        await other.wakes.tell("c")
        await one.until(lambda topics: len(topics) > 1)

        assert one.topics == [ANYTHING, "c"]
        assert other.topics == [ANYTHING, "tenant:a", "it's b"]


async def test_wakes_of_many_tasks_are_told_one_after_the_other(postgresql_url: str) -> None:
    async with hearing(postgresql_url) as (one, other):
        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(one.wakes.tell, f"{number}")
        await other.until(lambda topics: len(topics) > 20)

        assert sorted(other.topics[1:], key=int) == [f"{number}" for number in range(20)]


async def test_who_is_not_connected_tells_nobody_and_goes_on(postgresql_url: str) -> None:
    await Heard(postgresql_url).wakes.tell("a")


async def test_connection_that_was_lost_is_made_again_and_everything_looked_at(
    postgresql: Cluster, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_wakes, "_PAUSE_S", 0.02)
    async with hearing(postgresql_url) as (one, other):
        postgresql.stop()
        await one.wakes.tell("nobody hears it")
        postgresql.start()
        for each in (one, other):
            await each.until(lambda topics: topics == [ANYTHING, ANYTHING])

        await one.wakes.tell("b")
        await other.until(lambda topics: topics[-1] == "b")

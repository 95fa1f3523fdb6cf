"""Whoever lost the site's lease writes nothing more, however late what it sends arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import anyio
import pytest

from syncd.domain.errors import LeaseLost
from syncd.ports.driver import BoundStatement, Driver, SharedDriver
from syncd.runtime import postgresql_store
from syncd.store import leases, migrate, sessions
from syncd.store.unit_of_work import Store

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNT = "SELECT count(*) FROM sessions"


def nobody() -> None:
    """Asks nothing of who lost the lease."""


def add(digest: str) -> tuple[BoundStatement]:
    return (sessions.begin(digest, operator="ada", token_mark="m", at=AT).bound,)


@pytest.fixture
async def driver(postgresql_url: str) -> AsyncIterator[SharedDriver]:
    made = await postgresql_store.open_driver(postgresql_url)
    await migrate.upgrade(made, AT)
    yield made
    await made.close()


async def taken(driver: SharedDriver, name: str) -> int:
    store = Store(driver)
    (seen,) = await store.fetch(leases.look())
    await store.run(leases.take(name, seen, lease_s=15.0))
    return seen.fence + 1


async def count(driver: SharedDriver) -> object:
    (((found,),),) = await driver.read((BoundStatement(name="count", sql=COUNT),))
    return found


async def test_holder_writes_until_another_has_taken_the_lease(driver: SharedDriver) -> None:
    lost: list[str] = []
    mine = driver.fenced(await taken(driver, "a"), lambda: lost.append("lost"))
    await mine.write(add("first"))
    assert lost == []
    await taken(driver, "b")

    with pytest.raises(LeaseLost, match="another replica works"):
        await mine.write(add("late"))

    assert lost == ["lost"]
    assert await count(driver) == 1
    await driver.write(add("without a fence"))
    assert await count(driver) == 2


async def test_fence_is_asked_after_the_wait_for_another_writer(
    driver: SharedDriver, postgresql_url: str
) -> None:
    """What a paused holder had begun before the taking is refused when its turn comes after it."""
    mine = driver.fenced(await taken(driver, "a"), nobody)
    other = await postgresql_store.open_driver(postgresql_url)
    refused: list[str] = []

    async def late() -> None:
        try:
            await mine.write(add("late"))
        except LeaseLost as error:
            refused.append(str(error))

    (seen,) = await Store(other).fetch(leases.look())
    wait = BoundStatement(name="wait", sql="SELECT pg_sleep(0.3)")
    take = leases.take("b", seen, lease_s=15.0).bound
    async with anyio.create_task_group() as group:
        group.start_soon(other.write, (wait, take))
        await anyio.sleep(0.1)
        group.start_soon(late)
    await other.close()

    assert len(refused) == 1
    assert await count(driver) == 0


async def test_what_waits_together_ends_by_its_own_fence(driver: SharedDriver) -> None:
    old = driver.fenced(await taken(driver, "a"), nobody)
    new = driver.fenced(await taken(driver, "b"), nobody)
    ends: dict[str, str] = {}

    async def written(name: str, under: Driver) -> None:
        try:
            await under.write(add(name))
            ends[name] = "written"
        except LeaseLost:
            ends[name] = "refused"

    async with anyio.create_task_group() as group:
        for at in range(12):
            under = (old, new, driver)[at % 3]
            group.start_soon(written, f"{at % 3} {at}", under)

    assert {name: end for name, end in ends.items() if name[0] == "0"} == {
        f"0 {at}": "refused" for at in range(0, 12, 3)
    }
    assert [end for name, end in ends.items() if name[0] != "0"] == ["written"] * 8
    assert await count(driver) == 8


async def test_view_under_a_fence_closes_nothing(driver: SharedDriver) -> None:
    mine = driver.fenced(await taken(driver, "a"), nobody)
    await mine.close()

    assert await count(driver) == 0
    assert (mine.dialect, mine.log_bytes, mine.has_reserve) == ("postgresql", 0, True)

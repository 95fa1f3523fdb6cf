"""Once an end was asked for nobody waits long for a server, and what it still answers counts."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import pytest

from syncd.domain.errors import StoreUnreachable
from syncd.ports.driver import BoundStatement, SharedDriver
from syncd.runtime import postgresql_store
from syncd.runtime.asyncpg_driver import HURRIED_S
from tests.support.postgresql import Cluster

SOON_S = HURRIED_S + 2.0
ONE = (BoundStatement(name="one", sql="SELECT 1::int8"),)
SLOW = (BoundStatement(name="slow", sql="SELECT 1::int8 FROM pg_sleep(0.5)"),)


@asynccontextmanager
async def driving(url: str) -> AsyncIterator[SharedDriver]:
    driver = await postgresql_store.open_driver(url)
    yield driver
    with anyio.fail_after(SOON_S):
        await driver.close()


@contextmanager
def hung(server: Cluster) -> Iterator[None]:
    server.signal_all(signal.SIGSTOP)
    try:
        yield
    finally:
        server.signal_all(signal.SIGCONT)


async def fails(driver: SharedDriver, *, writes: bool) -> None:
    with pytest.raises(StoreUnreachable):
        await (driver.write(ONE) if writes else driver.read(ONE))


async def test_what_waits_for_a_server_that_hangs_ends_soon(
    postgresql: Cluster, postgresql_url: str
) -> None:
    async with driving(postgresql_url) as driver:
        await driver.read(ONE)
        with hung(postgresql):
            with anyio.fail_after(SOON_S):
                async with anyio.create_task_group() as group:
                    for writes in (True, False, True, True):
                        group.start_soon(lambda writes=writes: fails(driver, writes=writes))
                    await anyio.wait_all_tasks_blocked()
                    driver.hurry()
            with anyio.fail_after(0.5):  # who comes later is told at once
                await fails(driver, writes=True)
                await fails(driver, writes=False)
            await driver.close()


async def test_what_waits_for_a_server_that_is_gone_ends_at_once(
    postgresql: Cluster, postgresql_url: str
) -> None:
    async with driving(postgresql_url) as driver:
        postgresql.stop()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: fails(driver, writes=True))
                group.start_soon(lambda: fails(driver, writes=False))
                await anyio.sleep(0.5)  # both are between two tries by now
                driver.hurry()
                with anyio.fail_after(1.0):
                    await fails(driver, writes=True)
        finally:
            postgresql.start()


async def test_server_that_answers_is_heard_to_the_end(postgresql_url: str) -> None:
    async with driving(postgresql_url) as driver:
        async with anyio.create_task_group() as group:
            group.start_soon(driver.write, SLOW)
            group.start_soon(driver.read, SLOW)
            await anyio.wait_all_tasks_blocked()
            driver.hurry()

        assert await driver.write(ONE) == (((1,),),)
        assert await driver.read(ONE) == (((1,),),)

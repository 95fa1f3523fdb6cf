"""Opens the store of `[store]` for commands: to look at it, or to work on it alone.

A file is locked as a daemon locks it. A database has no such lock: a command looks whether any
replica has a session in it or renews the site's lease. Called by `upkeep`, `restoration`, `copying`
and `preflight`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from syncd.config.options import StoreSection
from syncd.domain.errors import StoreLocked
from syncd.ports.driver import Driver, SharedDriver
from syncd.runtime import postgresql_store, store_files
from syncd.runtime.sqlite_upkeep import UpkeepDriver
from syncd.runtime.store_lock import StoreLock
from syncd.runtime.system_entropy import SystemEntropy
from syncd.store import copies, leases, migrate
from syncd.store.unit_of_work import Store

_READING = "syncd, reading"
_END_THEM = "stop the daemon or replica that works with it, then try again"


def place(section: StoreSection) -> str:
    """The store as messages name it: a file's path, a database's address."""
    return section.url.partition("?")[0] if section.is_shared else str(section.path)


@asynccontextmanager
async def looking(section: StoreSection) -> AsyncIterator[Driver]:
    """The store for whoever only reads, also while daemons work with it. Raises StoreError."""
    if section.is_shared:
        driver = await _for_a_command(section, _READING)
    else:
        driver = UpkeepDriver(section.path, is_reader=True)
    try:
        yield driver
    finally:
        await driver.close()


@asynccontextmanager
async def alone(section: StoreSection, *, makes: bool = False) -> AsyncIterator[Driver]:
    """The store while no daemon works with it; `makes`: a file that is not there is made.

    Raises StoreLocked while one does, StoreError.
    """
    if section.is_shared:
        driver = await _for_a_command(section, f"syncd db {SystemEntropy().token(4)}")
        try:
            await refuse_others(driver, place(section))
            yield driver
        finally:
            await driver.close()
        return
    with StoreLock(section.path):
        if makes:
            store_files.make(section.path)
        driver = UpkeepDriver(section.path)
        try:
            yield driver
        finally:
            await driver.close()


async def refuse_others(driver: Driver, place: str) -> None:
    """Raise StoreLocked where somebody else works with a database; of a file its lock tells.

    A lease that is held and has no session in sight is watched for as long as it lasts: one that
    moves is a replica's whose sessions this role may not see, one that does not is a dead one's.
    """
    store = Store(driver)
    for other in await store.fetch(copies.others()):
        raise StoreLocked(f"the store {place} is in use by {other}: {_END_THEM}")
    if driver.dialect == "sqlite" or await _is_older(driver):
        return
    (lease,) = await store.fetch(leases.look())
    if lease.holder is None:
        return
    await anyio.sleep(lease.lease_s)
    (now,) = await store.fetch(leases.look())
    if now != lease:
        message = f"the store {place} is in use by the replica {now.holder or lease.holder}"
        raise StoreLocked(f"{message}: {_END_THEM}")


async def _is_older(driver: Driver) -> bool:
    """Whether the store may lack the table of the lease."""
    return bool(await migrate.pending(driver, within_copy=True))


async def database(
    section: StoreSection,
    *,
    readers: int,
    patience_s: float = 15.0,
    application: str = "syncd",
    at_once: bool = True,
) -> SharedDriver:
    """The database of a store that is one; see `runtime.postgresql_store`. Raises StoreError."""
    password = section.password
    return await postgresql_store.open_driver(
        section.url,
        password=None if password is None else password.get_secret_value().strip(),
        readers=readers,
        statement_timeout_s=section.statement_timeout_s,
        patience_s=patience_s,
        application=application,
        at_once=at_once,
    )


async def _for_a_command(section: StoreSection, application: str) -> Driver:
    """A command's own, which waits for no server that went away."""
    return await database(section, readers=1, patience_s=0, application=application)

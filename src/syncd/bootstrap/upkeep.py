"""What the `db` commands do to the store's file: upgrade, check, measure, back up.

`bootstrap.restoration` puts a backup back. Called by `cli.local.database`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from syncd.domain.errors import SchemaMismatch, StoreError
from syncd.domain.model.store_size import StoreSize
from syncd.domain.model.value import Value
from syncd.engine.core import journal_audit
from syncd.engine.loops import retention
from syncd.runtime import sqlite_upkeep, store_files
from syncd.runtime.sqlite_upkeep import UpkeepDriver
from syncd.runtime.store_lock import StoreLock
from syncd.store import backups, migrate
from syncd.store.backups import OpenIntents
from syncd.store.unit_of_work import Store, Transaction


class Checked(Value, frozen=True, kw_only=True):
    """What a check of the store found. `problems` empty: the store is sound."""

    path: Path
    size_bytes: int
    problems: tuple[str, ...]
    pending: tuple[str, ...] = ()
    """Migrations the store has not had; `syncd run` applies them by itself."""
    open_intents: OpenIntents | None = None


class BackedUp(Value, frozen=True, kw_only=True):
    """A backup that was made and checked; `written_at` is when the store was last written to."""

    path: Path
    size_bytes: int
    taken_at: datetime
    written_at: datetime | None


async def upgrade(path: Path, at: datetime) -> tuple[str, ...]:
    """Bring the store to this program's schema; the names of what was applied.

    A store that is not there is made. Raises StoreLocked while a daemon has it, SchemaMismatch,
    StoreError.
    """
    with StoreLock(path):
        store_files.make(path)
        driver = UpkeepDriver(path)
        try:
            return tuple(one.name for one in await migrate.upgrade(driver, at))
        finally:
            await driver.close()


async def check(path: Path) -> Checked:
    """Pages, references, migrations, journal and open writes, also while a daemon works on it.

    The journal's chain is followed where the schema is this program's. Raises StoreError when
    there is no store or it cannot be opened.
    """
    driver = UpkeepDriver(path, is_reader=True)
    try:
        found = list(sqlite_upkeep.problems(path))
        size_bytes = sqlite_upkeep.size_bytes(path)
        try:
            missing = await migrate.pending(driver)
        except SchemaMismatch as error:
            found.append(str(error))
            return Checked(path=path, size_bytes=size_bytes, problems=tuple(found))
        if not await migrate.has_begun(driver):
            found.append(f"{path} is no store of syncd: it has never had a migration")
            return Checked(path=path, size_bytes=size_bytes, problems=tuple(found))
        (opened,) = await Store(driver).fetch(backups.open_intents())
        if not missing:
            found += await _journal_problems(Store(driver))
    finally:
        await driver.close()
    return Checked(
        path=path,
        size_bytes=size_bytes,
        problems=tuple(found),
        pending=tuple(one.name for one in missing),
        open_intents=opened,
    )


async def size(path: Path) -> StoreSize:
    """How large the store is; the daemon may work on it. Raises StoreError."""
    driver = UpkeepDriver(path, is_reader=True)
    try:
        return await retention.measure(Store(driver))
    finally:
        await driver.close()


async def _journal_problems(store: Store) -> list[str]:
    """The first entry of the journal that does not fit into its chain."""
    fault = (await journal_audit.verify(store)).fault
    if fault is None:
        return []
    return [f"journal entry {fault.seq}: {fault.text}; keep this file and compare with a backup"]


async def back_up(path: Path, target: Path, at: datetime) -> BackedUp:
    """Copy the store as it is now into one new file, checked afterwards; the daemon may run.

    Raises StoreError: there is no store, the name is taken, no space, or the copy is not sound.
    """
    sqlite_upkeep.refuse_taken(target)
    partial = target.with_name(target.name + ".partial")
    sqlite_upkeep.discard(partial)
    sqlite_upkeep.copy(path, partial)
    try:
        written_at = await _stamp(partial, at)
        sqlite_upkeep.checkpoint(partial, keeps_log=False)
        if found := sqlite_upkeep.problems(partial):
            told = "; ".join(found)
            message = (
                f"the copy of {path} is not sound and was not kept: {told}; run syncd db check"
            )
            raise StoreError(message)
        sqlite_upkeep.publish(partial, target)
    finally:
        sqlite_upkeep.discard(partial)
    return BackedUp(
        path=target, size_bytes=sqlite_upkeep.size_bytes(target), taken_at=at, written_at=written_at
    )


async def _stamp(copy: Path, at: datetime) -> datetime | None:
    """Write into the copy when it was taken; answers when the store was last written to."""
    driver = UpkeepDriver(copy)
    try:
        if not await migrate.has_begun(driver):
            raise StoreError("that is no store of syncd: it has never had a migration")
        tx = Transaction()
        tx.add_all(backups.stamp(at))
        store = Store(driver)
        await store.commit(tx)
        try:
            (newest,) = await store.fetch(backups.newest())
        except StoreError:
            # An older store may lack a table; its copy is as good.
            return None
        return newest
    finally:
        await driver.close()

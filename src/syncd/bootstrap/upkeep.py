"""What the `db` commands do to the store: upgrade, check, measure, back up.

`bootstrap.restoration` puts a backup back. Called by `cli.local.database`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from syncd.bootstrap import opening
from syncd.config.options import StoreSection
from syncd.domain.errors import SchemaMismatch, StoreError
from syncd.domain.model.store_size import StoreSize
from syncd.domain.model.value import Value
from syncd.engine.core import journal_audit
from syncd.engine.loops import retention
from syncd.runtime import sqlite_upkeep
from syncd.runtime.sqlite_upkeep import UpkeepDriver
from syncd.store import backups, copies, migrate, sizes
from syncd.store.backups import OpenIntents
from syncd.store.unit_of_work import Store, Transaction

PARTIAL = ".partial"
"""Ends the name of a backup that is being made; what a killed one leaves keeps it."""


class Checked(Value, frozen=True, kw_only=True):
    """What a check of the store found. `problems` empty: the store is sound."""

    store: str
    """A file's path, or a database's address."""
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


async def upgrade(section: StoreSection, at: datetime) -> tuple[str, ...]:
    """Bring the store to this program's schema; the names of what was applied.

    A store that is not there is made. Raises StoreLocked while a daemon has it, SchemaMismatch,
    StoreError.
    """
    async with opening.alone(section, makes=True) as driver:
        return tuple(one.name for one in await migrate.upgrade(driver, at))


async def check(section: StoreSection) -> Checked:
    """Pages, references, migrations, journal and open writes, also while a daemon works on it.

    Pages and references of a database are its server's to keep. The journal's chain is followed
    where the schema is this program's. Raises StoreError when there is no store or it cannot be
    opened.
    """
    place = opening.place(section)
    async with opening.looking(section) as driver:
        store = Store(driver)
        found = [] if section.is_shared else list(sqlite_upkeep.problems(section.path))
        size_bytes = (
            (await store.fetch(sizes.file()))[0].bytes
            if section.is_shared
            else sqlite_upkeep.size_bytes(section.path)
        )
        try:
            missing = await migrate.pending(driver)
        except SchemaMismatch as error:
            found.append(str(error))
            return Checked(store=place, size_bytes=size_bytes, problems=tuple(found))
        if not await migrate.has_begun(driver):
            found.append(f"{place} is no store of syncd: it has never had a migration")
            return Checked(store=place, size_bytes=size_bytes, problems=tuple(found))
        (opened,) = await store.fetch(backups.open_intents())
        if not missing:
            found += await _journal_problems(store)
    return Checked(
        store=place,
        size_bytes=size_bytes,
        problems=tuple(found),
        pending=tuple(one.name for one in missing),
        open_intents=opened,
    )


async def size(section: StoreSection) -> StoreSize:
    """How large the store is; the daemon may work on it. Raises StoreError."""
    async with opening.looking(section) as driver:
        return await retention.measure(Store(driver))


async def engine(section: StoreSection) -> str:
    """Which engine keeps the store, and its version. Raises StoreError."""
    async with opening.looking(section) as driver:
        (found,) = await Store(driver).fetch(copies.server())
        return found


async def _journal_problems(store: Store) -> list[str]:
    """The first entry of the journal that does not fit into its chain."""
    fault = (await journal_audit.verify(store)).fault
    if fault is None:
        return []
    advice = "keep the store as it is, and compare it with a backup"
    return [f"journal entry {fault.seq}: {fault.text}; {advice}"]


async def back_up(path: Path, target: Path, at: datetime) -> BackedUp:
    """Copy the store as it is now into one new file, checked afterwards; the daemon may run.

    Raises StoreError: there is no store, the name is taken, no space, or the copy is not sound.
    """
    sqlite_upkeep.refuse_taken(target)
    partial = target.with_name(target.name + PARTIAL)
    sqlite_upkeep.discard(partial)
    try:
        sqlite_upkeep.copy(path, partial)
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

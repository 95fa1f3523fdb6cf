"""Puts a backup in the store's place, marked so that the daemon trusts nothing it cannot know.

A database is put back by its server's own tools, and marked here afterwards.

What is marked and why stands in `store.restores`; what the daemon does then in
`engine.sweeps.after_restore`. Speaks to nobody: no token leaves the file. Called by
`cli.local.database`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from syncd.bootstrap import opening
from syncd.config.options import StoreSection
from syncd.domain.errors import StoreError
from syncd.domain.ids import InstallationId, TenantId
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.domain.rules.decide.after_restore import MARGIN
from syncd.engine.core import journal_entries
from syncd.ports.driver import Driver
from syncd.runtime import sqlite_upkeep, store_files
from syncd.runtime.sqlite_upkeep import UpkeepDriver
from syncd.runtime.store_lock import StoreLock
from syncd.store import (
    added_tenants,
    backups,
    installation,
    journal,
    migrate,
    restores,
    tenants,
    views,
)
from syncd.store.journal import Entry
from syncd.store.restores import Marked
from syncd.store.unit_of_work import Store, Transaction
from syncd.store.views import TenantCard

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class KeptStill(Value, frozen=True, kw_only=True):
    """A tenant that was stopped, or added, in the store that was replaced, since the backup."""

    tenant: TenantId
    text: str
    """How it stands now, and why, in plain words."""


class Restored(Value, frozen=True, kw_only=True):
    """What was put in place. `kept` is the store that was replaced, None where none stood."""

    path: Path
    kept: Path | None
    size_bytes: int
    taken_at: datetime
    look_since: datetime
    applied: tuple[str, ...]
    """Migrations the backup had not had."""
    tenants: tuple[Marked, ...]
    kept_still: tuple[KeptStill, ...] = ()


class MarkedRestored(Value, frozen=True, kw_only=True):
    """What a store that somebody else has put back was marked with."""

    store: str
    """A file's path, or a database's address."""
    taken_at: datetime
    look_since: datetime
    applied: tuple[str, ...]
    """Migrations it had not had."""
    tenants: tuple[Marked, ...]


async def mark_restored(
    section: StoreSection, taken_at: datetime | None, at: datetime, configured: Sequence[TenantId]
) -> MarkedRestored:
    """Mark a store that the server's tools, or a copy of a disk, have put back, as `restore` does.

    `taken_at`: when that copy was taken; never taken for later than the newest instant stored.
    Raises StoreLocked while a daemon has the store, SchemaMismatch, StoreError.
    """
    place = opening.place(section)
    async with opening.alone(section) as driver:
        marked = await _mark(driver, place, None, at=at, configured=configured, said=taken_at)
    return MarkedRestored(
        store=place,
        taken_at=marked.taken_at,
        look_since=marked.look_since,
        applied=marked.applied,
        tenants=marked.tenants,
    )


async def restore(
    path: Path, backup: Path, at: datetime, configured: Sequence[TenantId]
) -> Restored:
    """Put `backup` in the place of the store at `path`, which is kept beside it.

    All of it is checked and marked in a copy first; until the last step nothing has changed, and
    that step is whole or not at all. What a person or a brake has stopped since the backup stays
    stopped, where the replaced store can be read. Raises StoreLocked while a daemon has the store,
    SchemaMismatch for a backup of a newer syncd, StoreError when the backup is not sound, no store
    of ours, or another installation's.
    """
    with StoreLock(path):
        fresh = path.with_name(path.name + ".restoring")
        kept = path.with_name(f"{path.name}.before-restore-{at:%Y%m%dT%H%M%SZ}")
        sqlite_upkeep.refuse_taken(kept)
        sqlite_upkeep.discard(fresh)
        try:
            sqlite_upkeep.copy(backup, fresh, owned_like=store_files.owner_of(path))
            if found := sqlite_upkeep.problems(fresh):
                message = f"{backup} is not sound and was not restored: {'; '.join(found)}"
                raise StoreError(message)
            replaced = await _standing_in(path)
            driver = UpkeepDriver(fresh)
            try:
                ours = replaced.name
                restored = await _mark(driver, backup, ours, at=at, configured=configured)
                kept_still = await _keep_still(Store(driver), replaced, at)
            finally:
                await driver.close()
            sqlite_upkeep.checkpoint(fresh)
            was_there = sqlite_upkeep.settle_log(path)
            sqlite_upkeep.replace(path, fresh, kept)
        finally:
            sqlite_upkeep.discard(fresh)
    return Restored(
        path=path,
        kept=kept if was_there else None,
        size_bytes=sqlite_upkeep.size_bytes(path),
        taken_at=restored.taken_at,
        look_since=restored.look_since,
        applied=restored.applied,
        tenants=restored.tenants,
        kept_still=kept_still,
    )


class _Prepared(Value, frozen=True, kw_only=True):
    taken_at: datetime
    look_since: datetime
    applied: tuple[str, ...]
    tenants: tuple[Marked, ...]


async def _mark(
    driver: Driver,
    backup: Path | str,
    ours: InstallationId | None,
    *,
    at: datetime,
    configured: Sequence[TenantId],
    said: datetime | None = None,
) -> _Prepared:
    """Bring the copy to our schema and mark everything in it that may have been overtaken."""
    store = Store(driver)
    if not await migrate.has_begun(driver):
        raise StoreError(f"{backup} is no backup of syncd: it has never had a migration")
    applied = await migrate.upgrade(driver, at)
    _refuse_anothers(backup, await store.fetch(installation.get()), ours)
    taken_at = await _taken_at(store, at)
    if said is not None:
        taken_at = min(taken_at, said)
    (known_at,) = await store.fetch(restores.newest_in_xero())
    # A clock of ours may have been days ahead: what is not known here changed after what is.
    look_since = max(_BEFORE_ALL, min(taken_at, at, known_at or at) - MARGIN)
    tx = Transaction()
    if ours is not None:
        tx.add(installation.ensure(ours, at))
    tx.add(tenants.ensure(sorted(configured)))
    tx.add_all(restores.mark(taken_at=taken_at, restored_at=at, look_since=look_since))
    tx.add(backups.unstamp())
    await store.commit(tx)
    marked = await store.fetch(restores.marked())
    entries = [_entry(one, taken_at, at) for one in marked]
    await store.run(journal.append(entries))
    return _Prepared(
        taken_at=taken_at,
        look_since=look_since,
        applied=tuple(one.name for one in applied),
        tenants=marked,
    )


def _entry(of: Marked, taken_at: datetime, at: datetime) -> Entry:
    """The journal ends where the backup was taken, and says so."""
    return journal_entries.note(
        of.tenant,
        at,
        (
            f"Restored from a backup taken at {taken_at.isoformat(timespec='seconds')}: what was "
            f"recorded since is in the store that was replaced; {of.invoices} invoices and "
            f"{of.customers} customers to verify"
        ),
    )


def _refuse_anothers(
    backup: Path | str, theirs: Sequence[InstallationId], ours: InstallationId | None
) -> None:
    """Our documents in Xero carry our installation's name: under another they would be strangers.

    Where the present store cannot be read any more, nobody can compare.
    """
    if ours is None or not theirs or theirs[0] == ours:
        return
    message = (
        f"{backup} is a backup of installation {theirs[0]}, the store in place is {ours}: what "
        "that one made in Xero would be strangers' documents. Name the right backup; or, if you "
        "mean it, move the store away first"
    )
    raise StoreError(message)


async def _taken_at(store: Store, at: datetime) -> datetime:
    """When the copy was made: as its stamp says, else no later than the newest instant in it."""
    stamped = await store.fetch(backups.taken_at())
    if stamped:
        return stamped[0]
    (newest,) = await store.fetch(backups.newest())
    return _BEFORE_ALL if newest is None else min(newest, at)


class _Replaced(Value, frozen=True, kw_only=True):
    """What the store in place says; nothing where there is none, or it cannot be read."""

    name: InstallationId | None = None
    cards: tuple[TenantCard, ...] = ()
    added: frozenset[TenantId] | None = None
    """Tenants that were added while the daemon ran."""


async def _standing_in(path: Path) -> _Replaced:
    """The store in place, as far as it can be read."""
    found = _Replaced()
    try:
        driver = UpkeepDriver(path, is_reader=True)
    except StoreError:
        return found
    try:
        store = Store(driver)
        found = replace(found, name=next(iter(await store.fetch(installation.get())), None))
        found = replace(found, cards=await store.fetch(views.cards()))
        found = replace(found, added=await _added(store))
    except StoreError:
        pass
    finally:
        await driver.close()
    return found


async def _added(store: Store) -> frozenset[TenantId]:
    return frozenset(one.tenant for one in await store.fetch(added_tenants.everyone()))


async def _keep_still(store: Store, replaced: _Replaced, at: datetime) -> tuple[KeptStill, ...]:
    """Stop in the restored store what was stopped in the `replaced` one, and goes in the backup.

    The backup knows no more of a pause, a halt or a removal than of anything else since: without
    this it would let loose what a person, or a brake, has stopped.
    """
    now = {card.tenant: card for card in await store.fetch(views.cards())}
    tx = Transaction()
    found = [
        KeptStill(tenant=was.tenant, text=text)
        for was in replaced.cards
        if was.tenant in now
        for text in _stopped(tx, was, now[was.tenant], at)
    ]
    served = await _added(store)
    for tenant in sorted(served - replaced.added if replaced.added is not None else ()):
        tx.add(added_tenants.forget(tenant))
        found.append(KeptStill(tenant=tenant, text="stays removed; its history is kept"))
    if found:
        entries = [journal_entries.note(one.tenant, at, f"It {one.text}") for one in found]
        tx.add(journal.append(entries))
        await store.commit(tx)
    missing = sorted((replaced.added or frozenset()) - served)
    text = "was added since the backup, and is not served: add it again"
    return (*found, *(KeptStill(tenant=tenant, text=text) for tenant in missing))


def _stopped(tx: Transaction, was: TenantCard, now: TenantCard, at: datetime) -> Iterator[str]:
    """Stop one tenant as it was; in words what does."""
    if was.mode is Mode.OBSERVE and now.mode is Mode.LIVE:
        tx.add(tenants.set_mode(was.tenant, Mode.OBSERVE))
        tx.add(tenants.set_started_by(was.tenant, None))
        yield "observes, as it did in the store that was replaced"
    if now.is_paused:
        return
    if was.is_paused:
        who = was.paused_by or journal_entries.SYNCD
        tx.add(tenants.pause(was.tenant, was.paused_at or at, who))
        yield f"stays paused, as {who} left it"
    elif was.halt is not None and now.halt is None:
        tx.add(tenants.pause(was.tenant, at, journal_entries.SYNCD))
        yield f"is paused, for a brake had halted it since the backup: {was.halt}"

"""Copies a whole store from a file into a database, or back: table by table, then compared.

Until its end the target says that it is unfinished, and no syncd starts on it. What is compared is
read anew from the target. Called by `cli.local.database`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from syncd.bootstrap import opening
from syncd.config.options import StoreSection
from syncd.domain.errors import NotStorable, StoreError
from syncd.domain.model.value import Value
from syncd.engine.core import journal_audit
from syncd.ports.driver import Driver, Row
from syncd.store import backups, copies, leases, migrate
from syncd.store.copies import CopiedTable, RowsDigest
from syncd.store.unit_of_work import Statement, Store, Transaction

FIRST_PAGE = 50
"""Rows; how long those are says how many the next page has."""
MOST_ROWS = 5_000
PAGE_BYTES = 2_000_000
_SEEDED = "journal_head"
"""A new store has one row there."""


class CopyProgress(Value, frozen=True, kw_only=True):
    """How far a copy has come in one table; `is_compared`: while it is read back."""

    table: str
    rows: int
    of: int
    is_compared: bool = False


class Copied(Value, frozen=True, kw_only=True):
    """A finished copy: rows by table, in the order they were copied, and the journal's length."""

    source: str
    target: str
    rows: tuple[tuple[str, int], ...]
    journal_entries: int


Tell = Callable[[CopyProgress], None]


async def copy(
    source: StoreSection, target: StoreSection, at: datetime, tell: Tell = lambda _: None
) -> Copied:
    """Copy one store into an empty place, compare both, and let go of the mark of the unfinished.

    Raises StoreLocked where one of them is in use, SchemaMismatch where the source is not of this
    program's schema, StoreError where the target is not empty or the copy is not what was read.
    """
    if source.is_shared == target.is_shared:
        message = (
            "expected a file and a database: of files syncd db backup makes copies, of databases "
            "the server's own tools do (pg_dump, pg_restore)"
        )
        raise StoreError(message)
    async with opening.alone(source) as origin:
        await _refuse_source(origin, source)
        async with opening.alone(target, makes=True) as new:
            copying = _Copying(Store(origin), Store(new), tell)
            await copying.prepare(new, opening.place(source), at)
            digests = await copying.rows()
            await copying.numbers()
            await copying.compare(digests)
            entries = await copying.journal()
            await opening.refuse_others(origin, opening.place(source))
            await copying.refuse_moved()
            await copying.target.run(migrate.copy_ended())
    return Copied(
        source=opening.place(source),
        target=opening.place(target),
        rows=tuple((name, digest.count) for name, digest in digests.items()),
        journal_entries=entries,
    )


async def _refuse_source(origin: Driver, source: StoreSection) -> None:
    """Only a store that a daemon of this program could start on is copied."""
    place = opening.place(source)
    if not await migrate.has_begun(origin):
        raise StoreError(f"{place} is no store of syncd: it has never had a migration")
    if missing := await migrate.pending(origin):
        message = (
            f"the store {place} is of an older version, it lacks {missing[0].name}: run syncd db "
            "upgrade on it first"
        )
        raise StoreError(message)
    if await Store(origin).fetch(backups.taken_at()):
        message = (
            f"{place} is a backup: put it in the place of a store first (syncd db restore), which "
            "marks what may have been overtaken since"
        )
        raise StoreError(message)


class _Copying:
    """One copy on its way."""

    def __init__(self, source: Store, target: Store, tell: Tell) -> None:
        self.target = target
        self._source = source
        self._tell = tell
        self._tables: tuple[CopiedTable, ...] = ()
        self._greatest: dict[str, int] = {}
        self._keeps_no_nul = False

    async def prepare(self, new: Driver, source: str, at: datetime) -> None:
        """Make the target's tables, mark it as unfinished, and empty it. Raises StoreError."""
        self._keeps_no_nul = new.dialect == "postgresql"
        was_begun = await migrate.is_unfinished_copy(new)
        if not was_begun and await migrate.has_begun(new):
            # Before anything is changed: its own daemon may be an older one.
            await self._refuse_full()
        await migrate.upgrade(new, at, within_copy=was_begun)
        self._tables = await self._tables_of(self.target)
        if self._tables != await self._tables_of(self._source):
            raise StoreError("both stores have other tables: this is a fault of syncd; tell us")
        tx = Transaction()
        tx.add_all(migrate.copy_begins(source, at))
        await self.target.commit(tx)
        for table in reversed(self._tables):
            await self.target.run(copies.clear(table))
        (self._lease,) = await self._source.fetch(leases.look())

    async def rows(self) -> dict[str, RowsDigest]:
        """Copy every table; what was read of each."""
        found = {}
        for table in self._tables:
            # What a trigger has counted into it meanwhile is copied over.
            await self.target.run(copies.clear(table))
            found[table.name] = await self._copied(table)
        return found

    async def numbers(self) -> None:
        """Have the target number new rows after all that the source has ever numbered."""
        given = {one.table: one.number for one in await self._source.fetch(copies.numbers())}
        go_on = {
            one.table: max(given.get(one.table, 0), self._greatest.get(one.table, 0))
            for one in await self.target.fetch(copies.numbers())
        }
        await self.target.run(copies.go_on_after(go_on))

    async def compare(self, digests: dict[str, RowsDigest]) -> None:
        """Read the target back, and hold it against what was read. Raises StoreError."""
        for table in self._tables:
            read, kept = digests[table.name], RowsDigest()
            after: Row | None = None
            limit = FIRST_PAGE
            while found := await self.target.fetch(copies.page(table, after, limit=limit)):
                kept.add(found)
                after = table.key_of(found[-1])
                limit = _next_limit(found)
                self._say(table, kept.count, read.count, is_compared=True)
            if (kept.count, kept.digest) != (read.count, read.digest):
                message = (
                    f"the copy of {table.name} is not what was read: {read.count} rows were read, "
                    f"{kept.count} stand in the copy, and their digests differ; the copy stays "
                    "unfinished, make it anew"
                )
                raise StoreError(message)

    async def journal(self) -> int:
        """Follow the copied journal's chain; its length. Raises StoreError."""
        checked = await journal_audit.verify(self.target)
        if checked.fault is not None:
            message = (
                f"journal entry {checked.fault.seq}: {checked.fault.text}; the source has the same "
                "fault (syncd db check), and the copy stays unfinished"
            )
            raise StoreError(message)
        return checked.entries

    async def refuse_moved(self) -> None:
        """Somebody may have worked with a database and gone, while it was copied."""
        (lease,) = await self._source.fetch(leases.look())
        if lease != self._lease:
            message = (
                "a replica worked with the source while it was copied; the copy stays unfinished: "
                "stop every replica, and make it anew"
            )
            raise StoreError(message)

    async def _tables_of(self, store: Store) -> tuple[CopiedTable, ...]:
        found = await store.fetch(copies.columns())
        return copies.in_order(found, await store.fetch(copies.parents()))

    async def _refuse_full(self) -> None:
        for table in await self._tables_of(self.target):
            is_new = table.name == _SEEDED
            if not is_new and await self.target.fetch(copies.some(table)):
                message = (
                    f"the target is not empty, it has rows in {table.name}: expected an empty "
                    "database, or a file that is not there; name another one"
                )
                raise StoreError(message)

    async def _copied(self, table: CopiedTable) -> RowsDigest:
        (of,) = await self._source.fetch(copies.count(table))
        read = RowsDigest()
        after: Row | None = None
        limit = FIRST_PAGE
        while found := await self._source.fetch(copies.page(table, after, limit=limit)):
            kept = tuple(map(_without_nul, found)) if self._keeps_no_nul else found
            await self._put(table, copies.put(table, kept))
            read.add(kept)
            after = table.key_of(found[-1])
            limit = _next_limit(found)
            self._say(table, read.count, of)
        if after is not None and len(after) == 1 and isinstance(after[0], int):
            self._greatest[table.name] = after[0]
        return read

    async def _put(self, table: CopiedTable, rows: Statement[None]) -> None:
        try:
            await self.target.run(rows)
        except NotStorable as error:
            message = (
                f"a row of {table.name} cannot be kept by the target: {error}; the copy stays "
                "unfinished"
            )
            raise NotStorable(message) from error

    def _say(self, table: CopiedTable, rows: int, of: int, *, is_compared: bool = False) -> None:
        self._tell(CopyProgress(table=table.name, rows=rows, of=of, is_compared=is_compared))


def _without_nul(row: Row) -> Row:
    """As PostgreSQL keeps a text, and its driver writes one."""
    return tuple(one.replace("\0", "\ufffd") if isinstance(one, str) else one for one in row)


def _next_limit(found: tuple[Row, ...]) -> int:
    """So many rows as are about `PAGE_BYTES` long, going by the last page."""
    length = sum(
        len(value) if isinstance(value, str | bytes) else 8 for row in found for value in row
    )
    return max(1, min(MOST_ROWS, PAGE_BYTES * len(found) // max(length, 1)))

"""Migrations: forward only, each in one transaction, checked against what was applied before.

Files are `migrations/NNNN_name.sql`, those of PostgreSQL in a folder there. A statement
ends with a line that ends in `;`, a trigger of SQLite and a function's body with the line `END;`, a
quoted body with `$$;`. Called by `bootstrap` at start and by `syncd db upgrade / check`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from syncd.domain.errors import Conflict, SchemaMismatch
from syncd.domain.model.value import Value
from syncd.ports.driver import Dialect, Driver
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, Store, Transaction, ask, tell

_QUERIES = sql.load("migrate")
_FOLDERS: dict[Dialect, str] = {
    "sqlite": "syncd.store.migrations",
    "postgresql": "syncd.store.migrations.postgresql",
}
_OF_A_COPY = 0
"""No migration has this number: under it stands that a copy into the store has not ended."""
_STATEMENT = re.compile(
    r"(?:CREATE FUNCTION|DO)\b[^;]*?\$\$$.*?^\$\$;$"
    r"|CREATE (?:TRIGGER|FUNCTION)\b[^;]*?\bBEGIN\b.*?^END;$|\S.*?(?:;$|\Z)",
    flags=re.DOTALL | re.MULTILINE,
)


class Migration(Value, frozen=True, kw_only=True):
    """One file of `migrations/`, or of PostgreSQL's folder there."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Of the text, so that a file edited after its release is noticed."""
        return _checksum(self.text)

    def statements(self) -> tuple[str, ...]:
        """The statements in their order, without comment lines."""
        lines = [line for line in self.text.splitlines() if not line.lstrip().startswith("--")]
        return tuple(
            found[0].strip().removesuffix(";") for found in _STATEMENT.finditer("\n".join(lines))
        )


@cache
def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class AppliedMigration(Value, frozen=True, kw_only=True):
    """One migration the store has had."""

    version: int
    name: str
    checksum: str


@cache
def known(dialect: Dialect = "sqlite") -> tuple[Migration, ...]:
    """The migrations this program brings for an engine, in their order."""
    folder = files(_FOLDERS[dialect])
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(
        Migration(
            version=int(name.split("_", 1)[0]),
            name=name.removesuffix(".sql"),
            text=folder.joinpath(name).read_text("utf-8"),
        )
        for name in found
    )


def lacking() -> Statement[str]:
    """What right a database's role lacks to keep a store there, in a sentence; none of a file."""
    return ask(_QUERIES["lacking"], decode=rows.decoder(str))


async def has_begun(driver: Driver) -> bool:
    """Whether a database is a store of ours, of whatever age."""
    return bool(await Store(driver).fetch(ask(_QUERIES["has_table"], decode=_int)))


async def is_unfinished_copy(driver: Driver) -> bool:
    """Whether a copy into this store was begun and has not come to its end."""
    if not await has_begun(driver):
        return False
    applied = await Store(driver).fetch(ask(_QUERIES["applied"], decode=_applied))
    return any(had.version == _OF_A_COPY for had in applied)


def copy_begins(source: str, at: datetime) -> tuple[Statement[None], ...]:
    """From here on the store is refused by every syncd, until `copy_ended`."""
    row = (_OF_A_COPY, f"copy of {source}", "", rows.to_ms(at))
    return (copy_ended(), tell(_QUERIES["record"], [row]))


def copy_ended() -> Statement[None]:
    """The store is whole."""
    return tell(_QUERIES["forget"], [(_OF_A_COPY,)])


async def pending(
    driver: Driver, migrations: Sequence[Migration] | None = None, *, within_copy: bool = False
) -> tuple[Migration, ...]:
    """What the store still has to be given; changes nothing. Raises SchemaMismatch.

    `within_copy`: also of one that a copy has not finished.
    """
    ours = known(driver.dialect) if migrations is None else tuple(migrations)
    store = Store(driver)
    if not await has_begun(driver):
        await _refuse_anothers(store)
        return ours
    applied = await store.fetch(ask(_QUERIES["applied"], decode=_applied))
    if within_copy:
        applied = tuple(had for had in applied if had.version != _OF_A_COPY)
    by_version = {migration.version: migration for migration in ours}
    for had in applied:
        _check(had, by_version.get(had.version), newest=max(by_version, default=0))
    done = {had.version for had in applied}
    return tuple(migration for migration in ours if migration.version not in done)


async def upgrade(
    driver: Driver,
    at: datetime,
    migrations: Sequence[Migration] | None = None,
    *,
    until: int | None = None,
    within_copy: bool = False,
) -> tuple[Migration, ...]:
    """Apply what is pending, one transaction each; what was applied here. Raises SchemaMismatch.

    Of several processes that start with one store, each migration is applied by one. None above
    `until` is applied here; another process may have.
    """
    store = Store(driver)
    if await pending(driver, migrations, within_copy=within_copy):
        if not await store.fetch(ask(_QUERIES["has_schema"], decode=_int)):
            await store.run(tell(_QUERIES["make_schema"]))
        await store.run(tell(_QUERIES["make_table"]))
    applied: list[Migration] = []
    while missing := await pending(driver, migrations, within_copy=within_copy):
        if until is not None and missing[0].version > until:
            break
        try:
            await store.commit(_applying(missing[0], at))
        except Conflict:
            # Another process starts with this store and was there first; or the rows are in the
            # way, and then it is pending still.
            if missing[0] in await pending(driver, migrations, within_copy=within_copy):
                raise
        else:
            applied.append(missing[0])
    return tuple(applied)


async def _refuse_anothers(store: Store) -> None:
    """Where another program keeps its tables no store is made: nobody asked it."""
    for table in await store.fetch(ask(_QUERIES["anothers"], decode=rows.decoder(str))):
        message = (
            f"what is there is a database of another program, with a table {table}, and no store "
            "of syncd: name another file or database"
        )
        raise SchemaMismatch(message)


def _applying(migration: Migration, at: datetime) -> Transaction:
    tx = Transaction()
    # First of all: its number is taken by one process alone.
    tx.add(_record(migration, at))
    for number, text in enumerate(migration.statements(), start=1):
        tx.add(tell(sql.Query(name=f"{migration.name}#{number}", text=text)))
    return tx


def _record(migration: Migration, at: datetime) -> Statement[None]:
    row = (migration.version, migration.name, migration.checksum, rows.to_ms(at))
    return tell(_QUERIES["record"], [row])


def _check(had: AppliedMigration, ours: Migration | None, *, newest: int) -> None:
    if had.version == _OF_A_COPY:
        message = (
            f"the store is an unfinished {had.name}: syncd db copy was interrupted before its end; "
            "make the copy anew, and start nothing on it before"
        )
        raise SchemaMismatch(message)
    if ours is None:
        message = (
            f"the store has migration {had.name}, this program knows none above {newest}: it was "
            "written by a newer syncd; start that version, or restore a backup made before it"
        )
        raise SchemaMismatch(message)
    if had.checksum != ours.checksum:
        message = (
            f"migration {had.name} was applied with checksum {had.checksum}, this program brings "
            f"{ours.checksum}: a released migration was edited; install an unaltered syncd"
        )
        raise SchemaMismatch(message)


_applied = rows.decoder(AppliedMigration)
_int = rows.decoder(int)

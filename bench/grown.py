"""A store made large: what stands settled is copied under other ids until so many invoices stand.

Used by `bench/console.py` and `bench/full_store.py` while no daemon works with the store. The
statements are one for both engines but for the expressions of `_FORMS`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from tests.support.postgresql import Cluster

COPIED = ("desired", "jobs", "links", "results", "sights")
BATCH = 5_000
_KEYS = """SELECT jobs.key FROM jobs JOIN links ON links.tenant_id = jobs.tenant_id
 AND links.kind = 'invoice' AND links.key = jobs.key
 WHERE jobs.kind = 'push_invoice' AND jobs.state = 'done' AND jobs.is_voided = 0
 AND jobs.tenant_id = 1 ORDER BY jobs.key"""
_STANDING = "SELECT count(*) FROM desired WHERE kind = 'invoice' AND tenant_id = 1"
_HEX = "lpad(to_hex(copies.at), {}, '0')"
_FORMS = {
    "sqlite": {
        "key": "printf('%08x-0000-4000-8000-%012x', copies.at, copies.at)",
        "xero_id": "printf('%08x-1111-4000-8000-%012x', copies.at, copies.at)",
        "label": "printf('COPY-%06d', copies.at)",
    },
    "postgresql": {
        "key": f"{_HEX.format(8)} || '-0000-4000-8000-' || {_HEX.format(12)}",
        "xero_id": f"{_HEX.format(8)} || '-1111-4000-8000-' || {_HEX.format(12)}",
        "label": "'COPY-' || lpad(copies.at::text, greatest(6, length(copies.at::text)), '0')",
    },
}


class Grown(Protocol):
    """A store that is open for growing."""

    def answer(self, statement: str) -> list[str]:
        """The first column of what a statement answers."""
        ...

    def columns(self, table: str) -> list[str]:
        """The columns of a table that can be written: none that is derived."""
        ...

    def copy(self, keys: Sequence[str], first: int, last: int, statements: Iterable[str]) -> None:
        """Run statements over the table `copies`: for each number from `first` on a source."""
        ...


def grow(store: Grown, dialect: str, invoices: int) -> None:
    """Copy until so many invoices of the first tenant stand."""
    keys, standing = store.answer(_KEYS), int(store.answer(_STANDING)[0])
    statements = [_copying(table, store.columns(table), _FORMS[dialect]) for table in COPIED]
    missing = max(0, invoices - standing)
    for first in range(0, missing, BATCH):
        store.copy(keys, first, min(first + BATCH, missing), statements)


def _copying(table: str, columns: Sequence[str], forms: dict[str, str]) -> str:
    """CROSS JOIN keeps the few copies in front of a table that grows."""
    new = {
        **forms,
        "xero_number": forms["label"],
        "changed_at": "one.changed_at - copies.at",
    }
    taken = ", ".join(new.get(name, f"one.{name}") for name in columns)
    kind = {"jobs": " AND one.kind = 'push_invoice'", "sights": ""}.get(
        table, " AND one.kind = 'invoice'"
    )
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM copies"  # noqa: S608 - names of our own schema
        f" CROSS JOIN {table} AS one WHERE one.tenant_id = 1 AND one.key = copies.source{kind}"
    )


class GrownFile:
    """A store in a file."""

    def __init__(self, store: sqlite3.Connection) -> None:
        self._store = store
        store.execute("PRAGMA synchronous = OFF")
        store.execute("CREATE TEMP TABLE copies (source TEXT, at INTEGER)")

    def answer(self, statement: str) -> list[str]:
        """See `Grown`."""
        return [str(row[0]) for row in self._store.execute(statement)]

    def columns(self, table: str) -> list[str]:
        """See `Grown`."""
        rows = self._store.execute(f"PRAGMA table_xinfo({table})")
        return [str(row[1]) for row in rows if row[6] == 0]

    def copy(self, keys: Sequence[str], first: int, last: int, statements: Iterable[str]) -> None:
        """See `Grown`."""
        self._store.execute("DELETE FROM copies")
        self._store.executemany(
            "INSERT INTO copies VALUES (?, ?)",
            [(keys[at % len(keys)], at) for at in range(first, last)],
        )
        for statement in statements:
            self._store.execute(statement)
        self._store.commit()


class GrownDatabase:
    """A store in a database, by its superuser. Jobs are counted at the end, not one by one."""

    def __init__(self, server: Cluster, database: str) -> None:
        self._server, self._database = server, database

    def answer(self, statement: str) -> list[str]:
        """See `Grown`."""
        return self._run(statement).splitlines()

    def columns(self, table: str) -> list[str]:
        """See `Grown`."""
        return self.answer(
            f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass"  # noqa: S608 - as above
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
        )

    def copy(self, keys: Sequence[str], first: int, last: int, statements: Iterable[str]) -> None:
        """See `Grown`."""
        listed = ", ".join(f"'{key}'" for key in keys)
        source = f"(ARRAY[{listed}])[1 + at % {len(keys)}]"
        self._run(
            f"CREATE TEMP TABLE copies AS SELECT {source} AS source, at"  # noqa: S608 - as above
            f" FROM generate_series({first}, {last - 1}) AS numbers (at)",
            "ALTER TABLE jobs DISABLE TRIGGER jobs_insert",
            *statements,
            "ALTER TABLE jobs ENABLE TRIGGER jobs_insert",
            f"UPDATE job_totals SET jobs = jobs + {last - first}"  # noqa: S608 - as above
            " WHERE tenant_id = 1 AND kind = 'push_invoice'",
        )

    def _run(self, *statements: str) -> str:
        path = "SET search_path = syncd"
        return self._server.sql(path, *statements, database=self._database)


def grow_file(file: Path, invoices: int) -> None:
    """Grow a store of SQLite."""
    with closing(sqlite3.connect(file)) as store:
        grow(GrownFile(store), "sqlite", invoices)


def grow_database(server: Cluster, database: str, invoices: int) -> None:
    """Grow a store of PostgreSQL, and have it looked at as its autovacuum would."""
    grow(GrownDatabase(server, database), "postgresql", invoices)
    server.sql("VACUUM (ANALYZE)", "CHECKPOINT", database=database)

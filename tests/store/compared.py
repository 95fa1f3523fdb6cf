"""A driver that runs whatever it is asked on SQLite and on PostgreSQL, and holds them together.

The answers are PostgreSQL's. Rows come in any order where the statement names none, and a
statement that changes rows and answers them names none in either engine. What each engine draws
for itself is drawn alike by `ALIKE`: PostgreSQL's own ids rise too, and leave out those of rows
that were refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncd.domain.errors import StoreError
from syncd.ports.driver import Answers, BoundStatement, Dialect, Driver, Row

_ORDERED = re.compile(r"\AWITH\b.*\bORDER BY\b|\ASELECT\b.*\bORDER BY\b", re.DOTALL)
# What differs by nature.
_OF_ONE_ENGINE = {"sizes.file"}
# By an instant that several rows may have.
_PARTLY_ORDERED = {"results.due", "results.queued", "findings.closed"}
_TABLES = """SELECT name FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'"""
_COLUMNS = """SELECT name FROM pragma_table_xinfo(?1)
WHERE ?1 || '.' || name NOT IN ('releases.seq', 'jobs.claimed_release')"""
ALIKE = (
    # As the simulation's driver draws them on SQLite, so that digests are the same.
    "CREATE SEQUENCE salts MINVALUE 0",
    """CREATE OR REPLACE FUNCTION fresh_salt() RETURNS BYTEA LANGUAGE sql
RETURN int8send(0) || int8send(nextval('salts'))""",
    """CREATE FUNCTION next_id(REGCLASS) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    found BIGINT;
BEGIN
    EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM %s', $1) INTO found;
    RETURN found;
END
$$""",
    """DO $$
DECLARE
    one RECORD;
BEGIN
    FOR one IN
        SELECT attrelid::REGCLASS AS name FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE relnamespace = 'syncd'::REGNAMESPACE AND attname = 'id' AND attidentity <> ''
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER id DROP IDENTITY', one.name);
        EXECUTE format('ALTER TABLE %s ALTER id SET DEFAULT next_id(%L)', one.name, one.name);
    END LOOP;
END
$$""",
)


class ComparedDriver:
    """PostgreSQL's driver, with SQLite's as its witness."""

    def __init__(self, postgresql: Driver, sqlite: Driver) -> None:
        self._postgresql = postgresql
        self._sqlite = sqlite

    @property
    def dialect(self) -> Dialect:
        return "postgresql"

    @property
    def has_reserve(self) -> bool:
        return self._postgresql.has_reserve

    @property
    def log_bytes(self) -> int:
        return self._postgresql.log_bytes

    async def write(self, statements: Sequence[BoundStatement]) -> Answers:
        expected = await _end(self._sqlite.write(statements))
        return _compared(statements, await _end(self._postgresql.write(statements)), expected)

    async def read(self, statements: Sequence[BoundStatement]) -> Answers:
        expected = await _end(self._sqlite.read(statements))
        return _compared(statements, await _end(self._postgresql.read(statements)), expected)

    async def compare_rows(self) -> None:
        """Every row of every table, but for releases' numbers: refused ones have some."""
        (names,) = await self._sqlite.read([BoundStatement(name="tables", sql=_TABLES)])
        for (name,) in names:
            columns = await self._sqlite.read(
                [BoundStatement(name="columns", sql=_COLUMNS, rows=((name,),))]
            )
            listed = ", ".join(str(column) for (column,) in columns[0])
            text = f"SELECT {listed} FROM {name}"  # noqa: S608  (names of the schema)
            asked = [BoundStatement(name=f"all {name}", sql=text)]
            _compared(asked, await self._postgresql.read(asked), await self._sqlite.read(asked))

    async def close(self) -> None:
        await self._postgresql.close()
        await self._sqlite.close()


async def _end(work: object) -> Answers | StoreError:
    try:
        return await work  # type: ignore[misc, no-any-return]  (a driver's coroutine)
    except StoreError as error:
        return error


def _compared(
    statements: Sequence[BoundStatement],
    found: Answers | StoreError,
    expected: Answers | StoreError,
) -> Answers:
    if isinstance(found, StoreError) or isinstance(expected, StoreError):
        assert type(found) is type(expected), (found, expected)
        assert isinstance(found, StoreError)
        raise found
    for statement, ours, theirs in zip(statements, found, expected, strict=True):
        if statement.name not in _OF_ONE_ENGINE:
            is_ordered = statement.name not in _PARTLY_ORDERED and bool(
                _ORDERED.match(statement.sql)
            )
            pair = (ours, theirs) if is_ordered else (_sorted(ours), _sorted(theirs))
            assert pair[0] == pair[1], statement.name
    return found


def _sorted(rows: tuple[Row, ...]) -> list[Row]:
    return sorted(rows, key=repr)

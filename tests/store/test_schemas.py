"""Both engines have the same tables: columns, what may be missing, keys and indexes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.support.postgresql import Cluster

TYPES = {"INTEGER": "bigint", "TEXT": 'text COLLATE "C"', "BLOB": "bytea"}
SELDOM_WRITTEN = {"brakes", "connections", "long_works", "sweeps"}
COLUMNS = """
SELECT
    relname, attname,
    format_type(atttypid, atttypmod)
    || CASE WHEN collname IS NULL THEN '' ELSE format(' COLLATE %I', collname) END,
    attnotnull, attgenerated <> ''
FROM pg_attribute
JOIN pg_class ON attrelid = pg_class.oid
LEFT JOIN pg_collation ON attcollation = pg_collation.oid
WHERE relnamespace = 'syncd'::REGNAMESPACE AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    AND relname <> 'migrations'
ORDER BY relname, attnum
"""
CONSTRAINTS = """
SELECT conrelid::REGCLASS::TEXT, contype::TEXT, pg_get_constraintdef(oid, true) FROM pg_constraint
WHERE connamespace = 'syncd'::REGNAMESPACE AND conrelid <> 0 AND contype IN ('f', 'c')
    AND conrelid <> 'syncd.migrations'::REGCLASS
"""
INDEXES = """
SELECT
    relname, indrelid::REGCLASS::TEXT, indisunique,
    array(SELECT pg_get_indexdef(indexrelid, n, true) FROM generate_series(1, indnatts) AS n),
    coalesce(pg_get_expr(indpred, indrelid, true), ''), conname IS NOT NULL
FROM pg_index
JOIN pg_class ON indexrelid = pg_class.oid
LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p', 'u')
WHERE relnamespace = 'syncd'::REGNAMESPACE AND indrelid <> 'syncd.migrations'::REGCLASS
"""


@pytest.fixture
def file(migrated_file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{migrated_file}?mode=ro", uri=True)) as connection:
        yield connection


async def asked(url: str, question: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url, server_settings={"search_path": "syncd"})
    try:
        return [tuple(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


def tables(file: sqlite3.Connection) -> list[str]:
    found = file.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name <> 'migrations' ORDER BY name"
    )
    return [name for (name,) in found]


def test_no_table_written_for_each_document_checks_a_list(file: sqlite3.Connection) -> None:
    """Of a list of three or more SQLite makes a table each time a row is written: 2 us each."""
    lists = re.compile(r"\bIN \('[^']*'(?:, '[^']*'){2,}\)")
    texts = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")

    assert {name for name, text in texts if lists.search(text)} == SELDOM_WRITTEN


async def test_tables_have_the_same_columns(file: sqlite3.Connection, migrated_url: str) -> None:
    expected = [
        (table, name, TYPES[kind], bool(not_null or key), hidden == 2)
        for table in tables(file)
        for _, name, kind, not_null, _, key, hidden in file.execute(
            "SELECT * FROM pragma_table_xinfo(?)", (table,)
        )
    ]

    assert await asked(migrated_url, COLUMNS) == expected


async def test_tables_refer_to_the_same_rows(file: sqlite3.Connection, migrated_url: str) -> None:
    expected = []
    for table in tables(file):
        keys: dict[int, tuple[str, list[str], list[str]]] = {}
        for number, _, to, ours, theirs, *_ in file.execute(
            "SELECT * FROM pragma_foreign_key_list(?)", (table,)
        ):
            _, froms, tos = keys.setdefault(number, (to, [], []))
            froms.append(ours)
            tos.append(theirs)
        expected += [
            (table, "f", f"FOREIGN KEY ({', '.join(froms)}) REFERENCES {to}({', '.join(tos)})")
            for to, froms, tos in keys.values()
        ]

    found = await asked(migrated_url, CONSTRAINTS)

    assert sorted(each for each in found if each[1] == "f") == sorted(expected)


async def test_tables_refuse_the_same_rows(file: sqlite3.Connection, migrated_url: str) -> None:
    """As many checks a table; what each refuses is shown by the tests of the rooms."""
    expected = {
        name: len(re.findall(r"\bCHECK\b", sql))
        for name, sql in file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if name in tables(file)
    }
    found = dict.fromkeys(expected, 0)
    for table, kind, _ in await asked(migrated_url, CONSTRAINTS):
        found[table] += kind == "c"

    assert found == expected


async def test_rows_are_found_by_the_same_indexes(
    file: sqlite3.Connection, migrated_url: str
) -> None:
    texts = dict(file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
    expected = set()
    for table in tables(file):
        columns = file.execute("SELECT * FROM pragma_table_xinfo(?)", (table,)).fetchall()
        keys = [(name, kind) for _, name, kind, _, _, key, _ in columns if key]
        if len(keys) == 1 and keys[0][1] == "INTEGER":  # a row's own number, without an index
            expected.add(("", table, True, (keys[0][0],), ""))
        for _, name, unique, origin, _ in file.execute(
            "SELECT * FROM pragma_index_list(?)", (table,)
        ):
            named = tuple(
                column
                for (column,) in file.execute("SELECT name FROM pragma_index_info(?)", (name,))
            )
            _, _, where = (texts.get(name) or "").partition("WHERE ")
            shown = name if origin == "c" else ""
            expected.add((shown, table, bool(unique), named, _plain(where)))

    found = {
        ("" if of_constraint else name, table, unique, _columns(columns), _plain(where))
        for name, table, unique, columns, where, of_constraint in await asked(migrated_url, INDEXES)
    }

    assert found == expected


def _columns(texts: list[str]) -> tuple[str, ...]:
    return tuple(text.removesuffix(" NULLS FIRST") for text in texts)


def _plain(condition: str) -> str:
    """A condition without what PostgreSQL adds to it: casts, brackets, its form of a list."""
    text = re.sub(r"::text(\[\])?", "", condition)
    text = re.sub(r"= ANY \(ARRAY\[(.*?)\]\)", r"IN (\1)", text)
    return re.sub(r"[()]", "", text).strip()


async def test_schema_that_was_dumped_can_be_made_again(
    postgresql: Cluster, migrated_url: str
) -> None:
    """By the server's own tools, as backups are made and put back."""
    dumped = postgresql.dump(migrated_url.partition("@/")[2].partition("?")[0])
    with postgresql.database() as again:
        postgresql.sql("DROP SCHEMA IF EXISTS syncd CASCADE", database=again)
        postgresql.load(again, dumped)

        twice = postgresql.dump(again)

    def definitions(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith(("--", "\\"))]

    assert definitions(twice) == definitions(dumped)

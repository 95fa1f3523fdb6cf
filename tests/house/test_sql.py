"""SQL stands in daylight: named, explicit, strict, and without a float near money."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.support.source import SRC, name_of, rooms

QUERIES = tuple(sorted((SRC / "store" / "queries").glob("*.sql")))
MIGRATIONS = tuple(sorted((SRC / "store" / "migrations").glob("*.sql")))
POSTGRESQL_MIGRATIONS = tuple(sorted((SRC / "store" / "migrations" / "postgresql").glob("*.sql")))
GROUND = 30
"""PostgreSQL's first migration: it makes what SQLite has after the one of that number."""
STATEMENT = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE)\b", re.IGNORECASE)
NAMED = re.compile(r"^-- name: ([a-z]\w*)$")
POSTGRESQL = "-- postgresql:\n"
WRITTEN_TWICE = {
    *("migrate.anothers", "migrate.has_schema", "migrate.has_table", "migrate.lacking"),
    "migrate.make_schema",
    *(f"copies.{name}" for name in ("columns", "parents", "numbers", "go_on_after")),
    *("copies.others", "copies.server", "sizes.file", "installation.touch"),
}
"""Statements with a text for each engine. Their reasons stand below `-- postgresql:`."""


def without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


def tables(path: Path) -> list[tuple[str, str]]:
    """Each CREATE TABLE of a migration: its name, and the options after its last bracket."""
    pattern = r"CREATE TABLE(?: IF NOT EXISTS)? (\w+)\s*\(.*?\n\)([^;]*);"
    return re.findall(pattern, without_comments(path.read_text("utf-8")), flags=re.DOTALL)


def statements(path: Path) -> list[tuple[str, str]]:
    """Each statement with the name it stands under; "" for one without."""
    found: list[tuple[str, str]] = []
    name = ""
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if named := NAMED.match(line):
            name = named[1]
            found.append((name, ""))
        elif found:
            found[-1] = (name, found[-1][1] + line)
        elif STATEMENT.match(line):
            found.append(("", line))
    return found


@pytest.mark.parametrize("path", MIGRATIONS, ids=name_of)
def test_migration_names_its_place_and_makes_strict_tables(path: Path) -> None:
    assert re.fullmatch(r"\d{4}_[a-z_]+\.sql", path.name)
    assert [name for name, options in tables(path) if "STRICT" not in options] == []


def test_migrations_count_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_migrations_have_the_same_numbers_on_both_engines() -> None:
    """Whether they make the same of it: tests/store/test_schemas.py."""
    numbers = [int(path.name[:4]) for path in MIGRATIONS]

    assert [int(path.name[:4]) for path in POSTGRESQL_MIGRATIONS] == numbers[GROUND - 1 :]


@pytest.mark.parametrize("path", POSTGRESQL_MIGRATIONS, ids=name_of)
def test_migration_for_postgresql_keeps_texts_in_the_order_of_their_bytes(path: Path) -> None:
    assert re.fullmatch(r"\d{4}_[a-z_]+\.sql", path.name)
    columns = re.findall(
        r"^ {4}\w+ TEXT\b.*", without_comments(path.read_text("utf-8")), re.MULTILINE
    )

    assert [column for column in columns if 'TEXT COLLATE "C"' not in column] == []


@pytest.mark.parametrize("path", [*MIGRATIONS, *POSTGRESQL_MIGRATIONS, *QUERIES], ids=name_of)
def test_sql_keeps_no_float(path: Path) -> None:
    """REAL rounds: money is exact text or a scaled integer, an instant is an integer."""
    found = re.findall(
        r"\b(REAL|FLOAT|DOUBLE)\b", without_comments(path.read_text("utf-8")), re.IGNORECASE
    )

    assert found == []


@pytest.mark.parametrize("path", QUERIES, ids=name_of)
def test_query_names_its_columns(path: Path) -> None:
    found = re.findall(
        r"SELECT\s+(?:\w+\.)?\*", without_comments(path.read_text("utf-8")), re.IGNORECASE
    )

    assert found == []


@pytest.mark.parametrize("path", QUERIES, ids=name_of)
def test_query_has_one_name_and_one_statement(path: Path) -> None:
    found = statements(path)
    names = [name for name, _ in found]

    assert "" not in names
    assert len(set(names)) == len(names)
    for name, text in found:
        variants = [without_comments(variant).strip() for variant in text.split(POSTGRESQL)]
        assert [variant.count(";") for variant in variants] in ([1], [1, 1]), name
        assert all(variant.endswith(";") for variant in variants), name


def test_statement_written_twice_says_why() -> None:
    """Both engines run one text where they can; the driver knows what only SQLite is told."""
    variants = {
        f"{path.stem}.{name}": text.partition(POSTGRESQL)[2].partition("\n")[0]
        for path in QUERIES
        for name, text in statements(path)
        if POSTGRESQL in text
    }

    assert set(variants) == WRITTEN_TWICE
    assert [name for name, reason in variants.items() if not reason.startswith("-- ")] == []


@pytest.mark.parametrize("path", QUERIES, ids=name_of)
def test_query_is_asked_by_a_room(path: Path) -> None:
    """A statement nobody names is dead SQL."""
    named = "\n".join(room.read_text("utf-8") for room in rooms() if "store" in room.parts)

    assert [name for name, _ in statements(path) if f'"{name}"' not in named] == []


@pytest.mark.parametrize("path", QUERIES, ids=name_of)
def test_query_never_reads_the_clock_or_rolls_dice(path: Path) -> None:
    """Both come in as bound values, or one seed could not drive the daemon."""
    text = without_comments(path.read_text("utf-8"))

    assert (
        re.findall(
            r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|random\(|now\(|unixepoch\()", text, re.IGNORECASE
        )
        == []
    )


JUDGES = ("src/syncd/lab/watch/store_reader.py",)
"""A judge who asked through the daemon's own statements would believe the daemon's mistakes."""


def test_sql_stands_in_sql_files_only() -> None:
    """A Python room of the daemon holds no statement; pragmas of a driver aside."""
    written = re.compile(r"[\"'](?:SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM) ")
    found = [
        name_of(room)
        for room in rooms()
        if name_of(room) not in JUDGES and written.search(room.read_text("utf-8"))
    ]

    assert found == []

"""Every statement of the store compiles, is used, and finds its rows by an index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from syncd.domain.rules.journal import hash_chain
from syncd.runtime.sqlite_placeholders import prepared
from syncd.store import sql

ROOMS = sorted(
    entry.name.removesuffix(".sql")
    for entry in files("syncd.store.queries").iterdir()
    if entry.name.endswith(".sql")
)
STATEMENTS = [
    pytest.param(query, id=query.name) for room in ROOMS for query in sql.load(room).values()
]
# Short tables, read whole: tenants, their connections, applied migrations, the one installation,
# the journal's one head, halts by tenant.
SHORT = {
    *("tenants", "connections", "migrations", "installation", "settings", "consents"),
    *("backup_stamp", "restored", "restore_looks", "journal_head", "brakes", "feeds"),
}
# As long as the batches in flight.
SHORT_INDEX = ("jobs_leased", "intents_one_open", "calls_open")
# Of old rows, in their time; when somebody sets the clock; when an operator asks; while a backup is
# put back, before any daemon.
WHOLE_TABLE = {
    *(f"pending.move_{table}" for table in ("jobs_ready_at", "jobs_first_wanted_at")),
    *(f"pending.move_{table}" for table in ("results_ready_at", "findings", "sights_read_at")),
    *(f"pending.move_{table}" for table in ("links_seen_at", "links_based_at")),
    *(f"pending.move_{table}" for table in ("brake_documents_at", "sweeps_ended_at")),
    "pending.newest",
    "pending.move_events",
    *("inbox.replay", "retention.forget_findings", "retention.forget_gaps"),
    *("restores.mark_links", "restores.mark_results"),
}


@pytest.fixture(scope="module")
def connection(migrated_file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{migrated_file}?mode=ro", uri=True)
    connection.create_function("chain_digest", -1, hash_chain.digest, deterministic=True)
    connection.create_function("fresh_salt", 0, lambda: b"")
    yield connection
    connection.close()


@pytest.mark.parametrize("query", STATEMENTS)
def test_statement_compiles_and_never_scans_a_growing_table(
    connection: sqlite3.Connection, query: sql.Query
) -> None:
    text = prepared(query.text)
    params = [None] * text.sql.count("?")

    plan = connection.execute(f"EXPLAIN QUERY PLAN {text.sql}", params).fetchall()

    scans = {
        step[3].split()[1]
        for step in plan
        if step[3].startswith("SCAN ") and not step[3].endswith(SHORT_INDEX)
    }
    growing = {
        name
        for name in scans - SHORT
        if connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table'", (name,)
        ).fetchone()
    }
    assert growing == set() or query.name in WHOLE_TABLE, plan


@pytest.mark.parametrize("room", ROOMS)
def test_statement_is_used_by_its_room(room: str) -> None:
    code = files("syncd.store").joinpath(f"{room}.py").read_text("utf-8")

    assert [name for name in sql.load(room) if f'_QUERIES["{name}"]' not in code] == []


def test_statement_that_a_document_shows_runs(connection: sqlite3.Connection) -> None:
    documents = (Path(__file__).parents[2] / "docs").rglob("*.md")
    block = re.compile(r"^```sql\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
    shown = [
        statement
        for document in documents
        for text in block.findall(document.read_text("utf-8"))
        for statement in text.split(";\n")
        if statement
    ]

    assert shown
    for statement in shown:
        connection.execute(statement)

"""Every statement of the store compiles, is used, and finds its rows by an index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import asyncpg
import pytest

from syncd.domain.rules.journal import hash_chain
from syncd.runtime.postgresql_session import PLANNER
from syncd.runtime.postgresql_text import rewritten
from syncd.runtime.sqlite_placeholders import prepared
from syncd.runtime.sqlite_transaction import PREPARED_STATEMENTS
from syncd.store import sizes, sql

ROOMS = sorted(
    entry.name.removesuffix(".sql")
    for entry in files("syncd.store.queries").iterdir()
    if entry.name.endswith(".sql")
)
STATEMENTS = [
    pytest.param(query, id=query.name) for room in ROOMS for query in sql.load(room).values()
]
# Short tables, read whole: tenants, their connections, applied migrations, the one installation,
# the journal's one head, halts by tenant, what people are told of and the messages under way.
SHORT = {
    *("tenants", "connections", "migrations", "installation", "settings", "consents"),
    "long_works",
    *("backup_stamp", "restored", "restore_looks", "journal_head", "brakes", "feeds"),
    "sessions",
    "login_tickets",  # of people, for days and minutes
    "sent_versions",  # of calls under way
    "sqlite_sequence",  # a row a table
    *("concerns", "notifications"),
    *("leases", "replicas"),
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
    *(f"pending.mend_{table}" for table in ("jobs", "results", "links_seen_at", "links_based_at")),
    *(f"pending.mend_{table}" for table in ("sights", "sweeps", "events")),
    "pending.newest",
    "pending.move_events",
    *("inbox.replay", "retention.forget_findings", "retention.forget_gaps"),
    *("restores.mark_links", "restores.mark_results"),
    *(f"sizes.{table}" for table in sql.load("sizes")),
}


def test_every_statement_stays_prepared() -> None:
    assert len(STATEMENTS) < PREPARED_STATEMENTS


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


# A few rows a tenant.
SHORT_BY_TENANT = {"job_totals", "catch_ups", "sweeps", "webhook_counts", "webhook_gaps"}
# An equality on these alone leaves a whole tenant's rows.
BROAD = {"tenant_id", "kind", "state", "public_state", "source", "part"}
# Indexes of what is not done, as long as the work that is left, or of what is rare.
UNFINISHED = {
    *("jobs_ready", "jobs_ready_since", "jobs_held", "jobs_held_since", "jobs_leased"),
    *("jobs_uncertain", "jobs_exceptional", "results_unsent", "findings_open", "inbox_new"),
    *("intents_one_open", "calls_open", "links_merged"),
}
# What a list of the first kind may still do, and why.
READS_ALL = {
    "backups.newest": "of a copy without a stamp, before it is restored",
    "brakes.halted": "what a brake holds, for the person who looks at it",
    "brakes.totals": "the documents of the span a brake counts",
    "desired.unlinked_customers": "customers by an index alone, once for a plan",
    "inbox.announced": "the last row, beside a span",
    "inbox.last_id": "the last row alone",
    "journal.erasures": "once for a check of the whole journal",
    "journal.to_erase": "once for an erasure, which a person asks for",
    "links.called_in_xero": "for a person's question after a number that is in no listing",
    **{f"sizes.{table}": "counted once an hour" for table in sizes.counts()},
    "notices.newest": "a page, or the newest 5,000 of each source, by an index of that order",
    "restores.marked": "after a restore, before any daemon",
    "restores.newest_in_xero": "after a restore, before any daemon",
    "sweeps.bounds": "once for a full sweep or a report, which reads everything",
    "sweeps.documents": "counts by an index alone, once a day",
    "sweeps.first_agreed": "before the first sweep alone",
    "views.recent": "what changed last until the page is full, where more than a few fit",
    "views.listing": "labels in their order until the page is full, where more than a few fit",
}
_STEP = re.compile(
    r"(?:SEARCH|SCAN) (\w+)"
    r"(?: USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?(?:INDEX (\w+)|PRIMARY KEY))?"
    r"(?: \((.*)\))?"
)


def tables(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {str(name) for (name,) in found} - SHORT - SHORT_BY_TENANT


def reads_all(connection: sqlite3.Connection, query: sql.Query) -> list[str]:
    """Steps that go through all rows a tenant has, however many rows they answer.

    A page is no such step: it has a limit, and an index gives its order.
    """
    text = prepared(query.text)
    steps = [
        str(step[3])
        for step in connection.execute(
            f"EXPLAIN QUERY PLAN {text.sql}", [None] * text.sql.count("?")
        )
    ]
    is_page = "LIMIT" in query.text and not any("TEMP B-TREE" in step for step in steps)
    alias_of = {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", query.text)}
    growing = tables(connection)
    found = []
    for step in steps:
        shape = _STEP.fullmatch(step.removesuffix(" LEFT-JOIN"))
        if shape is None:
            continue
        table, index, terms = shape.groups("")
        is_narrow = set(re.findall(r"(\w+)=\?", terms)) - BROAD or re.search(
            r"(\w+)>\? AND \1<\?", terms
        )
        is_long = alias_of.get(table, table) in growing and index not in UNFINISHED
        if is_long and not is_narrow and not is_page:
            found.append(step)
    return found


@pytest.mark.parametrize(
    "query", [each for each in STATEMENTS if each.values[0].text.startswith(("SELECT", "WITH"))]
)
def test_list_reads_a_page_or_what_is_not_done(
    connection: sqlite3.Connection, query: sql.Query
) -> None:
    found = reads_all(connection, query)

    assert bool(found) == (query.name in READS_ALL), found


async def test_statement_compiles_on_postgresql_for_values_of_64_bits(migrated_url: str) -> None:
    connection = await asyncpg.connect(migrated_url, server_settings={"search_path": "syncd"})
    refused: list[str] = []
    types: set[str] = set()
    for query in (each for room in ROOMS for each in sql.load(room).values()):
        try:
            statement = await connection.prepare(rewritten(query.postgresql or query.text))
        except asyncpg.PostgresError as error:
            refused.append(f"{query.name}: {error}")
        else:
            types.update(each.name for each in statement.get_parameters())
    await connection.close()

    assert refused == []
    assert types <= {"text", "int8", "bytea", "blob"}, "CAST(?1 AS INTEGER) says what it is"


# Of few rows a tenant, of a span, or of what is rare, as in `READS_ALL`.
BROAD_ON_POSTGRESQL = {
    *("brakes.of_keys", "brakes.forget_halted", "brakes.forget_all_halted", "brakes.forget_older"),
    *("brakes.lift_if_clear", "claims.take", "claims.want_released", "findings.close_linked"),
    *("findings.closed", "inbox.kept", "jobs.forget_releases", "jobs.release_by_predicates"),
    *("restores.verify", "restores.tell_again", "results.tell_again", "samples.span"),
    "sweeps.stale",
    *("sweeps.announced", "sweeps.missed", "withheld.withhold", "withheld.let_go_all"),
    *("retention.forget_intents", "retention.forget_calls", "retention.forget_events"),
}
_INDEX = re.compile(r"Index (?:Only )?Scan(?: Backward)? using (\w+) on (\w+)")


def broad_steps(plan: list[str], growing: set[str]) -> list[str]:
    """Steps of PostgreSQL's plan that go through a whole tenant's rows."""
    found = []
    for line, condition in zip(plan, [*plan[1:], ""], strict=True):
        step = _INDEX.search(line)
        if step is None or step[2] not in growing or step[1] in UNFINISHED:
            continue
        is_narrow = set(re.findall(r"(\w+) = ", condition)) - BROAD or re.search(
            r"(\w+) > \$\d\) AND \(\1 <", condition
        )
        if not is_narrow:
            found.append(f"{line.strip()} {condition.strip()}")
    return found


async def test_statement_never_reads_a_growing_table_whole_on_postgresql(
    migrated_url: str, connection: sqlite3.Connection
) -> None:
    """As the driver has it planned, in a store that was never filled."""
    growing = tables(connection) - {"added_tenants", "failed_consents"}
    settings = {"search_path": "syncd", **PLANNER}
    asking = await asyncpg.connect(migrated_url, server_settings=settings, statement_cache_size=0)
    broad: set[str] = set()
    whole: dict[str, set[str]] = {}
    for query in (each for room in ROOMS for each in sql.load(room).values()):
        text = rewritten(query.postgresql or query.text)
        if text.startswith("CREATE"):
            continue
        count = len((await asking.prepare(text)).get_parameters())
        await asking.execute(f"PREPARE asked AS {text}")
        nothing = f"({', '.join(['NULL'] * count)})" if count else ""
        explained = await asking.fetch(f"EXPLAIN (COSTS OFF) EXECUTE asked{nothing}")
        plan = [str(line) for (line,) in map(tuple, explained)]
        await asking.execute("DEALLOCATE asked")
        is_page = "LIMIT" in text and not any("Sort " in line for line in plan)
        if broad_steps(plan, growing) and not is_page:
            broad.add(query.name)
        found = {scan[1] for line in plan if (scan := re.search(r"Seq Scan on (\w+)", line))}
        if found - SHORT and query.name not in WHOLE_TABLE | READS_ALL.keys():
            whole[query.name] = found - SHORT
    await asking.close()

    assert whole == {}
    assert broad - WHOLE_TABLE - READS_ALL.keys() - BROAD_ON_POSTGRESQL == set()


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

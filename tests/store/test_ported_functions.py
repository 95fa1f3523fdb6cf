"""What PostgreSQL's first migration brings says what SQLite and its driver say, to the byte."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import asyncpg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.domain.rules.journal import hash_chain
from syncd.runtime import postgresql_store, sqlite_placeholders
from syncd.store import migrate
from tests.searching import examples
from tests.store.build import AT

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def postgresql_says(migrated_url: str) -> Iterator[Ask]:
    with asyncio.Runner() as loop:
        connection = loop.run(
            asyncpg.connect(migrated_url, server_settings={"search_path": "syncd"})
        )
        yield lambda question, *values: loop.run(connection.fetchval(question, *values))
        loop.run(connection.close())


@pytest.fixture(scope="module")
def sqlite_says() -> Iterator[Ask]:
    with closing(sqlite3.connect(":memory:")) as connection:

        def says(question: str, *values: Any) -> Any:
            prepared = sqlite_placeholders.prepared(question)
            row = values if prepared.lay_out is None else prepared.lay_out(values)
            return connection.execute(prepared.sql, row).fetchone()[0]

        yield says


storable = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
whole = st.integers(-(2**63), 2**63 - 1)
edges = [0, -1, -32, -33, 127, 128, 255, 256, -128, -129, 65535, 65536, -32768, -32769]
edges += [2**31, -(2**31), -(2**31) - 1, 2**32 - 1, 2**32, 2**63 - 1, -(2**63)]


def long(length: int) -> str:
    return "ü" * (length // 2) + "x" * (length % 2)


@given(
    salt=st.none() | st.binary(),
    description=st.none() | storable,
    who=st.none() | storable,
    detail=st.none() | st.binary(max_size=300),
)
@example(None, None, None, None)
@example(b"a" * 255, long(31), long(32), b"a" * 256)
@example(b"a" * 65535, long(255), long(256), b"a" * 65536)
@example(b"", long(65535), long(65536), b"")
@examples(60)
def test_digest_of_words_is_pythons(
    postgresql_says: Ask,
    salt: bytes | None,
    description: str | None,
    who: str | None,
    detail: bytes | None,
) -> None:
    values = (salt, description, who, detail)

    assert postgresql_says("SELECT chain_digest($1, $2, $3, $4)", *values) == hash_chain.digest(
        *values
    )


@given(seq=whole | st.sampled_from(edges), at=whole | st.sampled_from(edges), text=storable)
@examples(60)
def test_digest_of_an_entry_is_pythons(postgresql_says: Ask, seq: int, at: int, text: str) -> None:
    values = (b"before", seq, "acme", at, text, "i1", "Edit", b"words")
    question = "SELECT chain_digest($1, $2, $3, $4, $5, $6, $7, $8)"

    assert postgresql_says(question, *values) == hash_chain.digest(*values)


@pytest.mark.parametrize("number", edges)
def test_digest_of_a_number_at_the_edge_of_a_form_is_pythons(
    postgresql_says: Ask, number: int
) -> None:
    packed = postgresql_says("SELECT sha256('\\x91' || packed($1::INT8))", number)

    assert packed == hash_chain.digest(number)


def test_salts_are_of_16_bytes_and_never_the_same(postgresql_url: str) -> None:
    """Of a store as it is made: that of these tests counts them."""

    async def drawn() -> list[bytes]:
        driver = await postgresql_store.open_driver(postgresql_url, readers=1)
        await migrate.upgrade(driver, AT)
        await driver.close()
        connection = await asyncpg.connect(postgresql_url, server_settings={"search_path": "syncd"})
        found = await connection.fetch("SELECT fresh_salt() FROM generate_series(1, 100)")
        await connection.close()
        return [row[0] for row in found]

    salts = asyncio.run(drawn())

    assert {len(salt) for salt in salts} == {hash_chain.SALT_BYTES}
    assert len(set(salts)) == len(salts)


leaves = st.none() | st.integers(-(2**53), 2**53) | storable
document = st.fixed_dictionaries(
    {"state": leaves, "xero": st.fixed_dictionaries({"invoice_on": leaves}), "former": leaves}
)
ARROWS = ("->> 'state'", "->> '$.state'", "->> '$.xero.invoice_on'", "->> 'gone'", "-> '$.former'")


@given(body=document)
@examples(60)
def test_part_of_a_document_is_sqlites(
    postgresql_says: Ask, sqlite_says: Ask, body: dict[str, Any]
) -> None:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    for arrow in ARROWS:
        expected = sqlite_says(f"SELECT CAST(? {arrow} AS TEXT)", text)

        found = postgresql_says(f"SELECT $1::TEXT {arrow}", text)

        assert found == expected, arrow


@given(listed=st.lists(storable, max_size=4), element=st.integers(0, 4))
@examples(60)
def test_elements_of_a_list_are_sqlites(
    postgresql_says: Ask, sqlite_says: Ask, listed: list[str], element: int
) -> None:
    text = json.dumps(listed)
    each = "SELECT {}(value) FROM (SELECT value FROM json_each({}) ORDER BY key) AS listed"

    assert postgresql_says("SELECT $1::TEXT ->> $2::INT", text, element) == sqlite_says(
        "SELECT ? ->> ?", text, element
    )
    assert json.loads(postgresql_says(each.format("json_agg", "$1"), text) or "[]") == json.loads(
        sqlite_says(each.format("json_group_array", "?"), text)
    )


@given(text=st.text("\0\\a", max_size=6))
@examples(40)
def test_nul_in_json_stops_nothing_and_is_replaced(postgresql_says: Ask, text: str) -> None:
    """SQLite ends a text at it; the bytes of a document stay as they came in both."""
    replaced = text.replace("\0", "\ufffd")
    within = json.dumps({"a": text})

    assert postgresql_says("SELECT $1::TEXT ->> 'a'", within) == replaced
    assert postgresql_says("SELECT value FROM json_each($1)", json.dumps([text])) == replaced
    assert postgresql_says("SELECT value FROM json_each($1)", json.dumps([within])) == within


numbers = st.none() | whole
CALLS = ("min({0}, {1})", "max({0}, {1})", "iif({0} < {1}, {0}, {1})", "nullif({0}, {1})")


@given(one=numbers, other=numbers)
@examples(40)
def test_least_greatest_and_choice_are_sqlites(
    postgresql_says: Ask, sqlite_says: Ask, one: int | None, other: int | None
) -> None:
    for call in CALLS:
        found = postgresql_says(f"SELECT {call.format('$1::INT8', '$2::INT8')}", one, other)
        assert found == sqlite_says(f"SELECT {call.format('?1', '?2')}", one, other), call


@given(text=storable, part=storable)
@examples(40)
def test_place_in_a_text_and_small_letters_are_sqlites(
    postgresql_says: Ask, sqlite_says: Ask, text: str, part: str
) -> None:
    assert postgresql_says("SELECT instr($1, $2)", text + part, part) == sqlite_says(
        "SELECT instr(?, ?)", text + part, part
    )
    assert postgresql_says('SELECT lower($1 COLLATE "C")', text) == sqlite_says(
        "SELECT lower(?)", text
    )

"""The store's texts as PostgreSQL reads them."""

from __future__ import annotations

import pytest

from syncd.runtime.postgresql_text import counting, rewritten, storable


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT ?1, ?12, ?1", "SELECT $1, $12, $1"),
        ("SELECT '?1 it''s ?2', \"a?1\" -- ?1\n, ?1", "SELECT '?1 it''s ?2', \"a?1\" -- ?1\n, $1"),
        ("SELECT /* ?1 INTEGER */ ?1", "SELECT /* ?1 INTEGER */ $1"),
        ("DO $$ SELECT '?1 -- $$; SELECT ?1", "DO $$ SELECT '?1 -- $$; SELECT $1"),
        ("AS $f$ a $$ b ?1 $f$ ?1", "AS $f$ a $$ b ?1 $f$ $1"),
        ("CAST(?1 AS INTEGER), integers", "CAST($1 AS BIGINT), integers"),
        ("FROM jobs AS j INDEXED BY jobs_due WHERE", "FROM jobs AS j WHERE"),
        ("FROM jobs\n    NOT INDEXED\nWHERE", "FROM jobs\nWHERE"),
        ("WHERE rowid IN (SELECT j.rowid", "WHERE ctid IN (SELECT j.ctid"),
        ("CAST(a.body AS TEXT) ->> 'b'", "utf8_text(a.body) ->> 'b'"),
        ("CAST(value ->> 9 AS BLOB)", "utf8_bytes(value ->> 9)"),
        ("CAST(?2 AS TEXT), CAST(?3 AS BLOB)", "CAST($2 AS TEXT), CAST($3 AS BLOB)"),
        ("CREATE TABLE a (b TEXT) STRICT", "CREATE TABLE a (b TEXT)"),
        ("SELECT a ? b, c::text", "SELECT a ? b, c::text"),
    ],
)
def test_text_is_rewritten_outside_quotes_and_comments(sql: str, expected: str) -> None:
    assert rewritten(sql) == expected


def test_counting_text_answers_a_row_for_each_change_once() -> None:
    assert counting("UPDATE t SET a = ?1") == "UPDATE t SET a = $1\nRETURNING 1"
    assert counting("UPDATE t SET a = ?1 returning b") == "UPDATE t SET a = $1 returning b"


def test_nul_in_a_text_is_replaced_and_everything_else_is_as_it_was() -> None:
    rows = ((1, "a", b"\0", None), (2, "b\0\0c", b"\0", None))

    assert list(storable(rows)) == [rows[0], (2, "b\ufffd\ufffdc", b"\0", None)]
    assert storable(rows[:1]) == rows[:1]

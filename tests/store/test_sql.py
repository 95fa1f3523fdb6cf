from __future__ import annotations

import pytest

from syncd.store import sql

GOOD = """
-- About the room.

-- name: one
-- Why it is so.
SELECT 1
FROM t;

-- name: two
UPDATE t SET x = ?1;
-- postgresql:
UPDATE t SET x = ?1 FROM u;
"""


def test_parse_names_each_statement_by_room_and_drops_comments() -> None:
    queries = sql.parse("room", GOOD)

    assert queries["one"] == sql.Query(name="room.one", text="SELECT 1\nFROM t")


def test_parse_keeps_the_other_engines_variant_apart() -> None:
    queries = sql.parse("room", GOOD)

    assert queries["two"].text == "UPDATE t SET x = ?1"
    assert queries["two"].postgresql == "UPDATE t SET x = ?1 FROM u"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("SELECT 1;", r"queries/room\.sql:1: expected a '-- name:' line"),
        ("\n-- name: a\nSELECT 1", r"room\.sql:2: expected one statement"),
        ("-- name: a\n-- only words\n", r"room\.sql:1: expected one statement"),
        ("-- name: a\nSELECT 1;\nSELECT 2;", r"room\.sql:1: expected one statement"),
        ("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;", r"room\.sql:3: a second statement"),
        ("-- postgresql:\nSELECT 1;", r"room\.sql:2: expected a '-- name:'"),
    ],
)
def test_parse_names_file_and_line_of_a_mistake(text: str, where: str) -> None:
    with pytest.raises(sql.MalformedSql, match=where):
        sql.parse("room", text)

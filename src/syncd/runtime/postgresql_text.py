"""Rewrites a statement of the store as PostgreSQL reads it.

`?1` becomes `$1`; INTEGER becomes BIGINT, for SQLite's is 64 bits wide; a row's own place, `rowid`,
is called `ctid`. What is stored is cast between bytes and text as UTF-8 by functions of the schema,
since PostgreSQL's own cast is to and from hexadecimal. What only SQLite is told (INDEXED BY, NOT
INDEXED, STRICT) goes. Quotes, comments and function bodies stay as they are. Called by
`runtime.postgresql_session`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from syncd.ports.driver import Row

# As many texts as `runtime.sqlite_placeholders` keeps.
_TEXTS = 1024
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|(?P<body>\$\w*\$).*?(?P=body)"
    r"|\?(?P<place>\d+)|(?P<integer>\bINTEGER\b)|(?P<rowid>\browid\b)"
    r"|CAST\((?!\?)(?P<stored>[^()]+?)\s+AS\s+(?P<kind>TEXT|BLOB)\)"
    r"|(?P<hint>\s+(?:NOT\s+INDEXED|INDEXED\s+BY\s+\w+)|(?<=\))\s*STRICT\b)",
    re.DOTALL | re.IGNORECASE,
)
_UTF8 = {"TEXT": "utf8_text", "BLOB": "utf8_bytes"}
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


@lru_cache(maxsize=_TEXTS)
def rewritten(sql: str) -> str:
    """The statement for PostgreSQL. Costs a look-up for a text that was seen before."""
    return _TOKEN.sub(_rewrite, sql)


@lru_cache(maxsize=_TEXTS)
def counting(sql: str) -> str:
    """The rewritten statement so that it answers a row for each that it changes."""
    text = rewritten(sql)
    return text if _RETURNING.search(text) else f"{text}\nRETURNING 1"


def storable(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows as their places can keep them: a text holds no NUL, and U+FFFD stands for it.

    What people typed or a system answered may have one, and no work stops at it; bytes keep it.
    """
    if not any("\0" in each for row in rows for each in row if isinstance(each, str)):
        return rows
    return [
        tuple(each.replace("\0", "\ufffd") if isinstance(each, str) else each for each in row)
        for row in rows
    ]


def _rewrite(token: re.Match[str]) -> str:
    if token["place"] is not None:
        return f"${token['place']}"
    if token["integer"] is not None:
        return "BIGINT"
    if token["rowid"] is not None:
        return "ctid"
    if token["stored"] is not None:
        return f"{_UTF8[token['kind'].upper()]}({token['stored']})"
    return token[0] if token["hint"] is None else ""

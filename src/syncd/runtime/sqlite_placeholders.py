"""Rewrites numbered placeholders (`?1`, `?2`) as the plain `?` that sqlite3 fills in order.

The store numbers its placeholders, since one value often stands in several. Python takes a
numbered one for a named one: filling it from a tuple is deprecated from 3.12 on and an error from
3.14 on. So each text is rewritten once, and each row laid out as the rewritten text reads it.
Called by `runtime.sqlite_transaction`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from syncd.ports.driver import Row

# As many texts as stay prepared, and the few a migration or a check brings.
_TEXTS = 1024
# A placeholder counts only outside quotes and comments.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|\?(\d+)")
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement as sqlite3 is given it.

    `lay_out` answers a row in the order of the text; None where it is in order already.
    `returns`: each execution answers rows, which have to be fetched before the next one.
    """

    sql: str
    lay_out: Callable[[Row], Row] | None
    returns: bool


@lru_cache(maxsize=_TEXTS)
def prepared(sql: str) -> Prepared:
    """The statement with plain placeholders. Costs a look-up for a text that was seen before."""
    places: list[int] = []

    def plain(token: re.Match[str]) -> str:
        if token[1] is None:
            return token[0]
        places.append(int(token[1]) - 1)
        return "?"

    text = _TOKEN.sub(plain, sql)
    in_order = places == list(range(len(places)))
    return Prepared(
        sql=text,
        lay_out=None if in_order else _lay_out(tuple(places)),
        returns=_RETURNING.search(sql) is not None,
    )


def _lay_out(places: tuple[int, ...]) -> Callable[[Row], Row]:
    n_values = max(places) + 1
    pick: Callable[[Row], Row] = itemgetter(*places)
    if len(places) == 1:
        pick = itemgetter(slice(places[0], places[0] + 1))

    def lay_out(row: Row) -> Row:
        if len(row) != n_values:
            # As sqlite3 refuses a row for a text that is in order.
            raise sqlite3.ProgrammingError(f"{n_values} value(s) are wanted, {len(row)} were given")
        return pick(row)

    return lay_out

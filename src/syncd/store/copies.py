"""A whole store, table by table: what tables there are, their rows in pages, and a digest of them.

Called by `bootstrap.copying`, which copies a store from one engine to the other. Rows are read in
the order of their primary key, which is the same on both engines, so that equal tables have equal
digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter

import msgspec

from syncd.domain.model.value import Value
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.sql import Query
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("copies")
OF_THE_SITE = frozenset({"migrations", "leases", "replicas"})
"""What says how a store was made and who works on it now: each store has its own."""
_AFTER_WHAT_FILLS_THEM = {"job_totals": "jobs"}
"""A trigger counts the rows of the one into the other; what was counted is copied over it."""


class CopiedTable(Value, frozen=True, kw_only=True):
    """A table's stored columns by name, and which of them are its primary key, in its order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def key_of(self, row: Row) -> Row:
        """The key of a row as `page` answers it."""
        return tuple(row[self.columns.index(name)] for name in self.key)


class LastNumber(Value, frozen=True, kw_only=True):
    """The last number that a table has given to a row of its own accord; 0: none."""

    table: str
    number: int


class RowsDigest:
    """Counts rows and takes them up into one digest, in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._hash = hashlib.sha256()

    def add(self, found: Sequence[Row]) -> None:
        """Take up the rows of a page."""
        self.count += len(found)
        for row in found:
            self._hash.update(msgspec.msgpack.encode(row))

    @property
    def digest(self) -> str:
        """Of all rows so far."""
        return self._hash.hexdigest()


def columns() -> Statement[tuple[str, str, int]]:
    """Every stored column: its table, its name, its place in the primary key from 1, or 0."""
    return ask(_QUERIES["columns"], decode=_column)


def parents() -> Statement[tuple[str, str]]:
    """Every reference: the table that refers, and the one referred to."""
    return ask(_QUERIES["parents"], decode=_pair)


def numbers() -> Statement[LastNumber]:
    """The tables that number their rows, and how far each has come."""
    return ask(_QUERIES["numbers"], decode=rows.decoder(LastNumber))


def others() -> Statement[str]:
    """Who else of syncd has the database open: one, in words; none of a file."""
    return ask(_QUERIES["others"], decode=_text)


def server() -> Statement[str]:
    """The engine and its version, in words; one row."""
    return ask(_QUERIES["server"], decode=_text)


def in_order(
    found: Iterable[tuple[str, str, int]], references: Iterable[tuple[str, str]]
) -> tuple[CopiedTable, ...]:
    """The tables to copy: each after those that it refers to, and by name otherwise."""
    by_table: dict[str, list[tuple[str, int]]] = {}
    for table, column, place in found:
        if table not in OF_THE_SITE:
            by_table.setdefault(table, []).append((column, place))
    after = {table: set[str]() for table in sorted(by_table)}
    for child, parent in (*references, *_AFTER_WHAT_FILLS_THEM.items()):
        if child in after and parent in after and child != parent:
            after[child].add(parent)
    sorter = TopologicalSorter(after)
    sorter.prepare()
    names: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        names.extend(ready)
        sorter.done(*ready)
    return tuple(_table(name, by_table[name]) for name in names)


def count(table: CopiedTable) -> Statement[int]:
    """How many rows it has; one row."""
    text = " ".join(("SELECT count(*) FROM", _quoted(table.name)))
    return ask(Query(name=f"copies.count {table.name}", text=text), decode=_int)


def some(table: CopiedTable) -> Statement[int]:
    """A row where it has one, whatever schema it is of."""
    text = " ".join(("SELECT 1 FROM", _quoted(table.name), "LIMIT 1"))
    return ask(Query(name=f"copies.some {table.name}", text=text), decode=_int)


def page(table: CopiedTable, after: Row | None, *, limit: int) -> Statement[Row]:
    """The rows whose key comes after this one, or the first; all columns, in the key's order."""
    key = _listed(table.key)
    params = () if after is None else after
    places = ", ".join(f"?{number}" for number in range(1, len(params) + 1))
    parts = ["SELECT", _listed(table.columns), "FROM", _quoted(table.name)]
    parts += [] if after is None else [f"WHERE ({key}) > ({places})"]
    parts += [f"ORDER BY {key} LIMIT ?{len(params) + 1}"]
    query = Query(name=f"copies.page {table.name}", text=" ".join(parts))
    return ask(query, *params, limit, decode=lambda row: row)


def put(table: CopiedTable, found: Sequence[Row]) -> Statement[None]:
    """Rows of `page`, written as they are."""
    places = ", ".join(f"?{number}" for number in range(1, len(table.columns) + 1))
    into = f"{_quoted(table.name)} ({_listed(table.columns)})"
    text = " ".join(("INSERT INTO", into, f"VALUES ({places})"))
    return tell(Query(name=f"copies.put {table.name}", text=text), found)


def clear(table: CopiedTable) -> Statement[None]:
    """Take every row out of the table."""
    text = " ".join(("DELETE FROM", _quoted(table.name)))
    return tell(Query(name=f"copies.clear {table.name}", text=text))


def go_on_after(last: Mapping[str, int]) -> Statement[None]:
    """Each of these tables numbers its next row after the one given."""
    return tell(_QUERIES["go_on_after"], sorted(last.items()))


def _table(name: str, found: Sequence[tuple[str, int]]) -> CopiedTable:
    places = sorted((place, column) for column, place in found if place)
    return CopiedTable(
        name=name,
        columns=tuple(sorted(column for column, _ in found)),
        key=tuple(column for _, column in places),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return f'"{name}"'


def _column(row: Row) -> tuple[str, str, int]:
    table, name, place = row
    return rows.text_of(table), rows.text_of(name), rows.whole_of(place)


def _pair(row: Row) -> tuple[str, str]:
    return rows.text_of(row[0]), rows.text_of(row[1])


_text = rows.decoder(str)
_int = rows.decoder(int)

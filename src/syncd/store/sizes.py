"""How large the store is: the file, what is free in it, and the rows of every table that grows.

Called by `engine.loops.retention` and `bootstrap.upkeep`.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask

_QUERIES = sql.load("sizes")
_COUNTS = (
    _QUERIES["calls"],
    _QUERIES["desired"],
    _QUERIES["findings"],
    _QUERIES["glances"],
    _QUERIES["inbox"],
    _QUERIES["intents"],
    _QUERIES["jobs"],
    _QUERIES["journal"],
    _QUERIES["links"],
    _QUERIES["results"],
    _QUERIES["sights"],
)


class FileSize(Value, frozen=True, kw_only=True):
    """The database file without its log, and how much of it is free."""

    bytes: int
    free_bytes: int


def file() -> Statement[FileSize]:
    """The file's size; one row."""
    return ask(_QUERIES["file"], decode=rows.decoder(FileSize))


def counts() -> Mapping[str, Statement[int]]:
    """How many rows each growing table has; to be asked one by one, since each is read."""
    return {query.name.partition(".")[2]: ask(query, decode=rows.decoder(int)) for query in _COUNTS}

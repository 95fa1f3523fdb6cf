"""Named SQL: reads `queries/<room>.sql`, one statement under each `-- name:` line.

    -- name: claim
    -- Comment lines say why and are dropped.
    UPDATE jobs ...;
    -- postgresql:
    UPDATE jobs ... FOR UPDATE SKIP LOCKED ...;

A `-- postgresql:` block is the same statement for the engine that differs; it is read and checked
for form, and kept for the driver that will need it. Called by every room of the store at import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from syncd.domain.model.value import Value

_NAME = "-- name:"
_POSTGRESQL = "-- postgresql:"


class Query(Value, frozen=True, kw_only=True):
    """One statement's text; `name` is `<room>.<name>` and stands in error messages."""

    name: str
    text: str
    postgresql: str | None = None


class _Block(Value, frozen=True, kw_only=True):
    name: str
    is_postgresql: bool
    line: int
    text: str


class MalformedSql(ValueError):
    """A query file is not of the form above: our own mistake, found at import."""


def load(room: str) -> Mapping[str, Query]:
    """The statements of `queries/<room>.sql` by their short names. Raises MalformedSql."""
    text = files("syncd.store.queries").joinpath(f"{room}.sql").read_text("utf-8")
    return parse(room, text)


def parse(room: str, text: str) -> Mapping[str, Query]:
    """The statements in `text`. Raises MalformedSql, naming file and line."""
    queries: dict[str, Query] = {}
    for block in _blocks(room, text):
        where = f"queries/{room}.sql:{block.line}"
        if not block.text.endswith(";") or block.text.count(";") != 1:
            message = f"{where}: expected one statement ending in ';' under {block.name!r}"
            raise MalformedSql(message)
        body = block.text.removesuffix(";").rstrip()
        known = queries.get(block.name)
        if block.is_postgresql:
            if known is None or known.postgresql is not None:
                raise MalformedSql(f"{where}: expected '{_NAME}' before each '{_POSTGRESQL}'")
            queries[block.name] = Query(name=known.name, text=known.text, postgresql=body)
        elif known is not None:
            raise MalformedSql(f"{where}: a second statement named {block.name!r}")
        else:
            queries[block.name] = Query(name=f"{room}.{block.name}", text=body)
    return queries


def _blocks(room: str, text: str) -> Iterator[_Block]:
    name, is_postgresql, start = "", False, 0
    lines: list[str] = []
    for number, line in enumerate([*text.splitlines(), _NAME], start=1):
        stripped = line.strip()
        if stripped.startswith((_NAME, _POSTGRESQL)):
            if name:
                body = "\n".join(lines)
                yield _Block(name=name, is_postgresql=is_postgresql, line=start, text=body)
            start, lines = number, []
            is_postgresql = stripped.startswith(_POSTGRESQL)
            name = name if is_postgresql else stripped.removeprefix(_NAME).strip()
        elif stripped and not stripped.startswith("--"):
            if not name:
                message = f"queries/{room}.sql:{number}: expected a '{_NAME}' line before any SQL"
                raise MalformedSql(message)
            lines.append(line.rstrip())

"""Our own tables of Xero's fields, and what in an answer they do not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("fields.txt")
_DAY, _CLOCK = r"\d{4}-\d\d-\d\d", r"T\d\d:\d\d:\d\d"
_TEXTS = {
    "guid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "text": r"(?s).*",
    "wire": r"/Date\(-?\d+\+0000\)/",
    "bare": r"/Date\(-?\d+\)/",
    "day": rf"{_DAY}T00:00:00",
    "utc": rf"{_DAY}{_CLOCK}Z",
    "seven": rf"{_DAY}{_CLOCK}\.\d{{7}}",
    "plain": rf"{_DAY}{_CLOCK}",
    "event": rf"{_DAY}{_CLOCK}(\.\d{{0,2}}[1-9])?",
    "instant": r"/Date\(-?\d+(\+0000)?\)/",
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One row: a field's source and kind."""

    source: str
    kind: str


def tables() -> dict[str, dict[str, Field]]:
    """Every table by its name."""
    read: dict[str, dict[str, Field]] = {}
    for text in TABLES.read_text("utf-8").splitlines():
        if text.startswith("["):
            table = read.setdefault(text.strip("[]"), {})
        elif text and not text.startswith("#"):
            name, source, kind = re.fullmatch(r"(\S+)\s+(\S+(?: U)?)\s+(\S+)", text).groups()  # type: ignore[union-attr]  # a row that does not fit ends the run
            table[name] = Field(source, kind)
    return read


@dataclass(slots=True)
class Checker:
    """Compares values with the tables, and remembers which rows it met."""

    known: Mapping[str, Mapping[str, Field]] = field(default_factory=tables)
    met: dict[tuple[str, str], None] = field(default_factory=dict)

    def strangers(self, table: str, value: Any) -> Iterator[str]:
        """Each field the table does not know, or knows differently."""
        if not isinstance(value, Mapping):
            yield f"{table}: expected an object, got {value!r:.60}"
            return
        for name, own in value.items():
            row = self.known[table].get(name)
            if row is None:
                yield f"{table}.{name}: no such row, got {own!r:.60}"
                continue
            self.met[(table, name)] = None
            yield from self._misfits(f"{table}.{name}", row.kind, own)

    def _misfits(self, place: str, kind: str, value: Any) -> Iterator[str]:
        if kind in self.known:
            yield from self.strangers(kind, value)
        elif kind.startswith("[") and isinstance(value, list):
            inside = kind.strip("[]")
            for each in value:
                if inside in self.known:
                    yield from self.strangers(inside, each)
                elif inside != "{}":
                    yield f"{place}: expected an empty list, got {each!r:.60}"
        elif not _fits(kind, value):
            yield f"{place}: expected {kind}, got {value!r:.60}"


def _fits(kind: str, value: Any) -> bool:
    if kind == "{}":
        return isinstance(value, dict)
    if kind.startswith("="):
        return value in kind[1:].split("|")
    if kind in _TEXTS:
        return isinstance(value, str) and re.fullmatch(_TEXTS[kind], value) is not None
    is_flag = isinstance(value, bool)
    return isinstance(value, _TYPES.get(kind, ())) and is_flag == (kind == "flag")

"""The tables of docs/configuration.md: every key, as the options and their example say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import NODEFAULT, structs
from msgspec.structs import FieldInfo

from syncd.config.bounds import Limit, Secret
from syncd.config.changes import TAKEN_OVER
from syncd.config.options import Options, Section
from tests.house.support.source import ROOT

EXAMPLE = ROOT / "config" / "syncd.example.toml"
HEADING = re.compile(r"^\[+([\w.]+)\]+")
SHOWN = re.compile(r"^(?:# ?)?([a-z]\w*) = .*?(?: +# (.*))?$")
INNER = re.compile(r"^# (\w+): (.*)$")
UNITS = {
    "_s": "seconds", "_days": "days", "_per_minute": "calls a minute", "_calls": "calls at a time",
    "_size": "jobs", "_voids": "documents", "_tolerance": "currency units",
    "_money": "currency units",
}  # fmt: skip
"""What a number counts, by how its key ends."""
WORDS = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    Decimal: "number",
    date: "date",
    Secret: "secret",
}


@cache
def meanings() -> dict[str, str]:
    """What the example says of each key, by section and key."""
    found: dict[str, str] = {}
    section = ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if heading := HEADING.match(line):
            section = heading[1].removesuffix(".acme")
        elif shown := SHOWN.match(line):
            found[f"{section}.{shown[1].removesuffix('_file')}"] = shown[2] or ""
        elif inner := INNER.match(line):
            found[f"{section}.cost_codes.{inner[1]}"] = inner[2]
    return found


def sections_in(kind: Any) -> list[type[Section]]:
    """The sections inside a type."""
    if isinstance(kind, type) and issubclass(kind, Section):
        return [kind]
    return [section for part in get_args(kind) for section in sections_in(part)]


def keys(section: type[Section], where: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of a section in order, those of sections inside it by their path."""
    for field in structs.fields(section):
        name, inner = field.name, sections_in(field.type)
        if inner and not (where and get_origin(field.type) is dict):
            yield from keys(inner[0], f"{where}{name}.")
        else:
            yield f"{where}{name}", field
            for each in inner:
                yield from keys(each, f"{where}{name}.")


def type_in_words(annotation: Any) -> str:
    """A type as people write values of it."""
    parts = get_args(annotation)
    match get_origin(annotation):
        case origin if origin is Annotated:
            words = type_in_words(parts[0])
        case origin if origin in (Union, UnionType):
            words = ", or ".join(type_in_words(part) for part in parts if part is not type(None))
        case origin if origin is Literal:
            words = " or ".join(f"`{value}`" for value in parts)
        case origin if origin in (dict, tuple):
            words = "table" if origin is dict else "list of texts"
        case _ if issubclass(annotation, Enum):
            words = " or ".join(f"`{value.value}`" for value in annotation)
        case _:
            words = WORDS.get(annotation, "text")
    return words


def _parts(kind: Any) -> Iterator[Any]:
    """A type and all that stands in it."""
    yield kind
    for part in get_args(kind):
        yield from _parts(part)


def _bounds(field: FieldInfo) -> str:
    limit = next((each for each in _parts(field.type) if isinstance(each, Limit)), None)
    if limit is None:
        return ""
    return f", {limit.least} or more" if limit.most is None else f", {limit.least} to {limit.most}"


def _default(field: FieldInfo) -> str:
    if field.required:
        return "**needed**"
    value = field.default
    if value is None or value is NODEFAULT:
        return "none"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"`{value}`"


def _unit(name: str, field: FieldInfo) -> str:
    numbers = {int, float, Decimal}
    if get_origin(field.type) is dict or not any(each in numbers for each in _parts(field.type)):
        return ""
    return next(unit for end, unit in UNITS.items() if name.endswith(end))


def configuration() -> str:
    """Every section's keys, as one table each."""
    chapters = []
    for field in structs.fields(Options):
        section, (inside,) = field.name, sections_in(field.type)
        rows = []
        for name, key in keys(inside, f"{section}."):
            told = meanings()[name]
            assert told, f"the example does not say what {name} is for"
            kind = type_in_words(key.type) + _bounds(key)
            parent = name.rpartition(".")[0]
            is_taken = "yes" if {name, parent} & TAKEN_OVER else "no"
            short = name.removeprefix(f"{section}.")
            cells = (f"`{short}`", kind, _default(key), _unit(name, key), told, is_taken)
            rows.append(f"| {' | '.join(cells)} |")
        head = ["| key | type | default | unit | meaning | reload |", "| --- " * 6 + "|"]
        title = f"## [{section}{'.NAME' if section == 'tenants' else ''}]"
        chapters.append("\n".join([title, "", *head, *rows]))
    return "\n\n".join(chapters)

"""config/syncd.example.toml shows every key, its default and what it is for, and nothing else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec import NODEFAULT, structs
from msgspec.structs import FieldInfo

from syncd.config.bounds import Secret
from syncd.config.options import Options, Section
from syncd.config.sources import load
from tests.house.support.configuration_page import EXAMPLE, sections_in

# `#key = value` or `# key = value`: a key shown but not set. Prose never looks like this.
SHOWN = re.compile(r"^#\s?(?=(\[+[\w.\"]+\]+|[a-z]\w* = ))")

# Shown with a value of somebody's, because the default would teach less.
EXAMPLES = {
    "server.public_url": "the default serves a trial on one machine",
    "notify.to": "by default nobody is told",
    "security.trusted_proxies": "by default nobody is believed",
    "security.operators.role": "the short form above already shows a Super User",
}


def opened() -> str:
    """The example with every shown key set."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return "\n".join(SHOWN.sub("", line) for line in lines) + "\n"


def example() -> dict[str, Any]:
    return tomllib.loads(opened())


def keys(
    section: type[Section], shown: Mapping[str, Any], where: str = ""
) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Every key of a section, with what the example shows for it (... for nothing)."""
    for field in structs.fields(section):
        name = field.name
        value = shown.get(name, shown.get(f"{name}_file", ...))
        inner = sections_in(field.type)
        if not inner:
            yield f"{where}{name}", field, value
            continue
        many = field.type not in inner
        inside = value if value is not ... else {}
        if many:
            found = list(inside.values()) if isinstance(inside, dict) else list(inside)
            inside = {key: one[key] for one in found for key in one}
        yield from keys(inner[0], inside, f"{where}{name}.")


def plain(value: object) -> object:
    """A default as TOML would say it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return value


def is_secret(field: FieldInfo) -> bool:
    return field.type is Secret or Secret in get_args(field.type)


def test_example_shows_every_key() -> None:
    missing = [name for name, _, value in keys(Options, example()) if value is ...]

    assert missing == []


def test_example_shows_the_defaults() -> None:
    different = {
        name: (plain(value), plain(field.default))
        for name, field, value in keys(Options, example())
        if value is not ...
        and name not in EXAMPLES
        and not is_secret(field)
        and field.default not in (NODEFAULT, None)
        and not isinstance(field.default, date)
        and plain(value) != plain(field.default)
    }

    assert different == {}


@pytest.mark.parametrize("text", [EXAMPLE.read_text("utf-8"), opened()], ids=["as is", "opened"])
def test_example_is_accepted(text: str, tmp_path: Path) -> None:
    """As it lies there, and with every shown key set."""
    secrets = re.sub(
        r'^(\w+)_file = "(.*?)"', r'\1 = "the content of \2"', text, flags=re.MULTILINE
    )
    file = tmp_path / "syncd.toml"
    file.write_text(secrets, encoding="utf-8")

    assert load(file, environment={}).server.listen


def test_example_says_what_each_number_is_for() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    silent = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if re.match(r"^(#\s?)?[a-z]\w* = \d", line)
        and " # " not in line
        and not (above.startswith("#") and not SHOWN.match(above))
    ]

    assert silent == []

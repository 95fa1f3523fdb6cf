"""How commands speak: tables for people, JSON for programs, exit codes for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table


class Exit(IntEnum):
    """What a command's end means to a script."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TRY_AGAIN = 75
    BAD_CONFIGURATION = 78


def console() -> Console:
    """Standard output; plain when it is not a terminal or NO_COLOR is set."""
    return Console(highlight=False)


def complain(message: str) -> None:
    """A line on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(message, markup=False)


def end(code: Exit, message: str = "") -> NoReturn:
    """Leave with `code`, saying why on standard error."""
    if message:
        complain(message)
    sys.exit(int(code))


def show_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, title: str = ""
) -> None:
    """A listing: a table of `columns`, or the rows whole as JSON."""
    if as_json:
        print(json.dumps(list(rows), ensure_ascii=False))  # noqa: T201  (a program reads this)
        return
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*("" if row.get(column) is None else str(row[column]) for column in columns))
    console().print(table if rows else f"{title or 'Nothing'}: none")


def show_value(value: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: a field a line, or JSON."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False))  # noqa: T201  (a program reads this)
        return
    table = Table(show_header=False, box=None)
    for name, content in value.items():
        shown = "" if content is None else content
        table.add_row(name.replace("_", " "), str(shown))
    console().print(table)

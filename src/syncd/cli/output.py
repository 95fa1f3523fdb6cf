"""How commands speak: tables for people, JSON for programs, exit codes for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from syncd.domain.rules.printable import printable

_SIDES = ("field", "agreed", "pipeline", "xero", "moved by")
_MOVED_BY = {"pipeline": "Pipeline", "xero": "Xero", "both": "both", None: "kept by decision"}
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
WIDE = 140
"""Columns of what is read by another program or kept in a file."""


class Exit(IntEnum):
    """What a command's end means to a script."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TRY_AGAIN = 75
    BAD_CONFIGURATION = 78


class _Cleaned(Console):
    """A console on which nothing that others wrote commands the terminal, however it gets there."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)


def console() -> Console:
    """Standard output; plain and wide when it is not a terminal, plain when NO_COLOR is set."""
    found = _Cleaned(highlight=False)
    if not found.is_terminal:
        found.width = max(found.width, WIDE)
    return found


def complain(message: str) -> None:
    """A line on standard error."""
    shown = printable(message)
    _Cleaned(stderr=True, highlight=False, soft_wrap=True).print(shown, markup=False)


def end(code: Exit, message: str = "") -> NoReturn:
    """Leave with `code`, saying why on standard error."""
    if message:
        complain(message)
    sys.exit(int(code))


def show_json(value: Any) -> None:
    """One JSON value on one line."""
    # Escaped in full on a terminal: JSON leaves some controls as they are.
    print(json.dumps(value, ensure_ascii=sys.stdout.isatty()))  # noqa: T201  (for a program)


def show_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, title: str = ""
) -> None:
    """A listing: a table of `columns`, or the rows whole as JSON."""
    if as_json:
        show_json(list(rows))
        return
    if not rows:
        console().print(f"{title or 'Nothing'}: none", markup=False)
        return
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console().print(table)


def show_differences(differences: Sequence[Mapping[str, Any]]) -> None:
    """Field by field what was agreed, what each side shows, and who moved."""
    rows = [
        {**each, "moved by": _MOVED_BY.get(each["moved_by"], each["moved_by"])}
        for each in differences
    ]
    show_rows(rows, _SIDES, as_json=False, title="Differences")


def in_words(state: str) -> str:
    """A sync state as the product writes it: `out of sync`."""
    return state.replace("_", " ")


def show_value(value: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: a field a line, or JSON."""
    if as_json:
        show_json(value)
        return
    table = Table(show_header=False, box=None)
    table.add_column(no_wrap=True)
    # An address must stay whole: folded, never cut.
    table.add_column(overflow="fold")
    for name, content in value.items():
        table.add_row(name.replace("_", " "), _cell(content))
    console().print(table)


def say(line: str) -> None:
    """A line of text for people, as it is."""
    console().print(printable(line), markup=False, soft_wrap=True)


def lasting(seconds: float | None) -> str:
    """A duration as people say it: `less than a minute`, `about 5 min`, `about 2 h`."""
    if seconds is None:
        return ""
    if seconds < _MINUTE_S:
        return "less than a minute"
    if seconds < 2 * _HOUR_S:
        return f"about {round(seconds / _MINUTE_S)} min"
    if seconds < 2 * _DAY_S:
        return f"about {round(seconds / _HOUR_S)} h"
    return f"about {round(seconds / _DAY_S)} days"


def _cell(content: Any) -> Text:
    """A cell as plain text: what others wrote is never read as markup."""
    if content is None:
        return Text("")
    if isinstance(content, bool):
        return Text("yes" if content else "no")
    if isinstance(content, Mapping):
        content = ", ".join(f"{name} {value}" for name, value in content.items() if value)
    return Text(printable(str(content)))

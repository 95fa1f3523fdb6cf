"""How commands speak: tables for people, JSON for programs, exit codes for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from syncd.config.places import wanted_columns
from syncd.domain.model.money import grouped
from syncd.domain.rules.text import wording
from syncd.domain.rules.text.printable import printable
from syncd.runtime.system_clock import SystemClock
from syncd.web.report import words

_SIDES = ("field", "agreed", "pipeline", "xero", "moved by")
_MOVED_BY = {"pipeline": "Pipeline", "xero": "Xero", "both": "both", None: "kept by decision"}
_PROSE = frozenset(
    ("reason", "text", "why", "description", "would", "note", "agreed", "pipeline", "xero", "name",
     "customer", "organisation", "label", "trouble", "became")
)  # fmt: skip
"""Columns of words, which may be folded between them."""
_SENTENCES = frozenset(("reason", "text", "why", "description", "trouble"))
"""What syncd says, in which fields are called as people call them."""
_MONEY = frozenset(("total", "amount", "amount_paid", "amount_credited", "amount_due"))
_AMOUNT_FIELDS = frozenset(("nett", "tax", "total", "unitAmount"))
_LEAST_PROSE, _MOST_OF_A_WORD = 16, 48
"""Narrower, words are a column of fragments; longer, a word is folded like a line."""
_LONGEST_WORD, _UNLIMITED = 24, 10_000
WIDE = 140
"""Columns of what is read by another program or kept in a file."""


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

    def on_broken_pipe(self) -> None:
        """Whoever read is gone: said by the exception, so that every command ends the same."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output; wide when it is not a terminal and COLUMNS says nothing, plain then too."""
    found = _Cleaned(highlight=False)
    if not found.is_terminal and wanted_columns() is None:
        found.width = max(found.width, WIDE)
    return found


def show_json(value: Any) -> None:
    """One JSON value on one line."""
    # Escaped in full on a terminal: JSON leaves some controls as they are.
    is_utf_8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=sys.stdout.isatty() or not is_utf_8))  # noqa: T201  (for a program)


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
    screen = console()
    cells = [[_stacked(row.get(column), column) for column in columns] for row in rows]
    by_column = [[row[place] for row in cells] for place in range(len(columns))]
    widths = shared_widths(
        [_least_of(column, found) for column, found in zip(columns, by_column, strict=True)],
        [_longest_line(column, found) for column, found in zip(columns, by_column, strict=True)],
        screen.width - _borders(len(columns)),
    )
    if widths is None:
        _show_blocks(screen, columns, cells, title)
        return
    table = Table(title=title or None, title_justify="left")
    for column, width in zip(columns, widths, strict=True):
        # Words may be folded between them; a code, a number or an instant stays whole.
        whole = column not in _PROSE
        table.add_column(_heading(column), overflow="fold", no_wrap=whole, width=width)
    for row in cells:
        table.add_row(*row)
    screen.print(table)


def _borders(columns: int) -> int:
    """What lines and blanks between so many columns take."""
    return 3 * columns + 1


def shared_widths(least: Sequence[int], wanted: Sequence[int], room: int) -> list[int] | None:
    """A width for each column: its least, and an even share of what is left, up to what it wants.

    None where not even the least fits. Rich lets a column's least width run over the screen's edge.
    """
    left = room - sum(least)
    if left < 0:
        return None
    widths = list(least)
    open_ = sorted(range(len(least)), key=lambda place: wanted[place] - least[place])
    for count, place in enumerate(open_):
        more = min(max(0, wanted[place] - least[place]), left // (len(open_) - count))
        widths[place] += more
        left -= more
    return widths


def _longest_line(column: str, cells: Iterable[Text]) -> int:
    lines = (line for cell in cells for line in cell.plain.splitlines())
    return max([cell_len(_heading(column)), *map(cell_len, lines)])


def _least_of(column: str, cells: Sequence[Text]) -> int:
    """How wide a column must be: its longest line, or for words its longest word."""
    if column not in _PROSE:
        return _longest_line(column, cells)
    heading = cell_len(_heading(column))
    longest = max((cell_len(word) for cell in cells for word in cell.plain.split()), default=0)
    return max(heading, _LEAST_PROSE, min(longest, _MOST_OF_A_WORD))


def _show_blocks(
    screen: Console, columns: Sequence[str], cells: Sequence[Sequence[Text]], title: str
) -> None:
    """Too narrow for a table: a row is a few lines, a field each."""
    if title:
        screen.print(Text(title, style="italic"))
    for row in cells:
        _print_fields(screen, zip(columns, row, strict=True))
        screen.print("")


def show_table(screen: Console, table: Table) -> None:
    """A finished table; on a screen too narrow for it, a few lines for each of its rows."""
    headings = [str(column.header) for column in table.columns]
    cells = [[str(cell) for cell in column.cells] for column in table.columns]
    least: list[int] = []
    wanted: list[int] = []
    for column, heading, content in zip(table.columns, headings, cells, strict=True):
        whole = [line for text in (heading, *content) for line in text.splitlines()]
        wanted.append(max(map(cell_len, whole), default=0))
        if not column.no_wrap:  # words are folded between them
            whole = [word[:_LONGEST_WORD] for line in whole for word in line.split()]
        least.append(max(map(cell_len, whole), default=0))
    unlimited = screen.options.update(max_width=_UNLIMITED)
    drawn = Measurement.get(screen, unlimited, table).maximum - sum(wanted)
    widths = shared_widths(least, wanted, screen.width - drawn)
    if widths is not None:
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        screen.print(table)
        return
    rows = [[Text(cell) for cell in row] for row in zip(*cells, strict=True)]
    _show_blocks(screen, headings, rows, str(table.title or ""))


def _print_fields(screen: Console, fields: Iterable[tuple[str, Text]]) -> None:
    table = Table(show_header=False, box=None)
    table.add_column(no_wrap=True)
    # An address must stay whole: folded, never cut.
    table.add_column(overflow="fold")
    for name, cell in fields:
        table.add_row(_heading(name), cell)
    screen.print(table)


def _heading(column: str) -> str:
    return column.replace("_", " ")


def show_differences(differences: Sequence[Mapping[str, Any]]) -> None:
    """Field by field what was agreed, what each side shows, and who moved."""
    rows = [
        {
            "field": words.field(each["field"]),
            **{side: _shown_of(each["field"], each[side]) for side in _SIDES[1:4]},
            "moved by": _MOVED_BY.get(each["moved_by"], each["moved_by"]),
        }
        for each in differences
    ]
    show_rows(rows, _SIDES, as_json=False, title="Differences")


def _shown_of(field: str, text: str | None) -> str | None:
    """A side's value; an amount of money with its thousands and cents."""
    if text is None or field.rpartition(".")[2] not in _AMOUNT_FIELDS:
        return text
    try:
        return money(Decimal(text))
    except InvalidOperation:
        return text


def money(amount: Decimal | float) -> str:
    """`1,508,159.80`; a unit price keeps the places it has beyond two."""
    return grouped(Decimal(str(amount)))


def in_words(state: str) -> str:
    """A sync state as the product writes it: `out of sync`."""
    return state.replace("_", " ")


def show_value(value: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: a field a line, or JSON."""
    if as_json:
        show_json(value)
        return
    _print_fields(console(), ((name, _cell(content, name)) for name, content in value.items()))


def say(line: str) -> None:
    """A line of text for people, with fields as they call them."""
    console().print(printable(words.in_words(line)), markup=False, soft_wrap=True)


def away_s(text: str) -> float:
    """How far in the future an instant of the API's is; below zero for the past."""
    return (datetime.fromisoformat(text) - SystemClock().now()).total_seconds()


def when(text: str) -> str:
    """An instant of the API's for people: `2026-11-29 09:53:54 UTC, 3 min ago`."""
    at = datetime.fromisoformat(text).astimezone(UTC)
    seconds = away_s(text)
    said = wording.lasting(abs(seconds))
    distance = f"in {said}" if seconds > 0 else f"{said} ago"
    return f"{at:%Y-%m-%d %H:%M:%S} UTC, {distance}"


def _stacked(content: Any, column: str) -> Text:
    """A cell of a table: an instant above how far it is away."""
    cell = _cell(content, column)
    is_instant = column.endswith("_at") and content is not None
    return Text(cell.plain.replace(", ", "\n", 1)) if is_instant else cell


def _cell(content: Any, name: str = "") -> Text:
    """A cell as plain text: what others wrote is never read as markup."""
    if content is None:
        return Text("")
    if isinstance(content, bool):
        return Text("yes" if content else "no")
    if isinstance(content, Mapping):
        content = ", ".join(f"{name} {value}" for name, value in content.items() if value)
    if isinstance(content, list):
        content = "\n".join(map(str, content)) or "none"
    if name.endswith("_at") and isinstance(content, str):
        content = when(content)
    if name in _MONEY and isinstance(content, int | float):
        content = money(content)
    if name in _SENTENCES:
        content = words.in_words(str(content))
    return Text(printable(str(content)))

"""`syncd report`: control totals as a table, CSV or a page, for who signs the books.

Reads one report of the daemon as JSON and draws it here, so that every form bears the same digest,
which is recomputed before anything is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from syncd.cli import out_file
from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.ending import complain, end
from syncd.cli.exits import Exit
from syncd.cli.following import followed
from syncd.cli.output import console, money, show_table
from syncd.cli.parameters import Daemon, Tenant
from syncd.domain.rules.text.printable import printable
from syncd.web.report import csv, page, shapes, words
from syncd.web.report.shapes import (
    ControlReport,
    ReportAmounts,
    ReportException,
    ReportGroup,
    ReportMoney,
    ReportSide,
)

MOST_S = 1800.0
"""Large books are read at Xero's own pace: a thousand documents a call."""
Form = Literal["table", "csv", "html"]


async def report(
    tenant: Tenant,
    *,
    format: Form = "table",  # noqa: A002  (the option's public name)
    out: Path | None = None,
    json: bool = False,
    daemon: Daemon = None,
) -> None:
    """Control totals: Pipeline = Xero + listed exceptions, to the cent.

    Exit 1 when a difference has no explanation; it is printed first.

    Parameters
    ----------
    format
        table, csv or html.
    out
        Write it to this file instead.
    json
        Print the report as JSON; its digest is of this JSON without `digest`, keys sorted.
    """
    out_file.refuse_unusable(out)
    client = DaemonClient(daemon, timeout_s=MOST_S)
    order = client.get("/api/v1" + path_of("tenants", tenant, "report"))
    answer = await followed(client, tenant, order, "Reading both books ...")
    try:
        found = msgspec.convert(answer, ControlReport)
    except msgspec.ValidationError:
        end(Exit.FAILED, "The daemon answers with a report of another form: it is another version.")
    if shapes.digest_of(found) != found.digest:
        end(Exit.FAILED, "The report's digest is not that of its content; ask for it again.")
    text = msgspec.json.encode(found).decode() + "\n" if json else _drawn(found, format)
    if out is None and sys.stdout.isatty() and (json or format == "html"):
        text = printable(text)  # the other forms are clean already
    _put(text, out)
    if out is not None:
        complain(f"{page.verdict(found)} Written to {out}, {found.digest}.")
    if not found.ties_out:
        end(Exit.FAILED, page.verdict(found))


def _put(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")  # noqa: T201  (the report itself)
        return
    out_file.put(out, text)


def _drawn(found: ControlReport, form: Form) -> str:
    if form == "csv":
        return csv.render(found)
    if form == "html":
        return page.render(found)
    screen = console()
    with screen.capture() as captured:
        _table(found, screen)
    return captured.get()


def _table(found: ControlReport, screen: Console) -> None:
    """What is unexplained first, in red; then the totals, the exceptions, the groups."""
    verdict = page.verdict(found)
    screen.print(Text(verdict, style="green" if found.ties_out else "bold red"))
    if found.suspects:
        show_table(screen, _exceptions("Differ, and nothing here says why", found.suspects, "red"))
    if found.unexplained:
        show_table(screen, _groups("Unexplained", found.unexplained, "red"))
    screen.print(
        Text(
            f"{found.tenant} and {found.organisation}. Pipeline as of "
            f"{page.when(found.pipeline_as_of)}; Xero read from "
            f"{page.when(found.read_from)} to {page.when(found.read_to)}.\n"
            f"{found.time_zone}"
        )
    )
    show_table(screen, _groups("Totals", found.totals))
    if found.exceptions:
        show_table(screen, _exceptions("Exceptions", found.exceptions))
    show_table(screen, _money(found))
    for dimension, title in page.TITLES.items():
        rows = [one for one in found.groups if one.dimension == dimension]
        if rows:
            show_table(screen, _groups(title, rows))
    screen.print(Text(found.digest, style="dim"))


def _groups(title: str, rows: Iterable[ReportGroup], style: str = "") -> Table:
    numbers = ("#", "Pipeline", "#", "Xero", "Difference", "Unexplained", "Exceptions")
    table = _empty(title, ("", ""), numbers, style)
    for one in rows:
        table.add_row(
            Text(one.label),
            Text("" if one.key == one.currency else one.currency),
            str(one.pipeline.count),
            _sums(one.pipeline),
            str(one.xero.count),
            _sums(one.xero),
            _sums(one.difference),
            _sums(one.unexplained),
            str(one.exceptions or ""),
        )
    return table


def _exceptions(title: str, rows: Iterable[ReportException], style: str = "") -> Table:
    table = _empty(
        title, ("Number", "Cause", "In words", ""), ("Pipeline", "Xero", "Difference"), style
    )
    for one in rows:
        table.add_row(
            Text(one.number),
            Text(words.cause_of(one)),
            Text(words.why(one)),
            Text(one.currency),
            _sums(one.pipeline),
            _sums(one.xero),
            _sums(one.difference),
        )
    return table


def _money(found: ControlReport) -> Table:
    table = _empty(
        "Money (paid / credited / due)", ("",), ("Documents", "Xero shows", "Pipeline was told"), ""
    )
    for one in found.money:
        table.add_row(Text(one.currency), str(one.documents), _three(one.xero), _three(one.told))
    for each in found.money_exceptions:
        text = Text(f"{each.number}: {each.text}")
        table.add_row(text, "", _three(each.xero), _three(each.told))
    return table


def _empty(title: str, words: Sequence[str], numbers: Sequence[str], style: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        style=style,
        title_style=style or "bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in words:
        table.add_column(name, overflow="fold", min_width=3)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _sums(of: ReportAmounts | ReportSide | None) -> str:
    """Total alone: nett and tax are in the other forms, where there is room."""
    return "" if of is None else money(Decimal(of.total))


def _three(of: ReportMoney) -> str:
    return " / ".join(money(Decimal(each)) for each in (of.paid, of.credited, of.due))

"""A report as a page that stands by itself and prints: no scripts, nothing loaded from elsewhere.

Everything that people wrote is escaped. What is unexplained comes first, in red.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

from syncd.domain.model.control_totals import Cause
from syncd.web.report import words
from syncd.web.report.shapes import (
    ControlReport,
    ReportAmounts,
    ReportException,
    ReportGroup,
    ReportMoney,
    ReportSide,
)

_TEMPLATES = files("syncd.web").joinpath("templates")
_PAGE = Template(_TEMPLATES.joinpath("report.html").read_text("utf-8"))
_STYLE = _TEMPLATES.joinpath("report.css").read_text("utf-8")
TITLES = {
    "status": "By status",
    "month": "By month of the invoice date",
    "tax": "By tax type",
    "account": "By account",
    "customer": "By customer",
}
_AMOUNTS = ("nett", "tax", "total")
_ZERO = "0.00"
_FORMATS = "%d %B %Y %H:%M:%S UTC"


def render(report: ControlReport) -> str:
    """The whole page."""
    title = f"Control totals: {report.tenant} and {report.organisation}"
    return _PAGE.substitute(
        title=escape(title), style=_STYLE, content="\n".join(_content(report, title))
    )


def verdict(report: ControlReport) -> str:
    """In a sentence or two whether both books tie out, and what is in no sum."""
    if report.ties_out:
        count = len(report.exceptions)
        listed = "exception" if count == 1 else "exceptions"
        said = f"Both books tie out to the cent: Pipeline = Xero + {count} listed {listed}."
    elif report.suspects:
        count = len(report.suspects)
        documents = "1 document differs" if count == 1 else f"{count} documents differ"
        said = f"The books do not tie out: {documents} and nothing here says why."
    else:
        count = len(report.unexplained)
        groups = "1 group is" if count == 1 else f"{count} groups are"
        said = f"The books do not tie out: {groups} apart by more than the exceptions explain."
    return " ".join(filter(None, (said, unread(report))))


def unread(report: ControlReport) -> str:
    """In a sentence what nobody could read and is in no sum, by side; nothing where there is none.

    Whoever holds the totals against another system's own finds them apart by these.
    """
    parts = []
    for cause, side in ((Cause.UNREADABLE, "Pipeline"), (Cause.UNREADABLE_IN_XERO, "Xero")):
        if count := sum(one.cause == cause for one in report.exceptions):
            parts.append(f"{count} of {side}'s")
    if not parts:
        return ""
    return f"Documents that cannot be read are listed and in no sum: {' and '.join(parts)}."


def when(moment: object) -> str:
    """An instant as people read it; a dash for none."""
    return moment.strftime(_FORMATS) if hasattr(moment, "strftime") else "—"


def _content(report: ControlReport, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield f'<p class="verdict {"good" if report.ties_out else "bad"}">{escape(verdict(report))}</p>'
    if report.suspects:
        yield '<h2 class="red">Differ, and nothing here says why</h2>'
        yield _exceptions(report.suspects, "red")
    if report.unexplained:
        yield '<h2 class="red">Unexplained</h2>'
        yield _groups(report.unexplained, "red", is_rest=True)
    yield _facts(report)
    yield "<h2>Totals</h2>"
    yield _groups(report.totals)
    yield "<h2>Exceptions</h2>"
    yield _exceptions(report.exceptions)
    yield "<h2>Money: Total Paid, credits, Amount Outstanding</h2>"
    yield from _money(report)
    for dimension, rows in groupby(
        sorted(report.groups, key=lambda one: list(TITLES).index(one.dimension)),
        key=lambda one: one.dimension,
    ):
        yield f"<h2>{TITLES[dimension]}</h2>"
        yield _groups(list(rows))
    yield f'<p class="digest">{escape(report.digest)} of the report\'s canonical JSON</p>'


def _facts(report: ControlReport) -> str:
    start = "the beginning" if report.start_date is None else report.start_date.isoformat()
    facts = {
        "Pipeline as of": f"{when(report.pipeline_as_of)} (the last change taken)",
        "Xero read": f"from {when(report.read_from)} to {when(report.read_to)}",
        "Mode": report.mode,
        "Dated from": start,
        "Tolerated": f"{report.totals_tolerance} a document, for rounding",
        "Dates": report.time_zone,
    }
    rows = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items())
    return f"<dl>{''.join(rows)}</dl>"


def _groups(rows: Sequence[ReportGroup], style: str = "", *, is_rest: bool = False) -> str:
    last = "Unexplained" if is_rest else "Difference"
    head = (
        '<tr><th rowspan="2"></th><th rowspan="2"></th>'
        '<th class="side" colspan="4">Pipeline</th><th class="side" colspan="4">Xero</th>'
        f'<th class="side" colspan="3">{last}</th><th class="n" rowspan="2">Exceptions</th></tr>'
        f"<tr>{_heads('Count', 'Nett', 'Tax', 'Total') * 2}{_heads('Nett', 'Tax', 'Total')}</tr>"
    )
    lines = (
        f"<td>{escape(words.plain(one.label))}</td><td>{_currency(one)}</td>"
        f"{_side(one.pipeline)}{_side(one.xero)}"
        f"{_amounts(one.unexplained if is_rest else one.difference, is_apart=True)}"
        f'<td class="n">{one.exceptions or ""}</td>'
        for one in rows
    )
    return _table(head, lines, style)


def _currency(one: ReportGroup) -> str:
    """Where the group is a currency itself, once is enough."""
    return "" if one.key == one.currency else escape(one.currency)


def _exceptions(rows: Sequence[ReportException], style: str = "") -> str:
    if not rows:
        return '<p class="none">None.</p>'
    head = (
        '<tr><th rowspan="2">Number</th><th rowspan="2">Cause</th><th rowspan="2">In words</th>'
        '<th rowspan="2"></th><th class="side" colspan="3">Pipeline</th>'
        '<th class="side" colspan="3">Xero</th><th class="side" colspan="3">Difference</th></tr>'
        f"<tr>{_heads('Nett', 'Tax', 'Total') * 3}</tr>"
    )
    lines = (
        f'<td class="number">{escape(one.number)}</td><td>{escape(words.cause_of(one))}</td>'
        f'<td class="text">{escape(words.why(one))}</td><td>{escape(one.currency)}</td>'
        f"{_amounts(one.pipeline)}{_amounts(one.xero)}{_amounts(one.difference, is_apart=True)}"
        for one in rows
    )
    return _table(head, lines, style)


def _money(report: ControlReport) -> Iterator[str]:
    names = _heads("Paid", "Credited", "Due")
    sides = (
        '<th class="side" colspan="3">Xero shows</th>'
        '<th class="side" colspan="3">Pipeline was told</th>'
    )
    head = (
        f'<tr><th rowspan="2">Currency</th><th class="n" rowspan="2">Documents</th>{sides}</tr>'
        f"<tr>{names * 2}</tr>"
    )
    yield _table(
        head,
        (
            f'<td>{escape(one.currency)}</td><td class="n">{one.documents}</td>'
            f"{_paid(one.xero)}{_paid(one.told)}"
            for one in report.money
        ),
    )
    if report.money_exceptions:
        head = (
            f'<tr><th rowspan="2">Number</th><th rowspan="2">In words</th>{sides}</tr>'
            f"<tr>{names * 2}</tr>"
        )
        yield _table(
            head,
            (
                f'<td class="number">{escape(one.number)}</td>'
                f'<td class="text">{escape(words.plain(one.text))}</td>'
                f"{_paid(one.xero)}{_paid(one.told)}"
                for one in report.money_exceptions
            ),
        )


def _heads(*names: str) -> str:
    first, *rest = names
    return f'<th class="n first">{first}</th>' + "".join(
        f'<th class="n">{name}</th>' for name in rest
    )


def _side(of: ReportSide) -> str:
    return f'<td class="n first">{of.count}</td>' + _numbers(
        [getattr(of, each) for each in _AMOUNTS]
    )


def _amounts(of: ReportAmounts | None, *, is_apart: bool = False) -> str:
    texts = ["" if of is None else getattr(of, each) for each in _AMOUNTS]
    return _numbers(texts, is_first=True, is_apart=is_apart)


def _paid(of: ReportMoney) -> str:
    return _numbers([of.paid, of.credited, of.due], is_first=True)


def _numbers(texts: Sequence[str], *, is_first: bool = False, is_apart: bool = False) -> str:
    cells = []
    for place, text in enumerate(texts):
        styles = ["n"]
        if is_first and place == 0:
            styles.append("first")
        if is_apart:
            styles.append("none" if text == _ZERO else "apart")
        cells.append(f'<td class="{" ".join(styles)}">{_grouped(text)}</td>')
    return "".join(cells)


def _grouped(text: str) -> str:
    """`-1234567.80` as `-1,234,567.80`; digits are moved apart, never through a float."""
    whole, _, cents = text.partition(".")
    return f"{int(whole):,}.{cents}" if cents and whole != "-0" else text


def _table(head: str, lines: Iterable[str], style: str = "") -> str:
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    kind = f' class="{style}"' if style else ""
    return f"<table{kind}><thead>{head}</thead><tbody>{body}</tbody></table>"

"""A report as CSV (RFC 4180): one table of stable columns, numbers plain, one record a row.

The column `record` says what a row is: `meta`, `unexplained`, `suspect`, `total`, `group`,
`exception`, `money`, `money_exception`. A text that a spreadsheet would take for a formula is
preceded by an apostrophe, every cell is quoted (some part a line at `;` or a tab as well), and
what would part or end a cell, or command a terminal, is shown and not sent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from syncd.domain.rules.text.printable import printable
from syncd.web.report.shapes import (
    ControlReport,
    ReportAmounts,
    ReportException,
    ReportGroup,
    ReportMoney,
    ReportSide,
)

_AMOUNTS = ("nett", "tax", "total")
_MONEY = ("paid", "credited", "due")
COLUMNS = (
    "record", "dimension", "key", "label", "currency",
    "pipeline_count", "pipeline_nett", "pipeline_tax", "pipeline_total",
    "xero_count", "xero_nett", "xero_tax", "xero_total",
    "difference_nett", "difference_tax", "difference_total",
    "exceptions", "explained_nett", "explained_tax", "explained_total",
    "unexplained_nett", "unexplained_tax", "unexplained_total",
    "number", "cause", "state", "reason_code", "fields", "text", "id", "xero_invoice_id",
    "xero_paid", "xero_credited", "xero_due", "told_paid", "told_credited", "told_due", "months",
)  # fmt: skip
_META = (
    "tenant", "organisation", "organisation_id", "mode", "base_currency", "start_date",
    "totals_tolerance", "time_zone", "pipeline_as_of", "read_from", "read_to", "ties_out", "digest",
)  # fmt: skip
_WORDS = frozenset(
    {
        "key",
        "label",
        "number",
        "text",
        "fields",
        "state",
        "currency",
        "id",
        "xero_invoice_id",
        "months",
    }
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001  (full-width ones count too)
_BREAKS = str.maketrans({"\t": " ", "\r": " ", "\n": " "})


def render(report: ControlReport) -> str:
    """The whole table, its names first."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    table.writeheader()
    for row in _rows(report):
        table.writerow({name: _cell(name, value) for name, value in row.items()})
    return out.getvalue()


def _rows(report: ControlReport) -> Iterator[dict[str, Any]]:
    for name in _META:
        yield {"record": "meta", "key": name, "label": _meta(getattr(report, name))}
    yield from (_group("unexplained", one) for one in report.unexplained)
    yield from (_exception("suspect", one) for one in report.suspects)
    yield from (_group("total", one) for one in report.totals)
    yield from (_group("group", one) for one in report.groups)
    yield from (_exception("exception", one) for one in report.exceptions)
    for each in report.money:
        yield {
            "record": "money",
            "currency": each.currency,
            "xero_count": each.documents,
            **_money("xero", each.xero),
            **_money("told", each.told),
        }
    for one in report.money_exceptions:
        yield {
            "record": "money_exception",
            "number": one.number,
            "text": one.text,
            "currency": one.currency,
            "id": one.id,
            "xero_invoice_id": one.xero_invoice_id,
            **_money("xero", one.xero),
            **_money("told", one.told),
        }


def _group(record: str, one: ReportGroup) -> dict[str, Any]:
    return {
        "record": record,
        "dimension": one.dimension,
        "key": one.key,
        "label": one.label,
        "currency": one.currency,
        "pipeline_count": one.pipeline.count,
        **_amounts("pipeline", one.pipeline),
        "xero_count": one.xero.count,
        **_amounts("xero", one.xero),
        **_amounts("difference", one.difference),
        "exceptions": one.exceptions,
        **_amounts("explained", one.explained),
        **_amounts("unexplained", one.unexplained),
    }


def _exception(record: str, one: ReportException) -> dict[str, Any]:
    return {
        "record": record,
        "number": one.number,
        "cause": one.cause or "",
        "state": one.state or "",
        "reason_code": one.reason_code or "",
        "fields": " ".join(one.fields),
        "text": one.text,
        "currency": one.currency,
        **_amounts("pipeline", one.pipeline),
        **_amounts("xero", one.xero),
        **_amounts("difference", one.difference),
        "id": one.id or "",
        "xero_invoice_id": one.xero_invoice_id or "",
        "months": " ".join(one.months),
    }


def _amounts(name: str, of: ReportAmounts | ReportSide | None) -> dict[str, str]:
    return {f"{name}_{each}": "" if of is None else getattr(of, each) for each in _AMOUNTS}


def _money(name: str, of: ReportMoney) -> dict[str, str]:
    return {f"{name}_{each}": getattr(of, each) for each in _MONEY}


def _meta(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value.isoformat())


def _cell(name: str, value: Any) -> Any:
    if name not in _WORDS or not isinstance(value, str):
        return value
    text = printable(value.translate(_BREAKS))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text

"""A report as CSV: stable columns, plain numbers, no formulas of others."""

from __future__ import annotations

import csv
import io

from syncd.web import report_csv
from tests.web.reports import FORMULA, report


def rows(*, is_whole: bool = True) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_csv.render(report(is_whole=is_whole)))))


def test_every_row_has_every_column() -> None:
    for row in rows():
        assert tuple(row) == report_csv.COLUMNS
        assert None not in row.values()


def test_numbers_are_plain() -> None:
    (total,) = [row for row in rows() if row["record"] == "total"]

    assert (total["pipeline_total"], total["difference_total"]) == ("1234578.30", "10.50")


def test_a_text_is_never_a_formula() -> None:
    (one,) = [row for row in rows() if row["record"] == "exception"]

    assert one["number"] == f"'{FORMULA}"


def test_what_is_unexplained_stands_before_the_totals() -> None:
    records = [row["record"] for row in rows(is_whole=False) if row["record"] != "meta"]

    assert records.index("unexplained") < records.index("suspect") < records.index("total")


def test_the_digest_is_among_the_facts() -> None:
    said = {row["key"]: row["label"] for row in rows() if row["record"] == "meta"}

    assert said["digest"].startswith("sha256:")
    assert (said["ties_out"], said["start_date"]) == ("yes", "2026-11-01")

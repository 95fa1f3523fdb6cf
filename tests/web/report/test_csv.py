"""A report as CSV: stable columns, plain numbers, no formulas of others."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest

from syncd.web.report import csv as report_csv
from tests.web.support.reports import FORMULA, report


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


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\n=1+1", "' =1+1"),
        ("\t@SUM(A1)", "' @SUM(A1)"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\x1b[2J=", "\\x1b[2J="),
        ("a;=1+1", "a;=1+1"),
        ("one\r\ntwo\tthree", "one  two three"),
        ("Söhne", "Söhne"),
    ],
)
def test_text_of_others_stays_in_its_cell(text: str, cell: str) -> None:
    one = msgspec.structs.replace(report().exceptions[0], number=text)
    shown = report_csv.render(msgspec.structs.replace(report(), exceptions=[one]))

    (row,) = [each for each in csv.DictReader(io.StringIO(shown)) if each["record"] == "exception"]
    assert row["number"] == cell


def test_every_cell_is_quoted() -> None:
    first = report_csv.render(report()).splitlines()[0]

    assert first == ",".join(f'"{name}"' for name in report_csv.COLUMNS)


def test_what_is_unexplained_stands_before_the_totals() -> None:
    records = [row["record"] for row in rows(is_whole=False) if row["record"] != "meta"]

    assert records.index("unexplained") < records.index("suspect") < records.index("total")


def test_the_digest_is_among_the_facts() -> None:
    said = {row["key"]: row["label"] for row in rows() if row["record"] == "meta"}

    assert said["digest"].startswith("sha256:")
    assert (said["ties_out"], said["start_date"]) == ("yes", "2026-11-01")

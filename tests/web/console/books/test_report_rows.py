"""A report in rows: every exception under one cause, and no figure that is not the report's."""

from __future__ import annotations

import msgspec
import pytest

from syncd.domain.model.control_totals import Cause, Dimension
from syncd.domain.model.job import Reason
from syncd.web.console.books import report_rows
from syncd.web.report import words as report_words
from syncd.web.report.shapes import ReportException
from tests.web.support.reports import report


def like(cause: str | None, reason: str | None = None, **others: object) -> ReportException:
    (one,) = report().exceptions
    return msgspec.structs.replace(one, cause=cause, reason_code=reason, **others)


@pytest.mark.parametrize("cause", [Cause.HELD, Cause.FAILED])
def test_what_waits_says_for_what(cause: Cause) -> None:
    one = like(cause, Reason.CONTACT_UNMAPPED)

    assert report_words.cause_of(one) == "No Xero contact for the customer"
    assert report_rows.key_of(one) == f"{cause}:contact_unmapped"


def test_causes_count_every_exception_once_the_most_first() -> None:
    many = [like(Cause.PENDING), like(Cause.ROUNDING), like(Cause.PENDING)]
    found = msgspec.structs.replace(report(), exceptions=many)

    causes = report_rows.causes(found, "acme")

    assert [(one.key, one.count) for one in causes] == [("pending", 2), ("rounding", 1)]
    assert causes[0].difference == ("+21.00 NZD",)


def test_fields_are_named_once() -> None:
    named, bare = (
        report_rows.exceptions([like(Cause.PENDING, text=text, fields=["total"])], "acme")[0]
        for text in ("The total differs.", "It differs.")
    )

    assert named.text == "The total differs."
    assert bare.text == "It differs. (Total)"


def test_groups_are_those_of_the_report() -> None:
    found = report()

    (row,) = report_rows.groups(found.totals)

    assert (row.label, row.pipeline, row.xero) == ("NZD", "1,234,578.30", "1,234,567.80")
    assert (row.difference, row.unexplained) == ("+10.50", "")
    assert Dimension.CURRENCY not in report_rows.dimensions(found)

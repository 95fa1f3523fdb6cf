"""A report as a page: it loads nothing, runs nothing, and says the worst first."""

from __future__ import annotations

import re

from msgspec import structs

from syncd.web.report import page as report_page
from tests.web.support.reports import report


def test_what_people_wrote_is_text() -> None:
    page = report_page.render(report())

    assert "<script" not in page
    assert "&lt;script" in page
    assert "Demo &amp; &lt;Company&gt;" in page


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = report_page.render(report())

    tags = re.findall(r"<[^>]+>", page)
    assert not [tag for tag in tags if re.search(r"\b(src|href|url)\b", tag)]
    assert "@import" not in page
    assert "url(" not in page


def test_digest_and_moments_are_printed() -> None:
    found = report()
    page = report_page.render(found)

    assert found.digest in page
    assert "22 November 2026 12:00:01 UTC" in page
    assert "1,234,567.80" in page


def test_what_is_unexplained_comes_first_and_in_red() -> None:
    page = report_page.render(report(is_whole=False))

    assert "do not tie out" in page
    assert page.index('<h2 class="red">Differ') < page.index("<h2>Totals</h2>")
    assert report_page.verdict(report()).startswith("Both books tie out")


def test_what_nobody_can_read_is_said_to_be_in_no_sum() -> None:
    """Both totals are short by it, whatever the exceptions come to."""
    found = report()
    odd = [
        structs.replace(found.exceptions[0], cause=cause, pipeline=None, xero=None)
        for cause in ("unreadable", "unreadable", "unreadable_in_xero")
    ]
    found = structs.replace(found, exceptions=[*found.exceptions, *odd])

    assert report_page.verdict(found).endswith("in no sum: 2 of Pipeline's and 1 of Xero's.")
    assert "in no sum: 2 of Pipeline&#x27;s" in report_page.render(found)


def test_group_that_is_apart_without_a_document_is_named_as_such() -> None:
    found = report(is_whole=False)
    found = structs.replace(found, suspects=[])

    assert "documents differ" not in report_page.verdict(found)
    assert "apart by more than the exceptions explain" in report_page.verdict(found)


def test_a_moment_that_is_not_known_is_a_dash() -> None:
    assert report_page.when(None) == "—"

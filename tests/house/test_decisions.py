"""docs/decisions holds numbered, dated pages of one form."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house.support.pages import decisions

PAGES = decisions()
CHAPTERS = ["Context", "Decision", "Cost"]
STATUS = re.compile(r"^Status: (?:accepted|superseded by \[\d{4}\]\(\S+\)), (\d{4}-\d\d-\d\d)$")


def lines_of(page: Path) -> list[str]:
    return page.read_text("utf-8").splitlines()


def day_of(page: Path) -> date:
    return date.fromisoformat(lines_of(page)[2][-10:])


def test_pages_are_numbered_without_a_gap() -> None:
    assert [page.name[:5] for page in PAGES] == [f"{n:04}-" for n in range(1, len(PAGES) + 1)]


def test_pages_are_numbered_by_their_day() -> None:
    assert [two for two in pairwise(PAGES) if day_of(two[0]) > day_of(two[1])] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_has_number_status_day_and_chapters(page: Path) -> None:
    title, _, status, *rest = lines_of(page)
    chapters = [line.removeprefix("## ") for line in rest if line.startswith("## ")]

    assert title.startswith(f"# {page.name[:4]} ")
    assert STATUS.match(status), status
    assert chapters in (CHAPTERS, [*CHAPTERS, "Would change it"])

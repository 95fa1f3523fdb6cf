"""What is made from the code says what the code says today: `make pages` writes it."""

from __future__ import annotations

import pytest

from tests.house.support import pages
from tests.house.support.pages import CHAPTERS, MARKED


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_is_as_the_code_makes_it(chapter: str) -> None:
    page, make = CHAPTERS[chapter]
    standing = {name: text for _, name, text, _ in MARKED.findall(page.read_text("utf-8"))}

    assert standing.get(chapter) == make(), "`make pages` brings the documents up to date"


def test_every_marked_chapter_has_a_maker() -> None:
    marked = {
        name
        for page in pages.DOCS.rglob("*.md")
        for _, name, _, _ in MARKED.findall(page.read_text("utf-8"))
    }

    assert marked == {*CHAPTERS}

"""The official SDK lives through the whole story against `syncd sandbox`, as any client would."""

from __future__ import annotations

import pytest

from tests.sandbox.acceptance.support.sdk import Xero
from tests.sandbox.acceptance.support.story import CHAPTERS, Chapter


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda each: each.__name__)
def test_official_sdk_lives_through(chapter: Chapter, xero: Xero) -> None:
    chapter(xero)


def test_story_has_all_its_chapters() -> None:
    assert len(CHAPTERS) >= 50

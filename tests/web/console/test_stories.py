"""What Xero's History told is kept for a minute, and bounded."""

from __future__ import annotations

from typing import cast

from syncd.engine.operator.explain import Explained
from syncd.web.console.stories import KEPT, MOST, Stories
from tests.store.build import ACME, AT

TOLD = cast("Explained", object())


def test_a_story_is_kept_for_a_minute() -> None:
    stories = Stories()
    stories.keep((ACME, "a"), TOLD, AT)

    assert stories.fresh((ACME, "a"), AT + KEPT / 2) is TOLD
    assert stories.fresh((ACME, "a"), AT + KEPT) is None
    assert stories.fresh((ACME, "b"), AT) is None


def test_the_oldest_story_goes_for_a_new_one() -> None:
    stories = Stories()
    for number in range(MOST + 1):
        stories.keep((ACME, str(number)), TOLD, AT)

    assert stories.fresh((ACME, "0"), AT) is None
    assert stories.fresh((ACME, str(MOST)), AT) is TOLD


def test_a_clock_that_was_set_back_keeps_no_story() -> None:
    stories = Stories()
    stories.keep((ACME, "a"), TOLD, AT)

    assert stories.fresh((ACME, "a"), AT - KEPT) is None

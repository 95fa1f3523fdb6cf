"""How far property tests search: each its own number of examples, twenty times as many at night."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

USUAL = 50
"""Examples of a property that says nothing of its own."""
NIGHTLY = 1000


def examples(count: int, **more: Any) -> settings:
    """A property that costs more, or less, than most: `count` examples, more where more are asked.

    `more` are settings of Hypothesis's own.
    """
    asked = settings.get_profile(settings.get_current_profile_name()).max_examples
    return settings(max_examples=max(1, count * asked // USUAL), **more)

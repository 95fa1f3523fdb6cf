"""Takes every fact, once, after commit. A listener may not raise or wait."""

from __future__ import annotations

from typing import Protocol

from syncd.domain.facts import Fact


class Observer(Protocol):
    """Told everything that happened; logs, metrics, health and tests stand behind it."""

    def __call__(self, fact: Fact) -> None:
        """Take note of `fact`."""
        ...

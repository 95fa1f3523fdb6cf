"""Gives each fact to every observer, in order; one that fails misses that fact only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncd.domain.facts import Fact
from syncd.ports.observer import Observer


class Fanout:
    """The observer of a running daemon."""

    def __init__(self, observers: Sequence[Observer], *, on_failure: Callable[[str], None]) -> None:
        self._observers = tuple(observers)
        self._on_failure = on_failure

    def __call__(self, fact: Fact) -> None:
        """Tell every observer; telling must never stop the work that is being told of."""
        for observer in self._observers:
            try:
                observer(fact)
            except Exception as error:  # noqa: BLE001  (an observer's bug must not stop a push)
                self._on_failure(f"{type(error).__name__} while telling {type(fact).__name__}")

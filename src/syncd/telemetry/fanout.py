"""Gives each fact to every window, in order; a window that fails is dropped from that fact only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncd.domain.facts import Fact

Window = Callable[[Fact], None]


class Fanout:
    """The observer of a running daemon."""

    def __init__(self, windows: Sequence[Window], *, on_failure: Callable[[str], None]) -> None:
        self._windows = tuple(windows)
        self._on_failure = on_failure

    def __call__(self, fact: Fact) -> None:
        """Tell every window; telling must never stop the work that is being told of."""
        for window in self._windows:
            try:
                window(fact)
            except Exception as error:  # noqa: BLE001  (a window's bug must not stop a push)
                self._on_failure(f"{type(error).__name__} while telling {type(fact).__name__}")

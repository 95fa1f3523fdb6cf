"""What one start of the daemon works out and every other start would again, worked out once.

A simulated day starts the daemon dozens of times, and a sweep of seeds lives hundreds of days in
one process. Each answer here follows from the program's files alone, so no day can tell; a real
daemon starts once and has no use for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import metadata
from typing import Any
from unittest.mock import patch

from syncd.bootstrap import system
from syncd.telemetry import series


@contextmanager
def constants_once() -> Iterator[None]:
    """Hold the daemon's constants for the block's life."""
    with ExitStack() as stack:
        for place, name, stand_in in _REPLACED:
            stack.enter_context(patch.object(place, name, stand_in))
        yield


def _no_combinations(*_: Sequence[str]) -> tuple[Sequence[str], ...]:
    """Series begin with their first event: nobody scrapes, and hundreds are made at each start."""
    return ()


_version = cache(metadata.version)
_REPLACED: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
    (system, "version", _version),
    (series, "product", _no_combinations),
)

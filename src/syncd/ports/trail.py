"""The trail: a short name that one round of news is given, and that all it leads to carries.

Whoever takes news in (a page of Pipeline's feed, a batch of Xero's events, a step of a sweep) works
on a trail of its own; the work it asks for keeps that name in the store, and whoever carries the
work out, or tells its result, works on the trails of what it took. What is logged meanwhile has
them. So it travels beside the calls, not through every signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRAILS: ContextVar[tuple[str, ...]] = ContextVar("syncd_trails", default=())


@contextmanager
def following(trails: Iterable[str | None]) -> Iterator[None]:
    """Work on these trails, each once, for the length of the block; none of them is no trail."""
    token = _TRAILS.set(tuple(dict.fromkeys(one for one in trails if one)))
    try:
        yield
    finally:
        _TRAILS.reset(token)


def current() -> str | None:
    """The trails that are worked on here, with a space between; None: no trail."""
    return " ".join(_TRAILS.get()) or None

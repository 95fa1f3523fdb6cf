"""What every test shares: how hypothesis searches, a database server, one repair of a library."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.searching import NIGHTLY, USUAL
from tests.support.postgresql import Cluster, started

# `ci` is the default: new examples in every run, and those that once failed first. A failure prints
# the line that repeats it on any machine (`@reproduce_failure`), or the seed where none does.
# `nightly` searches twenty times as far; `fixed` runs the same examples everywhere, and `few` a few
# of them: a story on a server takes a second where a file takes some hundredths.
FOUND = DirectoryBasedExampleDatabase(".hypothesis/examples")
COMMON: dict[str, Any] = {
    "deadline": None,
    "database": FOUND,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow],
}
GARBAGE_AFTER = 20_000
"""Objects; Python's own 700 take a twelfth of the suite's time."""
settings.register_profile("ci", max_examples=USUAL, **COMMON)
settings.register_profile("nightly", max_examples=NIGHTLY, **COMMON)
settings.register_profile(
    "fixed", max_examples=USUAL, **{**COMMON, "database": None}, derandomize=True
)
settings.register_profile("few", max_examples=3, **{**COMMON, "database": None}, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


WAITS = ("tests/journeys/", "tests/attack/")
"""Whose tests mostly wait for processes they have started."""
LONG = ("tests/browser/", "tests/simulation/")
"""Whose tests compute for long, each: begun first, so that nobody waits for one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every worker but one begin with what waits, so that the processors never do.

    Each of several workers is given a part of the list, from its start on, and takes from the end
    of another's what that has not begun (xdist's worksteal). A file of what waits is begun by one
    worker, so that what its tests share is started once.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return
    waiting = [one for one in items if one.nodeid.startswith(WAITS)]
    long = [one for one in items if one.nodeid.startswith(LONG)]
    rest = [one for one in items if not one.nodeid.startswith((*WAITS, *LONG))]
    place_of = {file: at for at, file in enumerate(dict.fromkeys(one.path for one in waiting))}
    waiters = workers - 1
    ordered: list[pytest.Item] = []
    for at in range(waiters):
        ordered += [one for one in waiting if place_of[one.path] % waiters == at]
        more = max(0, len(items) * (at + 1) // workers - len(ordered))
        ordered, rest = [*ordered, *rest[:more]], rest[more:]
    items[:] = [*ordered, *long, *rest]


class MockedResponse(aiohttp.ClientResponse):
    """aioresponses 0.7.9 leaves out stream_writer, which aiohttp asks for since 3.14.

    Upstream: pnuckowski/aioresponses#289. tests/house/test_aioresponses_shim.py fails on the day
    this class is no longer needed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


def pytest_collection_finish() -> None:
    """Thousands of tests live to the end: nobody looks for garbage among them, nor often beside.

    To look through all of them once takes a second of a processor.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, 10, 10)


@pytest.fixture(autouse=True)
def _aioresponses_works_with_this_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only tests that use the library pay for it.
    if "aioresponses.core" in sys.modules:
        monkeypatch.setattr("aioresponses.core.ClientResponse", MockedResponse)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server, started for the first test of this process that asks for it."""
    with started() as cluster:
        yield cluster


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """Where a fresh, empty database is reached; it is dropped after the test."""
    with postgresql.database() as name:
        yield postgresql.url(name)

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.support.harness import THOROUGH, Daemon, Journey, Worlds, journey


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A connected daemon between empty books, shared by the tests of a module."""
    with journey(tmp_path_factory.mktemp("journey")) as under_way:
        yield under_way


@pytest.fixture
def unconnected(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that is not started and knows no organisation."""
    worlds = Worlds(tmp_path)
    daemon = Daemon(worlds, tmp_path)
    try:
        yield daemon
    finally:
        daemon.close()
        worlds.close()


@pytest.fixture(scope="session")
def thorough() -> int:
    """How many times as long crash loops run; `SYNCD_CHAOS=10` for an hour of it."""
    return THOROUGH

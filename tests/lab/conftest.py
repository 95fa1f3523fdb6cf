"""What every test of the lab needs: libraries held still, and the dead forgotten afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncd.lab.library_clocks import deterministic_aiohttp
from syncd.lab.processes import forget_the_dead


@pytest.fixture(autouse=True)
def stilled() -> Iterator[None]:
    with deterministic_aiohttp():
        yield
        forget_the_dead()

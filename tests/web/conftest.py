"""The operator listener, served."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.web.support.serving import Served, operators


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with operators() as found:
        yield found

"""A daemon to command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.commanding import Commanded, daemon


@pytest.fixture
async def commanded(tmp_path: Path) -> AsyncIterator[Commanded]:
    async with daemon(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")

"""A store's file as the migrations leave it: made once in a process, then copied.

To migrate a file from nothing costs some forty milliseconds of a processor, a copy less than one.
Migrations themselves are tried in tests/store.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import anyio

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.store import migrate

AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When it was migrated."""


def migrated(path: Path) -> Path:
    """Lay a store at `path` that has every migration and no row of anybody's; the path."""
    path.write_bytes(_file())
    return path


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        # On a loop of its own, whatever loop the test runs on.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(anyio.run, _make, path).result()
        return path.read_bytes()


async def _make(path: Path) -> None:
    driver = InlineDriver(path)
    await migrate.upgrade(driver, AT)
    await driver.close()
